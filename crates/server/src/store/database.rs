//! Opening the SQLite file.

use sqlx::{
    SqlSafeStr as _, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How many sessions can be checked at the same time. Reading from SQLite is bound by the processor, not by waiting.
const READERS: u32 = 4;

/// How long a request waits for another process that writes (a backup, say), and for a free connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the server keeps its data: `sqlite://` and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(PathBuf);

impl DatabaseUrl {
    /// Reads an address like `sqlite://.miniauth/miniauth.db` (relative) or `sqlite:///var/lib/miniauth.db`.
    ///
    /// # Errors
    /// [`UnknownDatabaseUrl`] for anything else, `sqlite::memory:` included: a store that forgets is none.
    pub fn parse(url: &str) -> Result<Self, UnknownDatabaseUrl> {
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && !path.contains(['?', '#', '\0']) => Ok(Self(path.into())),
            _ => Err(UnknownDatabaseUrl),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// The address is not one of a database that this server can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a database address: it must be sqlite:// and a path, for instance sqlite://.miniauth/miniauth.db")]
pub struct UnknownDatabaseUrl;

/// The database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The file or its folder cannot be made.
    #[error("cannot create the database file {path}: {source}; check the folder and its permissions")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not a database, or is damaged.
    #[error("cannot open the database {path}: {source}; is it a SQLite file of miniauth?")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// The tables cannot be brought up to date.
    #[error("cannot bring the tables of {path} up to date: {source}; was the file written by a newer version?")]
    Migration {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: MigrateError,
    },
}

/// An open database: one connection that writes, several that read beside it (WAL).
///
/// With `synchronous=NORMAL` a commit is handed to the operating system, not to the disk: a crash of the server loses
/// nothing, a power failure may lose the last transactions (never damages the file). That is deliberate, for a commit
/// costs 50 microseconds instead of 2.4 milliseconds, and what can be lost is harmless: a lost session or grant costs its
/// user one silent login; a lost claim could let a code be exchanged a second time, which the platform itself refuses.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) writer: SqlitePool,
    pub(crate) reader: SqlitePool,
}

impl Database {
    /// Opens the file, makes it where it is missing (readable by its owner alone), and brings its tables up to date.
    ///
    /// # Errors
    /// [`OpenFault`] with the path and what to look at.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, OpenFault> {
        let path = url.path();
        create_private(path).map_err(|source| OpenFault::File { path: path.to_owned(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // What is erased is overwritten with zeros (erasure.rs).
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(BUSY_TIMEOUT)
                // A file does not hang up: asking first whether the connection lives would only cost time.
                .test_before_acquire(false)
        };
        let failed = |source| OpenFault::Database { path: path.to_owned(), source };

        let writer = pool(1).connect_with(options.clone()).await.map_err(failed)?;
        migrations().run(&writer).await.map_err(|source| OpenFault::Migration { path: path.to_owned(), source })?;
        let reader = pool(READERS).connect_with(options.read_only(true)).await.map_err(failed)?;
        Ok(Self { writer, reader })
    }

    /// Reads, and takes the place of the writer for a moment.
    pub(crate) async fn probe(&self) -> sqlx::Result<()> {
        sqlx::query("SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1)").execute(&self.reader).await?;
        self.writer.begin_with("BEGIN IMMEDIATE").await?.rollback().await
    }

    /// Writes the journal back into the file and closes it.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// SQLite gives its journals the permissions of the file, so that making the file private is enough.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn migrations() -> Migrator {
    let first = include_str!("../../migrations/0001_first.sql").into_sql_str();
    let second = include_str!("../../migrations/0002_session_clean_up.sql").into_sql_str();
    let simple =
        |version, name: &'static str, sql| Migration::new(version, name.into(), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![simple(1, "first", first), simple(2, "session clean up", second)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sqlite_files_are_addresses() {
        assert_eq!(DatabaseUrl::parse("sqlite://a/b.db").unwrap().path(), Path::new("a/b.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/b.db").unwrap().path(), Path::new("/var/b.db"));
        for url in ["", "a.db", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite://a?mode=ro", "postgres://h/d"] {
            assert!(DatabaseUrl::parse(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn the_file_is_private_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::parse(&format!("sqlite://{}/deep/miniauth.db", folder.path().display())).unwrap();
        for _ in 0..2 {
            Database::open(&url).await.unwrap().close().await;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(url.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "not a database, but long enough to be looked at as if it were one".repeat(20)).unwrap();
        let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
        let fault = Database::open(&url).await.unwrap_err().to_string();
        assert!(fault.contains("notes.txt"), "{fault}");
    }
}
