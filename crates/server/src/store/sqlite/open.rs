//! Opening the file.

use super::sql::Database;
use crate::store::OpenFault;
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs::OpenOptions, io, path::Path, time::Duration};

/// How many sessions can be checked at the same time. Reading from SQLite is bound by the processor, not by waiting.
const READERS: u32 = 4;

/// How much of the file a reader sees where the operating system has it, in bytes, instead of copying it out page by page:
/// among a million members a session check costs a sixth less. What lies beyond is copied.
const MAPPED: &str = "1073741824";

/// How long a request waits for another process that writes (a backup, say), and for a free connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the file, makes it where it is missing (readable by its owner alone), and brings its tables up to date: one
/// connection that writes, several that read beside it (WAL).
///
/// With `synchronous=NORMAL` a commit is handed to the operating system, not to the disk: a crash of the server loses
/// nothing, a power failure may lose the last transactions (never damages the file). That is deliberate, for a commit
/// costs 50 microseconds instead of 2.4 milliseconds, and what can be lost is harmless: a lost session or grant costs its
/// user one silent login; a lost claim could let a code be exchanged a second time, which the platform itself refuses.
pub(in crate::store) async fn open(path: &Path) -> Result<Database, OpenFault> {
    create_private(path).map_err(|source| OpenFault::File { path: path.to_owned(), source })?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        // What is erased is overwritten with zeros.
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIMEOUT);
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(BUSY_TIMEOUT)
            // A file does not hang up: asking first whether the connection lives would only cost time.
            .test_before_acquire(false)
    };
    let place = path.display().to_string();
    let failed = |source| OpenFault::Database {
        place: path.display().to_string(),
        source,
        advice: "is it a SQLite file of miniauth?",
    };

    let writer = pool(1).connect_with(options.clone()).await.map_err(failed)?;
    migrations().run(&writer).await.map_err(|source| OpenFault::Migration { place, source })?;
    let reader =
        pool(READERS).connect_with(options.read_only(true).pragma("mmap_size", MAPPED)).await.map_err(failed)?;
    Ok(Database { writer, reader })
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
    let all = [
        ("first", include_str!("../../../migrations/sqlite/0001_first.sql")),
        ("session clean up", include_str!("../../../migrations/sqlite/0002_session_clean_up.sql")),
        ("apps and ends", include_str!("../../../migrations/sqlite/0003_apps_and_ends.sql")),
    ];
    let migrations = (1..).zip(all).map(|(version, (name, sql))| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests;
