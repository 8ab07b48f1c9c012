//! All or nothing.

use rusqlite::Connection;
use std::ops::Deref;

/// A transaction, rolled back unless it is committed.
///
/// rusqlite's own would have `BEGIN` and `COMMIT` parsed anew each time.
pub(super) struct Transaction<Turn: Deref<Target = Connection>>(Turn);

impl<Turn: Deref<Target = Connection>> Transaction<Turn> {
    /// IMMEDIATE: to read first and become a writer later can fail when another process writes.
    pub(super) fn begin(turn: Turn) -> rusqlite::Result<Self> {
        turn.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        Ok(Self(turn))
    }

    pub(super) fn commit(self) -> rusqlite::Result<()> {
        self.prepare_cached("COMMIT")?.execute(()).map(drop)
    }
}

impl<Turn: Deref<Target = Connection>> Deref for Transaction<Turn> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl<Turn: Deref<Target = Connection>> Drop for Transaction<Turn> {
    fn drop(&mut self) {
        if !self.is_autocommit()
            && let Err(fault) = self.execute_batch("ROLLBACK")
        {
            tracing::warn!(%fault, "a transaction was not rolled back");
        }
    }
}
