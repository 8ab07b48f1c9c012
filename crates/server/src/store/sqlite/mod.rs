//! SQLite: one file, nothing to install.
//!
//! One thread writes, and others read beside it (WAL mode), so that no request blocks a thread of the runtime.

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

/// The open file.
pub(super) struct Database {
    writer: Writer,
    readers: Readers,
    ended_sessions: Arc<Sweep>,
    ended_grants: Arc<Sweep>,
    old_claims: Arc<Sweep>,
    old_withdrawals: Arc<Sweep>,
    /// When writing was last tested, and the result.
    tested: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

/// How long a test's result is reused: anybody may request one, and each writes something.
const TEST_EVERY: Duration = Duration::from_secs(1);

/// The application id in the file's header: `mini`.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"mini");

impl Database {
    fn new(writer: Writer, readers: Readers) -> Self {
        let [ended_sessions, ended_grants, old_claims, old_withdrawals] =
            [sessions::ended(), members::ended_grants(), codes::old(), withdrawals::old()].map(Arc::new);
        Self { writer, readers, ended_sessions, ended_grants, old_claims, old_withdrawals, tested: Mutex::default() }
    }

    /// Tests whether the file can be written, by rewriting one page with its present content.
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

    /// Deletes a batch of rows that ended before a given time, found by walking through the table. Returns their
    /// number.
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

    /// Closing the last connection moves the journal into the file.
    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests;
