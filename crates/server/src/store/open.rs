//! Opening the stores that the addresses name.

use super::{DatabaseUrl, OpenFault, SessionsUrl, StoreFault, Stores, address::Place, cached::CachedSessions};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::{codes::CodeStore, members::MemberStore, sessions::SessionStore};
use std::{sync::Arc, time::Duration};

impl Stores {
    /// Opens the database, brings its tables up to date (a SQLite file is made where it is missing), and reaches for the
    /// session store, if sessions are not to be kept in the database.
    ///
    /// # Errors
    /// [`OpenFault`] with the place and what to look at.
    pub async fn open(database: &DatabaseUrl, sessions: Option<&SessionsUrl>) -> Result<Self, OpenFault> {
        let stores = Self::open_database(database).await?;
        match sessions {
            Some(url) => stores.with_sessions_in(url).await,
            None => Ok(stores),
        }
    }

    async fn open_database(database: &DatabaseUrl) -> Result<Self, OpenFault> {
        match &database.0 {
            #[cfg(feature = "sqlite")]
            Place::Sqlite(path) => Ok(Self::all_in(super::sqlite::open(path).await?)),
            #[cfg(not(feature = "sqlite"))]
            Place::Sqlite(_) => Err(OpenFault::LeftOut { store: "SQLite", feature: "sqlite" }),
            #[cfg(feature = "postgres")]
            Place::Postgres(url) => Ok(Self::all_in(super::postgres::open(url).await?)),
            #[cfg(not(feature = "postgres"))]
            Place::Postgres(_) => Err(OpenFault::LeftOut { store: "PostgreSQL", feature: "postgres" }),
        }
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    fn all_in(database: impl CodeStore + MemberStore + SessionStore + 'static) -> Self {
        let database = Arc::new(database);
        Self { codes: database.clone(), members: database.clone(), sessions: database }
    }

    /// Remembers sessions that were read; no longer than `staleness`, and not at all when that is zero.
    pub(crate) fn remembering_sessions(self, staleness: Duration) -> Self {
        if staleness.is_zero() {
            return self;
        }
        Self { sessions: Arc::new(CachedSessions::new(self.sessions, staleness)), ..self }
    }

    #[cfg(feature = "redis")]
    async fn with_sessions_in(self, url: &SessionsUrl) -> Result<Self, OpenFault> {
        let sessions = super::redis::open(url, self.members.clone()).await?;
        Ok(Self { sessions: Arc::new(sessions), ..self })
    }

    #[cfg(not(feature = "redis"))]
    async fn with_sessions_in(self, _: &SessionsUrl) -> Result<Self, OpenFault> {
        Err(OpenFault::LeftOut { store: "Redis", feature: "redis" })
    }

    /// Whether the server can work: whether its stores answer.
    pub(crate) async fn probe(&self) -> Result<(), StoreFault> {
        self.members.probe().await?;
        self.sessions.probe().await
    }

    /// Finishes what is under way and lets go of the database.
    pub async fn close(&self) {
        self.members.close().await;
    }
}

#[cfg(all(test, not(all(feature = "postgres", feature = "redis", feature = "sqlite"))))]
mod tests {
    use super::*;

    /// Run it with `--no-default-features` and some of the features.
    #[tokio::test]
    async fn a_store_that_was_left_out_is_named_with_its_feature() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("miniauth.db").display());
        let told = async |database: &str, sessions: Option<SessionsUrl>| {
            let database = DatabaseUrl::parse(database).unwrap();
            Stores::open(&database, sessions.as_ref()).await.err().unwrap().to_string()
        };
        if cfg!(not(feature = "sqlite")) {
            assert!(told(&file, None).await.contains("no SQLite: build it with the cargo feature `sqlite`"));
        } else if cfg!(not(feature = "redis")) {
            let sessions = SessionsUrl::parse("redis://127.0.0.1").unwrap();
            assert!(told(&file, Some(sessions)).await.contains("no Redis: build it with the cargo feature `redis`"));
        }
        if cfg!(not(feature = "postgres")) {
            let told = told("postgres://127.0.0.1:1/shop", None).await;
            assert!(told.contains("no PostgreSQL: build it with the cargo feature `postgres`"), "{told}");
        }
    }
}
