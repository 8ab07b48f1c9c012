//! Erasing a user: at once and for good.

use super::Database;
use sqlx::Row as _;

/// Erases everything that is kept about a user of an app: member, tokens, sessions and consents. Hashes of spent codes
/// stay, for a code must never be exchanged twice; they name nobody.
///
/// SQLite overwrites what it deletes (`secure_delete`), and the checkpoint empties the journal, so that the bytes are in
/// neither file afterwards. What the file system or a backup kept of older versions of these files is out of reach.
///
/// Gives `false` when a reader held on to the journal for longer than the busy timeout: the rows are gone, and the
/// bytes go with the next checkpoint ([`empty_journal`]).
pub(crate) async fn erase(database: &Database, app_id: &str, subject: &str) -> sqlx::Result<bool> {
    let mut transaction = database.writer.begin_with("BEGIN IMMEDIATE").await?;
    // Deleting the grant deletes its sessions.
    for statement in [
        "DELETE FROM grants WHERE app_id = ? AND subject = ?",
        "DELETE FROM members WHERE app_id = ? AND subject = ?",
        "DELETE FROM consents WHERE app_id = ? AND subject = ?",
    ] {
        sqlx::query(statement).bind(app_id).bind(subject).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    empty_journal(database).await
}

/// Writes the journal back into the file and cuts it to nothing; `false` when a reader was in the way.
pub(crate) async fn empty_journal(database: &Database) -> sqlx::Result<bool> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&database.writer).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}
