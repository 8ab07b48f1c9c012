//! What goes wrong in a store.

use std::{error::Error, io, path::PathBuf};

/// A store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// PostgreSQL failed.
    #[cfg(feature = "postgres")]
    #[error("the database failed: {0}")]
    Postgres(#[from] sqlx::Error),
    /// SQLite failed.
    #[cfg(feature = "sqlite")]
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Redis failed.
    #[cfg(feature = "redis")]
    #[error("Redis failed: {0}")]
    Redis(#[from] redis::RedisError),
    /// There was no answer in time, perhaps because the network is cut.
    #[error("{0} did not answer in time")]
    TimedOut(&'static str),
    /// The server is stopping and has let go of the database.
    #[error("the database is closed: the server is stopping")]
    Closed,
    /// A record is not what this server writes.
    #[error("a record in {0} cannot be read: was it written by another version of miniauth?")]
    Unreadable(&'static str),
}

impl StoreFault {
    /// Whether it failed because it was busy or away, so that the same may work a moment later. The client is told to come
    /// again (503 with Retry-After).
    pub fn is_passing(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(fault) => super::postgres::is_passing(fault),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(fault) => super::sqlite::is_busy(fault),
            #[cfg(feature = "redis")]
            Self::Redis(fault) => super::redis::is_passing(fault),
            Self::TimedOut(_) | Self::Closed => true,
            Self::Unreadable(_) => false,
        }
    }
}

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// Two apps of the configuration have the same id.
    #[error("the app {app_id} stands twice in the configuration; leave one of them out")]
    AppTwice {
        /// The app's id.
        app_id: String,
    },
    /// The file or its folder cannot be made.
    #[error("cannot create the database file {path}: {source}; check the folder and its permissions")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database cannot be reached, or is none.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("cannot open the database {place}: {source}; {advice}")]
    Database {
        /// Which one, without a password.
        place: String,
        /// What the database says.
        source: Box<dyn Error + Send + Sync>,
        /// What to look at.
        advice: &'static str,
    },
    /// The tables cannot be brought up to date.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error("cannot bring the tables of {place} up to date: {source}; were they written by a newer version?")]
    Migration {
        /// Which database, without a password.
        place: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Redis cannot be reached.
    #[cfg(feature = "redis")]
    #[error("cannot reach Redis at {place}: {source}; is it running, and are user and password right?")]
    Redis {
        /// Which one, without a password.
        place: String,
        /// What Redis says.
        source: redis::RedisError,
    },
    /// The store was left out when the program was built.
    #[error("this build has no {store}: build it with the cargo feature `{feature}`, or use another store")]
    LeftOut {
        /// The store.
        store: &'static str,
        /// The feature of miniauth-server and miniauth-cli that has it.
        feature: &'static str,
    },
}
