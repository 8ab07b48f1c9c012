//! All or nothing.

use rusqlite::Connection;
use std::ops::Deref;

/// A transaction, rolled back unless it is committed.
///
/// rusqlite's own would have `BEGIN` and `COMMIT` parsed anew each time.
pub(super) struct Transaction<'connection>(&'connection Connection);

impl<'connection> Transaction<'connection> {
    /// IMMEDIATE: to read first and become a writer later can fail when another process writes.
    pub(super) fn begin(connection: &'connection mut Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        Ok(Self(connection))
    }

    pub(super) fn commit(self) -> rusqlite::Result<()> {
        self.prepare_cached("COMMIT")?.execute(()).map(drop)
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_autocommit()
            && let Err(fault) = self.execute_batch("ROLLBACK")
        {
            tracing::warn!(%fault, "a transaction was not rolled back");
        }
    }
}
