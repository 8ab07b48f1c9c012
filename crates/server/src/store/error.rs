//! The errors of the stores.

use std::{error::Error, fmt, io, path::PathBuf, sync::Arc};

/// A store operation failed.
#[derive(Debug, Clone)]
pub struct StoreError {
    what: String,
    is_transient: bool,
    /// Shared by all writes of the failed transaction.
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// Returns whether the store was only busy or unavailable, so that a retry may succeed. Clients then get 503 with
    /// Retry-After.
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }

    /// Wraps a driver's error.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(super) fn of(store: &str, source: impl Error + Send + Sync + 'static, is_transient: bool) -> Self {
        Self { what: format!("{store} failed"), is_transient, source: Some(Arc::new(source)) }
    }

    /// No answer arrived in time, perhaps because the network is down.
    #[cfg(feature = "postgres")]
    pub(super) fn timed_out(store: &str) -> Self {
        Self { what: format!("{store} did not answer in time"), is_transient: true, source: None }
    }

    /// The server is stopping and has closed the database.
    #[cfg(feature = "sqlite")]
    pub(super) fn closed() -> Self {
        Self { what: "the database is closed: the server is stopping".to_owned(), is_transient: true, source: None }
    }

    /// A query panicked; the panic hook has reported it.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(super) fn panicked() -> Self {
        Self { what: "a query panicked".to_owned(), is_transient: false, source: None }
    }

    /// A record is not in this server's format.
    #[cfg(feature = "redis")]
    pub(super) fn unreadable(store: &str) -> Self {
        let what = format!("a record in {store} cannot be read: was it written by another version of miniauth?");
        Self { what, is_transient: false, source: None }
    }
}

/// A store can be unavailable, full, read-only or cut off in more ways than can be listed. So every driver error counts
/// as transient, unless it is about one of this server's own statements, which would fail again.
#[cfg(feature = "redis")]
impl StoreError {
    pub(super) fn is_passing(error: &redis::RedisError) -> bool {
        use redis::{ErrorKind, ServerErrorKind};
        let own_fault =
            matches!(error.kind(), ErrorKind::UnexpectedReturnType | ErrorKind::Server(ServerErrorKind::ResponseError))
                || error.code() == Some("WRONGTYPE");
        !own_fault
    }
}

#[cfg(feature = "redis")]
impl From<redis::RedisError> for StoreError {
    fn from(error: redis::RedisError) -> Self {
        let is_passing = Self::is_passing(&error);
        Self::of("Redis", error, is_passing)
    }
}

/// The code classes (appendix A of PostgreSQL's manual) of statements that would fail again: features, cardinalities,
/// data, constraints, unknown statements, syntax and access rights, and damage in the database.
#[cfg(feature = "postgres")]
const OWN_FAULTS: [&str; 7] = ["0A", "21", "22", "23", "26", "42", "XX"];

#[cfg(feature = "postgres")]
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::*;
        let own_fault = match &error {
            Database(told) => told.code().is_some_and(|code| OWN_FAULTS.iter().any(|class| code.starts_with(class))),
            InvalidArgument(_)
            | RowNotFound
            | TypeNotFound { .. }
            | ColumnIndexOutOfBounds { .. }
            | ColumnNotFound(_)
            | ColumnDecode { .. }
            | Encode(_)
            | Decode(_) => true,
            _ => false,
        };
        Self::of("the database", error, !own_fault)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        match &self.source {
            Some(source) => write!(formatter, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref()?)
    }
}

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Two apps of the configuration have the same id.
    #[error("the app {app_id} is configured twice; remove one of the entries")]
    AppTwice {
        /// The app's id.
        app_id: String,
    },
    /// The database is used with another server key.
    #[error(
        "the database is used with another key ({in_use}) than this server's ({own}): give all instances the same key_file. To \
         change the key, add the previous one to old_key_files; all instances need both then. If it is lost, so are the tokens that it \
         sealed: delete the row of the table server_key"
    )]
    OtherKey {
        /// The id of the key that the database is used with.
        in_use: String,
        /// The id of this server's key.
        own: String,
    },
    /// Reading or recording the key failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database file or its folder cannot be created.
    #[error("cannot create the database file {path}: {source}; check the folder and its permissions")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder of the erasure journal cannot be created or written.
    #[error("cannot write the erasure journal in {folder}: {source}; check the folder and its permissions")]
    ErasureJournal {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The store cannot be reached, or is not such a store.
    #[error("cannot open {store}: {source}; {advice}")]
    Unusable {
        /// The store, without a password.
        store: String,
        /// The driver's error.
        source: Box<dyn Error + Send + Sync>,
        /// What to check.
        advice: &'static str,
    },
    /// The tables cannot be brought up to date.
    #[error("cannot bring the tables of {place} up to date: {source}; were they written by a newer version?")]
    Migration {
        /// The database, without a password.
        place: String,
        /// The error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The store was not included in this build.
    #[error("this build has no {store}: build it with the cargo feature `{feature}`, or use another store")]
    LeftOut {
        /// The store.
        store: &'static str,
        /// The feature of miniauth-server and miniauth-cli that includes it.
        feature: &'static str,
    },
}

#[cfg(all(test, feature = "postgres", feature = "redis"))]
mod tests {
    use super::*;

    #[test]
    fn permanent_errors_are_not_transient() {
        for (error, is_transient) in [
            (sqlx::Error::RowNotFound, false),
            (sqlx::Error::ColumnNotFound("x".to_owned()), false),
            (sqlx::Error::PoolTimedOut, true),
            (sqlx::Error::Io(io::ErrorKind::ConnectionReset.into()), true),
        ] {
            let told = StoreError::from(error);
            assert_eq!(told.is_transient(), is_transient, "{told}");
            assert!(told.to_string().starts_with("the database failed: ") && told.source().is_some(), "{told}");
        }
        for (kind, is_transient) in [(redis::ErrorKind::UnexpectedReturnType, false), (redis::ErrorKind::Io, true)] {
            assert_eq!(StoreError::from(redis::RedisError::from((kind, "x"))).is_transient(), is_transient, "{kind:?}");
        }
    }
}
