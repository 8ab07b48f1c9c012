//! Bringing the tables up to date.

use rusqlite::{Connection, TransactionBehavior};

/// One after another; a file's `user_version` says how many it has behind it.
pub(super) const ALL: [&str; 6] = [
    include_str!("../../../migrations/sqlite/0001_first.sql"),
    include_str!("../../../migrations/sqlite/0002_session_clean_up.sql"),
    include_str!("../../../migrations/sqlite/0003_apps_and_ends.sql"),
    include_str!("../../../migrations/sqlite/0004_owner_of_sessions.sql"),
    include_str!("../../../migrations/sqlite/0005_fewer_indexes.sql"),
    include_str!("../../../migrations/sqlite/0006_grants_by_walking.sql"),
];

/// Why the tables are not up to date.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrationFault {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the file has version {0} of the tables, and this program knows {known}", known = ALL.len())]
    TooNew(u32),
}

/// Runs those that the file has not behind it, all or none. Programs that start together wait for each other.
pub(super) fn run(connection: &mut Connection) -> Result<(), MigrationFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    let Some(due) = ALL.get(done as usize..) else { return Err(MigrationFault::TooNew(done)) };
    for migration in due {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", ALL.len() as i64)?;
    Ok(transaction.commit()?)
}

/// Versions of this server before `user_version` counted in a table, which goes away.
fn version(connection: &Connection) -> rusqlite::Result<u32> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > 0 || !connection.table_exists(None, "_sqlx_migrations")? {
        return Ok(version);
    }
    let counted = connection.query_row("SELECT count(*) FROM _sqlx_migrations WHERE success", (), |row| row.get(0))?;
    connection.execute_batch("DROP TABLE _sqlx_migrations")?;
    Ok(counted)
}
