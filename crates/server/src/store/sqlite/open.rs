//! Opens the file and brings its tables up to date.

use super::{Database, connection::writing, readers::Readers, writer::Writer};
use crate::store::OpenError;
use rusqlite::{Connection, Transaction};
use rusqlite_migration::{HookError, M, Migrations};
use std::{
    error::Error,
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Returns the migrations, in order. Each is atomic; the file's `user_version` counts those that were applied.
fn migrations() -> Vec<M<'static>> {
    vec![
        M::up(include_str!("../../../migrations/sqlite/0001_first.sql")),
        M::up(include_str!("../../../migrations/sqlite/0002_session_clean_up.sql")),
        M::up(include_str!("../../../migrations/sqlite/0003_apps_and_ends.sql")),
        M::up(include_str!("../../../migrations/sqlite/0004_owner_of_sessions.sql")),
        M::up(include_str!("../../../migrations/sqlite/0005_fewer_indexes.sql")),
        M::up(include_str!("../../../migrations/sqlite/0006_grants_by_walking.sql")),
        M::up_with_hook("", |transaction: &Transaction<'_>| {
            in_steps(transaction, include_str!("../../../migrations/sqlite/0007_subjects.sql")).map_err(HookError::from)
        }),
        M::up_with_hook("", |transaction: &Transaction<'_>| {
            in_steps(transaction, include_str!("../../../migrations/sqlite/0008_withdrawals.sql"))
                .map_err(HookError::from)
        }),
        M::up_with_hook("", |transaction: &Transaction<'_>| {
            in_steps(transaction, include_str!("../../../migrations/sqlite/0009_member_of_a_subject.sql"))
                .map_err(HookError::from)
        }),
        M::up(include_str!("../../../migrations/sqlite/0010_refused_codes.sql")),
        M::up(include_str!("../../../migrations/sqlite/0011_server_key.sql")),
        M::up(include_str!("../../../migrations/sqlite/0012_phones.sql")),
        M::up(include_str!("../../../migrations/sqlite/0013_token_keys.sql")),
        M::up(include_str!("../../../migrations/sqlite/0014_backends.sql")),
        M::up(include_str!("../../../migrations/sqlite/0015_audit.sql")),
    ]
}

/// Runs a migration that takes long with a large file step by step, and logs each.
fn in_steps(transaction: &Transaction<'_>, text: &str) -> rusqlite::Result<()> {
    let steps: Vec<&str> = text.split("-- step: ").collect();
    let users: i64 = transaction.query_row("SELECT count(*) FROM grants", (), |row| row.get(0))?;
    for (number, step) in steps.iter().enumerate() {
        let (what, statements) = step.split_once('\n').unwrap_or_default();
        if number > 0 && users > 0 {
            let of = steps.len() - 1;
            tracing::info!(users, step = number, of, what, "bringing the tables up to date");
        }
        transaction.execute_batch(statements)?;
    }
    Ok(())
}

/// Opens the file and brings its tables up to date. Creates a missing file, readable by its owner only.
pub(in crate::store) async fn open(path: &Path) -> Result<Database, OpenError> {
    let path = path.to_owned();
    let unusable = unusable(&path);
    let opened = tokio::task::spawn_blocking(move || open_here(&path)).await;
    opened.unwrap_or_else(|error| Err(unusable(error.into())))
}

fn open_here(path: &Path) -> Result<Database, OpenError> {
    let file = create_private(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    bring_up_to_date(file, path)?;
    let unusable = unusable(path);
    let connection = writing(path).map_err(|error| unusable(error.into()))?;
    let writer = Writer::start(connection).map_err(|error| unusable(error.into()))?;
    let readers = Readers::start(path).map_err(|error| unusable(error.into()))?;
    Ok(Database::new(writer, readers))
}

fn unusable(path: &Path) -> impl Fn(Box<dyn Error + Send + Sync>) -> OpenError + use<> {
    let store = format!("the database {}", path.display());
    move |source| OpenError::Unusable { store: store.clone(), source, advice: "is it a SQLite file of miniauth?" }
}

/// Creates a private file. SQLite gives its journals the permissions of the file.
fn create_private(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Runs the missing migrations, all or none.
fn bring_up_to_date(file: File, path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Migration { place: path.display().to_string(), source };
    // Processes that start together wait for each other. On other systems such a lock would lock SQLite out too.
    #[cfg(unix)]
    file.lock().map_err(|error| failed(error.into()))?;
    let mut connection = writing(path).map_err(|error| unusable(path)(error.into()))?;
    take_over_first_release(&mut connection).map_err(|error| failed(error.into()))?;
    Migrations::new(migrations()).to_latest(&mut connection).map_err(|error| failed(error.into()))?;
    // The connection first: closing a file releases the locks of all connections to it.
    drop(connection);
    drop(file);
    Ok(())
}

/// Takes over the migration count of the first release, which kept it in a table, and drops the table.
fn take_over_first_release(connection: &mut Connection) -> rusqlite::Result<()> {
    if !connection.table_exists(None, "_sqlx_migrations")? {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    let counted: u32 =
        transaction.query_row("SELECT count(*) FROM _sqlx_migrations WHERE success", (), |row| row.get(0))?;
    transaction.execute_batch("DROP TABLE _sqlx_migrations")?;
    transaction.pragma_update(None, "user_version", counted)?;
    transaction.commit()
}

#[cfg(test)]
mod tests;
