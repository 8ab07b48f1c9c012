//! Connections to the file.

use crate::store::StoreFault;
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
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

/// Connections that read beside the writer.
///
/// A thread finds the same one again, with what it left in the processor's cache, unless another thread has it.
pub(super) struct Readers {
    path: PathBuf,
    /// Opened when they are needed.
    places: Vec<Mutex<Option<Connection>>>,
    is_closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        // More than threads read at the same time, so that two of them seldom meet.
        let places = 4 * thread::available_parallelism().map_or(1, usize::from);
        Self { path: path.to_owned(), places: (0..places).map(|_| Mutex::default()).collect(), is_closed: false.into() }
    }

    pub(super) fn read<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let mut place = self.place();
        if self.is_closed.load(Relaxed) {
            return Err(StoreFault::Closed);
        }
        let connection = match &mut *place {
            Some(connection) => connection,
            empty => empty.insert(reading(&self.path)?),
        };
        Ok(work(connection)?)
    }

    pub(super) fn close(&self) {
        self.is_closed.store(true, Relaxed);
        for place in &self.places {
            drop(locked(place).take());
        }
    }

    /// This thread's place, or the next that is free, or in the worst case its own again.
    fn place(&self) -> MutexGuard<'_, Option<Connection>> {
        let own = THREAD.with(|number| *number) % self.places.len();
        let (before, from_own) = self.places.split_at(own);
        let free = from_own.iter().chain(before).find_map(|place| place.try_lock().ok());
        free.unwrap_or_else(|| locked(&self.places[own]))
    }
}

/// Nothing that panics leaves a connection worse than it was, so one under a poisoned lock is still good.
fn locked(place: &Mutex<Option<Connection>>) -> MutexGuard<'_, Option<Connection>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Threads that read, in the order in which they began to.
    static THREAD: usize = THREADS.fetch_add(1, Relaxed);
}
