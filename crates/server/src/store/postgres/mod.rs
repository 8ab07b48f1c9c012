//! PostgreSQL: for any number of instances.
//!
//! READ COMMITTED suffices: primary keys prevent what must not happen twice, and a user's data changes under the lock
//! of the subject's row. Concurrent clean-ups skip each other's rows, and nobody waits for their batches.

mod audit;
mod backends;
mod codes;
mod members;
mod phones;
mod pool;
mod records;
mod sessions;
mod subjects;
mod token_keys;
mod transfer;
mod withdrawals;

use self::pool::Pool;
use super::{
    OpenError, StoreError,
    address::SecretUrl,
    batches::{Answer, Batches},
    members::Owner,
    sessions::SessionRecord,
};
use crate::crypto::SessionHash;
use miniauth_core::wire::SubjectId;
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, Postgres, Row as _, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgArguments, PgConnectOptions, PgQueryResult, PgRow},
    query::Query,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Longer than any statement may take on the server ([`pool`]), so only a broken network exceeds it.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The connections of an instance.
pub(super) struct Database {
    pool: Pool,
    /// Batches session checks.
    sessions: Batches<SessionHash, Arc<SessionRecord>>,
    /// Batches reads of owners whose sessions are in a separate store.
    owners: Batches<SubjectId, Owner>,
    /// When inserting rows was last tested, and the result.
    write_probe: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

impl Database {
    /// Runs a login's write. If it fails, the next login tests writing again.
    async fn rechecking_on_failure<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let done = work.await;
        if done.is_err() {
            *self.write_probe.lock().await = None;
        }
        done
    }

    /// Vacuums the rows of the write test, which were rolled back but still take space. In the background, because it
    /// may wait for a reader of all tables.
    fn vacuum_write_probe(&self) {
        let pool = self.pool.clone();
        tokio::spawn(bounded(async move {
            sqlx::raw_sql("VACUUM (SKIP_LOCKED) write_probe").execute(&mut *pool.acquire().await?).await
        }));
    }

    async fn execute(&self, statement: Statement<'_>) -> Result<PgQueryResult, StoreError> {
        bounded(self.pool.execute(statement)).await
    }
}

/// Connects and brings the tables up to date. `sslmode` in the URL sets the encryption, as in libpq: `prefer` by
/// default; use `verify-full` for other machines.
pub(super) async fn open(url: &SecretUrl) -> Result<Database, OpenError> {
    let failed = |source: sqlx::Error| OpenError::Unusable {
        store: format!("the database {}", url.shown),
        source: source.into(),
        advice: "is it running, and are user, password, database and sslmode right?",
    };
    let options: PgConnectOptions = url.expose().parse().map_err(failed)?;
    let options = options.application_name("miniauth").disable_statement_logging();
    // Without the time limits, because migrating a large table takes long. Instances that start together wait for each
    // other.
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
    Migrator::with_migrations(migrations())
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| OpenError::Migration { place: url.shown.clone(), source: source.into() })?;
    connection.close().await.map_err(failed)?;
    let pool = Pool::connect(options).await.map_err(failed)?;
    let (sessions, owners) = (sessions::read(pool.clone()), members::read_owners(pool.clone()));
    Ok(Database { pool, sessions, owners, write_probe: Mutex::default() })
}

fn migrations() -> Vec<Migration> {
    let simple = |version, name: &'static str, text: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    vec![
        simple(1, "first", include_str!("../../../migrations/postgres/0001_first.sql")),
        simple(2, "owner of sessions", include_str!("../../../migrations/postgres/0002_owner_of_sessions.sql")),
        simple(3, "subjects", include_str!("../../../migrations/postgres/0003_subjects.sql")),
        simple(4, "withdrawals", include_str!("../../../migrations/postgres/0004_withdrawals.sql")),
        simple(5, "member of a subject", include_str!("../../../migrations/postgres/0005_member_of_a_subject.sql")),
        simple(6, "write probe", include_str!("../../../migrations/postgres/0006_write_probe.sql")),
        simple(7, "refused codes", include_str!("../../../migrations/postgres/0007_refused_codes.sql")),
        simple(8, "server key", include_str!("../../../migrations/postgres/0008_server_key.sql")),
        simple(9, "phones", include_str!("../../../migrations/postgres/0009_phones.sql")),
        simple(10, "token keys", include_str!("../../../migrations/postgres/0010_token_keys.sql")),
        simple(11, "back-ends", include_str!("../../../migrations/postgres/0011_backends.sql")),
        simple(12, "audit", include_str!("../../../migrations/postgres/0012_audit.sql")),
    ]
}

/// Bounds how long a caller waits for a server that does not answer.
async fn bounded<T>(work: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST_WAIT, work).await {
        Ok(done) => done.map_err(StoreError::from),
        Err(_) => Err(StoreError::timed_out("PostgreSQL")),
    }
}

/// Bounds how long a caller waits for its answer in a batch, as for a statement of its own.
async fn answered<T>(answer: impl Future<Output = Answer<T>>) -> Answer<T> {
    tokio::time::timeout(LONGEST_WAIT, answer).await.unwrap_or_else(|_| Err(StoreError::timed_out("PostgreSQL")))
}

/// Turns a statement for one key into one for many: `$1` is the array of keys, and each row has the key's position.
///
/// It looks up each key through the index. With `= ANY($1)` the planner would scan small tables, and those without
/// statistics. `generate_subscripts` has a fixed row estimate, so the statement is planned once; with `unnest` it would
/// be planned again for each short array, which takes several times as long as reading.
macro_rules! for_each {
    ($($statement:expr),+) => {
        concat!(
            "SELECT place, found.* FROM generate_subscripts($1, 1) AS place CROSS JOIN LATERAL (",
            $($statement,)+
            " = $1[place] LIMIT 1) AS found"
        )
    };
}
use for_each;

/// Sorts the rows of a [`for_each!`] into the answers for `count` keys.
fn by_place<T>(count: usize, rows: &[PgRow], read: impl Fn(&PgRow) -> sqlx::Result<T>) -> sqlx::Result<Vec<Answer<T>>> {
    let mut answers: Vec<_> = (0..count).map(|_| Ok(None)).collect();
    for row in rows {
        let place = usize::try_from(row.try_get::<i32, _>("place")? - 1).unwrap_or(count);
        if let Some(answer) = answers.get_mut(place) {
            *answer = read(row).map(Some).map_err(StoreError::from);
        }
    }
    Ok(answers)
}

/// How often a transaction that lost a race is attempted.
const MAX_ATTEMPTS: u32 = 8;

/// Runs a transaction, and repeats it if it loses a race over ids: only a unique index stops two that learn the
/// same id at once, and an erasure may meet a merge.
async fn raced<T, F: Future<Output = sqlx::Result<T>>>(work: impl Fn() -> F) -> Result<T, StoreError> {
    bounded(async {
        let mut attempts = 1;
        loop {
            match work().await {
                Err(sqlx::Error::Database(error)) if attempts < MAX_ATTEMPTS && is_lost_race(&*error) => attempts += 1,
                done => return done,
            }
        }
    })
    .await
}

/// Returns whether it is a deadlock, or another transaction has taken the id.
fn is_lost_race(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().as_deref() == Some("40P01")
        || error.is_unique_violation() && error.constraint().is_some_and(|name| name.starts_with("subjects_by_"))
}

#[cfg(test)]
mod tests;
