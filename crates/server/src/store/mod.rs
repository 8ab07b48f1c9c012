//! What the server stores, and where.
//!
//! One trait per kind of data: codes; subjects with their members, grants and consents; phone numbers; the keys that
//! sign tokens; back-ends; and sessions. What must be atomic is one method. SQLite and PostgreSQL implement all traits,
//! each in its own way; Redis implements only sessions, beside one of the two.

mod address;
pub(crate) mod audit;
pub(crate) mod backends;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod batches;
mod cached;
pub(crate) mod codes;
mod erasures;
mod error;
pub(crate) mod grants;
pub(crate) mod logins;
pub mod members;
mod observed;
pub(crate) mod phones;
#[cfg(feature = "postgres")]
mod postgres;
pub mod records;
#[cfg(feature = "redis")]
mod redis;
mod rows;
pub(crate) mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;
pub(crate) mod subjects;
pub(crate) mod token_keys;
pub mod transfer;
mod withdrawals;

pub use address::{DatabaseUrl, DatabaseUrlError, SessionStoreUrl, SessionStoreUrlError};
pub use audit::{Actor, AuditAction, AuditActionError, AuditFilter, AuditRow, OperatorName, OperatorNameError};
pub use backends::{Backend, BackendClaims, BackendClaimsError, BackendName, BackendNameError};
pub use erasures::ErasureEntry;
pub use error::{OpenError, StoreError};
#[cfg(feature = "sqlite")]
pub use sqlite::backup::{BackedUp, BackupError, Restored};
pub use subjects::{Judged, SecondIdError};
pub use token_keys::TokenKeyInfo;
pub use withdrawals::{AfterWithdrawal, AfterWithdrawalError, Withdrawn};

use self::{
    address::Place,
    audit::AuditStore,
    backends::BackendStore,
    cached::CachedSessions,
    codes::CodeStore,
    erasures::ErasureJournal,
    members::{MemberStore, StoredMember},
    phones::{NewPhone, PhoneStore},
    records::RecordStore,
    rows::Movable,
    sessions::SessionStore,
    token_keys::TokenKeyStore,
};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::VerifiedMember;
use std::{path::Path, sync::Arc, time::Duration};

/// All stores of a server. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    pub(crate) audit: Arc<dyn AuditStore>,
    pub(crate) backends: Arc<dyn BackendStore>,
    pub(crate) codes: Arc<dyn CodeStore>,
    pub(crate) members: Arc<dyn MemberStore>,
    pub(crate) phones: Arc<dyn PhoneStore>,
    records: Arc<dyn RecordStore>,
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) token_keys: Arc<dyn TokenKeyStore>,
    erasure_journal: Option<Arc<ErasureJournal>>,
}

impl Stores {
    /// Opens the database and brings its tables up to date (creates a missing SQLite file), and connects to the session
    /// store if there is a separate one.
    ///
    /// # Errors
    /// [`OpenError`], which names the store and says what to check.
    pub async fn open(database: &DatabaseUrl, sessions: Option<&SessionStoreUrl>) -> Result<Self, OpenError> {
        let database = open_database(database).await?;
        let stores = Self {
            audit: database.clone(),
            backends: database.clone(),
            codes: database.clone(),
            members: database.clone(),
            phones: database.clone(),
            records: database.clone(),
            sessions: database.clone(),
            token_keys: database,
            erasure_journal: None,
        };
        match sessions {
            Some(url) => stores.with_sessions_in(url).await,
            None => Ok(stores),
        }
    }

    /// Records erasures in a folder, which is created if missing, so that they can be repeated after a restore.
    ///
    /// # Errors
    /// [`OpenError::ErasureJournal`] if the folder cannot be written.
    pub fn writing_erasures_to(self, folder: &Path, now: Timestamp) -> Result<Self, OpenError> {
        match ErasureJournal::open(folder, now) {
            Ok(journal) => Ok(Self { erasure_journal: Some(Arc::new(journal)), ..self }),
            Err(source) => Err(OpenError::ErasureJournal { folder: folder.to_owned(), source }),
        }
    }

    /// Caches sessions for at most `staleness`, or not at all if it is zero.
    pub(crate) fn remembering_sessions(self, staleness: Duration) -> Self {
        if staleness.is_zero() {
            return self;
        }
        Self { sessions: Arc::new(CachedSessions::new(self.sessions, staleness)), ..self }
    }

    #[cfg(feature = "redis")]
    async fn with_sessions_in(self, url: &SessionStoreUrl) -> Result<Self, OpenError> {
        let sessions = redis::open(url, self.members.clone()).await?;
        Ok(Self { sessions: Arc::new(sessions), ..self })
    }

    #[cfg(not(feature = "redis"))]
    async fn with_sessions_in(self, _: &SessionStoreUrl) -> Result<Self, OpenError> {
        Err(OpenError::LeftOut { store: "Redis", feature: "redis" })
    }

