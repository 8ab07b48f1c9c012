//! SQLite: one file, nothing to install.
//!
//! Statements run where they are asked for, on the caller's own thread: to look a session up takes some 20 microseconds, the
//! end of a login less than 80, and to hand them to another thread and to come back would cost as much again. Nothing waits
//! there: a commit goes to the operating system, not to the disk, and who has to wait for the writer or for another process
//! lets other tasks go on meanwhile. What takes longer, bringing the journal back into the file and deleting in batches,
//! happens on a thread of its own. Only what the operating system has not in memory is read from the disk on the caller's
//! thread.

mod claims;
mod connection;
mod consents;
mod grants;
mod group;
mod journal;
mod login;
mod members;
mod migrations;
mod open;
mod patience;
mod sessions;
mod sweep;
mod transaction;
mod transfer;
mod writer;

pub(super) use open::open;
pub(super) use patience::is_busy;

use self::{
    connection::Readers, journal::Journal, patience::Patience, sweep::Sweep, transaction::Transaction, writer::Writer,
};
use super::{StoreFault, moment};
use miniauth_core::time::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;

/// The file, open.
#[derive(Clone)]
pub(super) struct Database {
    writer: Writer,
    readers: Arc<Readers>,
    journal: Arc<Journal>,
    over_sessions: Arc<Sweep>,
    over_grants: Arc<Sweep>,
    old_claims: Arc<Sweep>,
}

impl Database {
    /// Reads. What `work` reads is of one moment if it is one statement.
    async fn read_with<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let mut patience = Patience::new();
        loop {
            match self.readers.read(&work) {
                Err(StoreFault::Sqlite(fault)) if is_busy(&fault) && patience.waits().await => {}
                read => return read,
            }
        }
    }

    /// Writes, in a transaction. `work` is done again from its beginning when another process is in the way, or when others
    /// who wrote in the same transaction failed.
    async fn write_with<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let work = |connection: &Connection| {
            let written = work(connection);
            self.journal.note_changes(connection.total_changes());
            written
        };
        let mut patience = Patience::new();
        loop {
            match self.writer.write(work).await {
                Err(StoreFault::Sqlite(fault)) if is_busy(&fault) && patience.waits().await => {}
                written => return written,
            }
        }
    }

    /// Deletes a batch of what was over before a moment, found by walking through the table; gives how many rows are gone.
    async fn sweep(&self, sweep: &Arc<Sweep>, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        let (sweep, before) = (Arc::clone(sweep), moment::to_stored(before));
        self.in_background(move |database| {
            let found = database.readers.read(|connection| sweep.look(connection, before, limit as usize))?;
            let gone = if found.is_empty() {
                0
            } else {
                database.write_here(|connection| sweep.delete(connection, before, &found))?
            };
            sweep.go_on(found);
            Ok(gone)
        })
        .await
    }

    /// Does what takes longer on a thread of its own, and again when another process is in the way.
    async fn in_background<T: Send + 'static>(
        &self,
        work: impl Fn(&Self) -> Result<T, StoreFault> + Clone + Send + 'static,
    ) -> Result<T, StoreFault> {
        let mut patience = Patience::new();
        loop {
            let (database, work) = (self.clone(), work.clone());
            let done = tokio::task::spawn_blocking(move || work(&database)).await;
            match done.unwrap_or(Err(StoreFault::Closed)) {
                Err(StoreFault::Sqlite(fault)) if is_busy(&fault) && patience.waits().await => {}
                done => return done,
            }
        }
    }

    /// Writes on a thread that may wait for its turn, in a transaction.
    fn write_here<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let transaction = Transaction::begin(self.writer.blocking_turn()?)?;
        let written = work(&transaction)?;
        self.journal.note_changes(transaction.total_changes());
        transaction.commit()?;
        Ok(written)
    }

    async fn close_all(&self) {
        let writer = self.writer.close().await;
        let (readers, journal) = (Arc::clone(&self.readers), Arc::clone(&self.journal));
        // The last to go brings the journal back into the file.
        let closed = tokio::task::spawn_blocking(move || {
            readers.close();
            journal.close();
            drop(writer);
        });
        if closed.await.is_err() {
            tracing::warn!("the database was not closed in good order; its journal is read at the next start");
        }
    }
}
