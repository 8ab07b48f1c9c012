//! What goes wrong in a store.

use std::{error::Error, fmt, io, path::PathBuf, sync::Arc};

/// A store did not do what it was asked.
#[derive(Debug, Clone)]
pub struct StoreError {
    what: String,
    is_transient: bool,
    /// Shared by those who wrote in the transaction that failed.
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// Whether it failed because it was busy or away, so that the same may work a moment later. The client is told to come
    /// again (503 with Retry-After).
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }

    /// What a driver says.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(super) fn of(store: &str, source: impl Error + Send + Sync + 'static, is_transient: bool) -> Self {
        Self { what: format!("{store} failed"), is_transient, source: Some(Arc::new(source)) }
    }

    /// There was no answer in time, perhaps because the network is cut.
    #[cfg(feature = "postgres")]
    pub(super) fn timed_out(store: &str) -> Self {
        Self { what: format!("{store} did not answer in time"), is_transient: true, source: None }
    }

    /// The server is stopping and has let go of the database.
    #[cfg(feature = "sqlite")]
    pub(super) fn closed() -> Self {
        Self { what: "the database is closed: the server is stopping".to_owned(), is_transient: true, source: None }
    }

    /// A query panicked; the panic hook has told of it.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(super) fn panicked() -> Self {
        Self { what: "a query panicked".to_owned(), is_transient: false, source: None }
    }

    /// A record is not what this server writes.
    #[cfg(feature = "redis")]
    pub(super) fn unreadable(store: &str) -> Self {
        let what = format!("a record in {store} cannot be read: was it written by another version of miniauth?");
        Self { what, is_transient: false, source: None }
    }
}

/// A store fails because it is away, is full, takes no writes for the moment, or its network breaks, in more ways than can be listed.
/// So what a driver says means that, unless it is about a statement of this server's own, which would fail again.
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

/// The classes of codes (appendix A of PostgreSQL's manual) for statements that fail again: features, cardinalities, data, constraints,
/// unknown statements, syntax and rights, and damage in the database itself.
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
    #[error("the app {app_id} stands twice in the configuration; leave one of them out")]
    AppTwice {
        /// The app's id.
        app_id: String,
    },
    /// The database is in use with another server key.
    #[error(
        "the database is in use with another key ({in_use}) than this server's ({own}): give all instances the same key_file. To \
         change the key, name the one of before in old_key_files; all instances need both by then. If it is lost, so are the tokens \
         that it sealed: delete the row of the table server_key"
    )]
    OtherKey {
        /// The id of the key that the database is in use with.
        in_use: String,
        /// The id of this server's.
        own: String,
    },
    /// The database failed as it was asked for its key.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file or its folder cannot be made.
    #[error("cannot create the database file {path}: {source}; check the folder and its permissions")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder of the erasure journal cannot be made or written to.
    #[error("cannot write the erasure journal in {folder}: {source}; check the folder and its permissions")]
    ErasureJournal {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The store cannot be reached, or is none.
    #[error("cannot open {store}: {source}; {advice}")]
    Unusable {
        /// Which one, without a password.
        store: String,
        /// What its driver says.
        source: Box<dyn Error + Send + Sync>,
        /// What to look at.
        advice: &'static str,
    },
    /// The tables cannot be brought up to date.
    #[error("cannot bring the tables of {place} up to date: {source}; were they written by a newer version?")]
    Migration {
        /// Which database, without a password.
        place: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
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

#[cfg(all(test, feature = "postgres", feature = "redis"))]
mod tests {
    use super::*;

    #[test]
    fn what_fails_again_is_no_reason_to_come_again() {
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
