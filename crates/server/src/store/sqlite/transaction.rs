//! All or nothing.

use super::writer::Turn;
use rusqlite::Connection;
use std::ops::Deref;

/// A transaction, rolled back unless it is committed.
///
/// rusqlite's own would have `BEGIN` and `COMMIT` parsed anew each time.
pub(super) struct Transaction(Turn);

impl Transaction {
    /// IMMEDIATE: to read first and become a writer later can fail when another process writes.
    pub(super) fn begin(turn: Turn) -> rusqlite::Result<Self> {
        turn.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        Ok(Self(turn))
    }

    pub(super) fn commit(self) -> rusqlite::Result<()> {
        self.prepare_cached("COMMIT")?.execute(()).map(drop)
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_autocommit()
            && let Err(fault) = self.execute_batch("ROLLBACK")
        {
            tracing::warn!(%fault, "a transaction was not rolled back");
        }
    }
}
