//! SQLite: one file, nothing to install.
//!
//! One thread writes, and others that may wait read beside it (WAL), so that no request waits on a thread of the runtime.

mod audit;
mod backends;
pub(super) mod backup;
mod codes;
mod connection;
mod members;
pub(super) mod open;
mod phones;
mod readers;
mod records;
mod sessions;
mod subjects;
mod sweep;
mod token_keys;
pub(super) mod transfer;
mod withdrawals;
mod writer;

use self::{readers::Readers, sweep::Sweep, writer::Writer};
use super::StoreError;
use miniauth_core::time::Timestamp;
use rusqlite::Connection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// The file, open.
pub(super) struct Database {
    writer: Writer,
    readers: Readers,
    ended_sessions: Arc<Sweep>,
    ended_grants: Arc<Sweep>,
    old_claims: Arc<Sweep>,
    old_withdrawals: Arc<Sweep>,
    /// When it was last found out whether the file takes writes, and what came of it.
    tested: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

/// How often that is found out at most: anybody may ask, and each time something is written.
const TEST_EVERY: Duration = Duration::from_secs(1);

/// By which a file says whose it is: `mini`.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"mini");

impl Database {
    fn new(writer: Writer, readers: Readers) -> Self {
        let [ended_sessions, ended_grants, old_claims, old_withdrawals] =
            [sessions::ended(), members::ended_grants(), codes::old(), withdrawals::old()].map(Arc::new);
        Self { writer, readers, ended_sessions, ended_grants, old_claims, old_withdrawals, tested: Mutex::default() }
    }

    /// Finds out by writing whether the file takes writes: one page, which holds what it held before.
    async fn test_writing(&self) -> Result<(), StoreError> {
        let mut tested = self.tested.lock().await;
        match &*tested {
            Some((at, outcome)) if at.elapsed() < TEST_EVERY => outcome.clone(),
            _ => {
                let write = |connection: &Connection| connection.pragma_update(None, "application_id", APPLICATION_ID);
                let outcome = self.write(write).await;
                *tested = Some((Instant::now(), outcome.clone()));
                outcome
            }
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(work).await
    }

    /// Deletes a batch of what ended before a moment, found by walking through the table; gives how many rows are gone.
    async fn sweep(&self, sweep: &Arc<Sweep>, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let before = super::to_stored(before);
        let looking = Arc::clone(sweep);
        let found = self.read(move |connection| looking.look(connection, before, limit as usize)).await?;
        let deleting = Arc::clone(sweep);
        let gone = match found.ended {
            none if none.is_empty() => 0,
            keys => self.write(move |connection| deleting.delete(connection, before, &keys)).await?,
        };
        sweep.go_on(found.stopped_at);
        Ok(gone)
    }

    /// The last to go brings the journal back into the file.
    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests;
