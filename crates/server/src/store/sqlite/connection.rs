//! Connections to the file.

use crate::store::StoreFault;
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// More statements than there are.
const CACHED_STATEMENTS: usize = 64;

/// How much of the file a reader sees where the operating system has it, in bytes, instead of copying it out page by page:
/// among a million members a session check costs a sixth less. What lies beyond is copied.
const MAPPED: i64 = 1 << 30;

/// A connection that writes.
///
/// With `synchronous=NORMAL` a commit is handed to the operating system, not to the disk: a crash of the server loses
/// nothing, a power failure may lose the last transactions (never damages the file). That is deliberate, for a commit
/// costs 50 microseconds instead of 2.4 milliseconds, and what can be lost is harmless: a lost session or grant costs its
/// user one silent login; a lost claim could let a code be exchanged a second time, which the platform itself refuses.
pub(super) fn writing(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(busy_timeout)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What is erased is overwritten with zeros.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // That waits for the disk, see journal.rs.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

fn reading(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Connections that read beside the writer, as many as threads ever read at the same time.
pub(super) struct Readers {
    path: PathBuf,
    /// `None` once they are closed.
    free: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), free: Mutex::new(Some(Vec::new())) }
    }

    /// One that is free, or a new one.
    pub(super) fn take(&self) -> Result<Connection, StoreFault> {
        match self.free().as_mut().ok_or(StoreFault::Closed)?.pop() {
            Some(reader) => Ok(reader),
            None => Ok(reading(&self.path)?),
        }
    }

    pub(super) fn put_back(&self, reader: Connection) {
        if let Some(free) = self.free().as_mut() {
            free.push(reader);
        }
    }

    pub(super) fn close(&self) -> Option<Vec<Connection>> {
        self.free().take()
    }

    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn free(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
