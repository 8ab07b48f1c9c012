//! Bringing the journal (the write-ahead log) back into the file, which waits for the disk: on threads of its own.

use super::{patience::is_busy, writer::Writer};
use crate::store::StoreFault;
use rusqlite::Connection;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// After so many changed rows it is time, however much is written: the journal has some 20 MB then.
const CHANGES: u64 = 4_000;

/// After so long without a change as well: who reads then finds every page in the file and looks for none in the journal, and
/// what was written is on the disk.
const QUIET: Duration = Duration::from_secs(1);

/// How long others are waited for, while writers wait in turn.
pub(super) const WAIT: Duration = Duration::from_millis(10);

pub(super) struct Journal {
    /// A connection of its own; `None` once it is closed.
    connection: Mutex<Option<Connection>>,
    writer: Writer,
    /// The writer's count of changed rows.
    changes: AtomicU64,
    /// What it was when it was last time.
    brought_back: AtomicU64,
    /// Whether it is being brought back for its length: on a slow disk that takes long, and one at a time is enough.
    is_at_work: AtomicBool,
    awaits_quiet: AtomicBool,
}

impl Journal {
    pub(super) fn new(connection: Connection, writer: Writer) -> Self {
        Self {
            connection: Mutex::new(Some(connection)),
            writer,
            changes: AtomicU64::new(0),
            brought_back: AtomicU64::new(0),
            is_at_work: AtomicBool::new(false),
            awaits_quiet: AtomicBool::new(false),
        }
    }

    /// Takes note of how many rows the writer has changed in all, and brings the journal back when it is time.
    pub(super) fn note_changes(self: &Arc<Self>, changes: u64) {
        if self.changes.swap(changes, Relaxed) == changes {
            return;
        }
        if changes >= self.brought_back.load(Relaxed) + CHANGES && !self.is_at_work.swap(true, Relaxed) {
            let journal = Arc::clone(self);
            tokio::spawn(async move {
                journal.try_to_bring_back().await;
                journal.is_at_work.store(false, Relaxed);
            });
        }
        if !self.awaits_quiet.swap(true, Relaxed) {
            tokio::spawn(Arc::clone(self).await_quiet());
        }
    }

    async fn await_quiet(self: Arc<Self>) {
        loop {
            let before = self.changes.load(Relaxed);
            tokio::time::sleep(QUIET).await;
            if self.changes.load(Relaxed) == before {
                break;
            }
        }
        self.awaits_quiet.store(false, Relaxed);
        self.try_to_bring_back().await;
    }

    async fn try_to_bring_back(self: &Arc<Self>) {
        self.brought_back.store(self.changes.load(Relaxed), Relaxed);
        // The next writer begins it anew.
        if let Err(fault) = self.bring_back("RESTART").await {
            tracing::debug!(%fault, "the journal was not brought back into the file; it is tried again");
        }
    }

    /// Brings all of it back and cuts it to nothing; `false` when a reader, or another process, was in the way.
    pub(super) async fn empty(self: &Arc<Self>) -> Result<bool, StoreFault> {
        self.bring_back("TRUNCATE").await
    }

    async fn bring_back(self: &Arc<Self>, the_rest: &'static str) -> Result<bool, StoreFault> {
        let journal = Arc::clone(self);
        let brought_back = tokio::task::spawn_blocking(move || journal.bring_back_here(the_rest));
        brought_back.await.unwrap_or(Err(StoreFault::Closed))
    }

    pub(super) fn close(&self) {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// One at a time: most of it while others write, and the rest when nobody does. With writers that are never idle it would
    /// otherwise grow for ever.
    fn bring_back_here(&self, the_rest: &str) -> Result<bool, StoreFault> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = connection.as_ref().ok_or(StoreFault::Closed)?;
        checkpoint(connection, "PASSIVE")?;
        let _nobody_writes = self.writer.blocking_turn()?;
        Ok(checkpoint(connection, the_rest)?)
    }
}

fn checkpoint(connection: &Connection, how: &str) -> rusqlite::Result<bool> {
    match connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), (), |row| row.get::<_, bool>(0)) {
        Ok(was_blocked) => Ok(!was_blocked),
        Err(fault) if is_busy(&fault) => Ok(false),
        Err(fault) => Err(fault),
    }
}
