//! What PostgreSQL says differently.

use super::sql::Database;
use crate::store::StoreFault;
use sqlx::{PgPool, Postgres};
use std::time::Duration;

pub(super) use sqlx::{PgConnection as Connection, PgPool as Pool, Postgres as Dialect, postgres::PgRow as Row};

// Instances that clean up at the same time leave each other's rows alone, and nobody waits for a batch.
pub(super) const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE session_hash IN
         (SELECT session_hash FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
pub(super) const FORGET_GRANTS: &str = "DELETE FROM grants WHERE over_at < $1 AND id IN
         (SELECT id FROM grants WHERE over_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
pub(super) const FORGET_CLAIMS: &str = "DELETE FROM code_claims WHERE (app_id, code_hash) IN
         (SELECT app_id, code_hash FROM code_claims WHERE claimed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Longer than any statement may take on the server (`open.rs`), so that a cut network alone reaches it.
const LIMIT: Duration = Duration::from_secs(8);

/// READ COMMITTED is enough: what must not happen twice is behind a primary key, and the sessions of a user change under
/// the lock of the grant's row.
pub(super) async fn begin(writer: &PgPool) -> sqlx::Result<sqlx::Transaction<'static, Postgres>> {
    writer.begin().await
}

/// Nobody waits for a server that does not answer.
pub(super) async fn bounded<T>(work: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreFault> {
    match tokio::time::timeout(LIMIT, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StoreFault::TimedOut("PostgreSQL")),
    }
}

/// What is deleted is out of every answer at once. Its bytes stay in the table's file until vacuum gives their place away,
/// in the write-ahead log until that is recycled, and in archives and backups for as long as these are kept.
pub(super) async fn complete_erasures(_: &Database) -> Result<bool, StoreFault> {
    Ok(true)
}

/// Rows that came with their own numbers do not move the counter that gives the next one.
pub(super) async fn go_on_counting(database: &Database) -> Result<(), StoreFault> {
    let counter = "SELECT setval(pg_get_serial_sequence('consents', 'id'), max(id)) FROM consents";
    bounded(sqlx::query(counter).execute(&database.writer)).await.map(drop)
}
