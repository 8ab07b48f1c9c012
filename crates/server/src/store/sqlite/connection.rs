//! Connections to the file, and their errors.

use crate::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{path::Path, time::Duration};

/// More statements than there are.
const CACHED_STATEMENTS: usize = 64;

/// How long to wait while another process (for example a backup) has the file locked.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a connection that writes.
///
/// With `synchronous=NORMAL` a commit goes to the operating system, not to the disk: a crash of the server loses
/// nothing, and a power failure may lose the last transactions but never damages the file. This is deliberate: a commit
/// costs 50 microseconds instead of 2.4 milliseconds, and the possible losses are harmless. A lost session or grant
/// costs its user a silent login; a lost claim could let a code be exchanged a second time, which the platform itself
/// refuses.
pub(super) fn writing(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connection(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // Overwrite deleted data with zeros.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}

pub(super) fn reading(path: &Path) -> rusqlite::Result<Connection> {
    connection(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connection(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    let is_transient = is_busy(&error) || is_without_disk(&error);
    StoreError::of("the database", error, is_transient)
}

/// Returns whether the file cannot be read or written at the moment, typically because the disk is full: the statement
/// is not at fault.
fn is_without_disk(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(CannotOpen | DiskFull | ReadOnly | SystemIoFailure))
}

/// Returns whether another process had the file locked.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}
