//! What SQLite says differently.

use super::sql::Database;
use crate::store::StoreFault;
use sqlx::{Row as _, Sqlite, SqlitePool};

pub(super) use sqlx::{
    Sqlite as Dialect, SqliteConnection as Connection, SqlitePool as Pool, sqlite::SqliteRow as Row,
};

pub(super) const FORGET_SESSIONS: &str =
    "DELETE FROM sessions WHERE session_hash IN (SELECT session_hash FROM sessions WHERE expires_at < $1 LIMIT $2)";
pub(super) const FORGET_GRANTS: &str =
    "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE over_at < $1 LIMIT $2)";
pub(super) const FORGET_CLAIMS: &str = "DELETE FROM code_claims WHERE (app_id, code_hash) IN
         (SELECT app_id, code_hash FROM code_claims WHERE claimed_at < $1 LIMIT $2)";

/// IMMEDIATE: to read first and become a writer later can fail when another process writes.
pub(super) async fn begin(writer: &SqlitePool) -> sqlx::Result<sqlx::Transaction<'static, Sqlite>> {
    writer.begin_with("BEGIN IMMEDIATE").await
}

/// A file does not leave anyone waiting: how long others may hold it is bounded by SQLite's own busy timeout.
pub(super) async fn bounded<T>(work: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreFault> {
    Ok(work.await?)
}

/// Writes the journal back into the file and cuts it to nothing; `false` when a reader was in the way for longer than the
/// busy timeout.
///
/// SQLite overwrites what it deletes (`secure_delete`), and with an empty journal the bytes are in neither file. What the
/// file system or a backup kept of older versions of these files is out of reach.
pub(super) async fn complete_erasures(database: &Database) -> Result<bool, StoreFault> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&database.writer).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}

/// SQLite counts on from the largest id by itself.
pub(super) async fn go_on_counting(_: &Database) -> Result<(), StoreFault> {
    Ok(())
}