    /// Saves what the platform says now about a member; `None` if the member was erased in the meantime, and stays so.
    ///
    /// ```
    /// use miniauth_core::{time::Timestamp, wire::SubjectId};
    /// use miniauth_openplatform::VerifiedMember;
    /// use miniauth_server::store::Stores;
    ///
    /// async fn save(stores: &Stores, whose: SubjectId, signed: VerifiedMember, now: Timestamp) {
    ///     let _ = stores.refresh_member(whose, signed, now).await;
    /// }
    /// ```
    ///
    /// A page can only send a wire type, which cannot be saved; this does not compile:
    ///
    /// ```compile_fail,E0308
    /// use miniauth_core::{time::Timestamp, wire::{MemberView, SubjectId}};
    /// use miniauth_server::store::Stores;
    ///
    /// async fn save(stores: &Stores, whose: SubjectId, sent: MemberView, now: Timestamp) {
    ///     let _ = stores.refresh_member(whose, sent, now).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, and within the result [`SecondIdError`] if the answer contradicts the
    /// known ids.
    pub async fn refresh_member(
        &self,
        subject: SubjectId,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Judged<Option<StoredMember>> {
        let refreshed = self.members.refresh_member(subject, member, now).await;
        self.sessions.member_changed(subject);
        refreshed
    }

    /// Saves a phone number as [`PhoneStore::save_phone`] does.
    pub(crate) async fn save_phone(&self, phone: NewPhone) -> Result<Option<bool>, StoreError> {
        let subject = phone.subject;
        let saved = self.phones.save_phone(Arc::new(phone)).await;
        self.sessions.member_changed(subject);
        saved
    }

    /// Returns whether sessions can be read.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        self.members.probe().await?;
        self.sessions.probe().await
    }

    /// Returns whether the stores accept a login's writes. A login checks this before it claims a code, so that an
    /// unavailable, full or read-only store costs no code.
    pub(crate) async fn probe_write(&self) -> Result<(), StoreError> {
        self.members.probe_write().await?;
        self.sessions.probe_write().await
    }

    /// Finishes pending work and closes the database.
    pub async fn close(&self) {
        self.members.close().await;
    }
}

/// Copies a SQLite database, as it is at one moment and while servers write, into a new file that only its owner can
/// read, and verifies the copy. Writes the audit row first, unless the disk is full. Blocks on the disk.
///
/// # Errors
/// [`BackupError`]; then there is no copy.
#[cfg(feature = "sqlite")]
pub fn back_up(database: &DatabaseUrl, copy: &Path, by: &Actor, now: Timestamp) -> Result<BackedUp, BackupError> {
    let entry = audit::AuditEntry::new(by, AuditAction::DatabaseCopied, now);
    sqlite::backup::back_up(database.file().ok_or(BackupError::NotSqlite)?, copy, &entry)
}

/// Replaces a SQLite database, which no process may have open, by a copy that it verifies first. Adds the audit rows of
/// the previous database. Blocks on the disk.
///
/// # Errors
/// [`BackupError`]; then the database is unchanged.
#[cfg(feature = "sqlite")]
pub fn restore(copy: &Path, database: &DatabaseUrl, by: &Actor, now: Timestamp) -> Result<Restored, BackupError> {
    let entry = audit::AuditEntry::new(by, AuditAction::DatabaseRestored, now);
    sqlite::backup::restore(copy, database.file().ok_or(BackupError::NotSqlite)?, &entry)
}

/// A database that stores everything, as opposed to a session store.
trait Database:
    AuditStore + BackendStore + CodeStore + MemberStore + PhoneStore + RecordStore + SessionStore + TokenKeyStore + Movable
{
}

#[cfg(feature = "postgres")]
impl Database for postgres::Database {}

#[cfg(feature = "sqlite")]
impl Database for sqlite::Database {}

/// Opens a database and brings its tables up to date. Creates a missing SQLite file.
async fn open_database(database: &DatabaseUrl) -> Result<Arc<dyn Database>, OpenError> {
    match &database.0 {
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Ok(Arc::new(sqlite::open::open(path).await?)),
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(OpenError::LeftOut { store: "SQLite", feature: "sqlite" }),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Ok(Arc::new(postgres::open(url).await?)),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(OpenError::LeftOut { store: "PostgreSQL", feature: "postgres" }),
    }
}

/// Converts a time to the databases' form: signed 64-bit milliseconds.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn to_stored(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn from_stored(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(all(test, not(all(feature = "postgres", feature = "redis", feature = "sqlite"))))]
mod tests {
    use super::*;

    /// Run it with `--no-default-features` and some of the features.
    #[tokio::test]
    async fn a_store_that_was_left_out_is_named_with_its_feature() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("miniauth.db").display());
        let told = async |database: &str, sessions: Option<SessionStoreUrl>| {
            let database = DatabaseUrl::parse(database).unwrap();
            Stores::open(&database, sessions.as_ref()).await.err().unwrap().to_string()
        };
        if cfg!(not(feature = "sqlite")) {
            assert!(told(&file, None).await.contains("no SQLite: build it with the cargo feature `sqlite`"));
        } else if cfg!(not(feature = "redis")) {
            let sessions = SessionStoreUrl::parse("redis://127.0.0.1").unwrap();
            assert!(told(&file, Some(sessions)).await.contains("no Redis: build it with the cargo feature `redis`"));
        }
        if cfg!(not(feature = "postgres")) {
            let told = told("postgres://127.0.0.1:1/shop", None).await;
            assert!(told.contains("no PostgreSQL: build it with the cargo feature `postgres`"), "{told}");
        }
    }
}
