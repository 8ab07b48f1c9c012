//! The one connection that writes.

use super::patience::LONGEST_WAIT;
use crate::store::StoreFault;
use rusqlite::Connection;
use std::sync::Arc;
use tokio::{
    sync::{MappedMutexGuard, Mutex, MutexGuard},
    time::timeout,
};

/// Gives turns: SQLite has one writer at a time. Who comes first is first.
#[derive(Clone)]
pub(super) struct Writer(Arc<Mutex<Option<Connection>>>);

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self(Arc::new(Mutex::new(Some(connection))))
    }

    /// The next turn, which is not to be held while anything is waited for.
    pub(super) async fn turn(&self) -> Result<MappedMutexGuard<'_, Connection>, StoreFault> {
        let turn = match self.0.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                timeout(LONGEST_WAIT, self.0.lock()).await.map_err(|_| StoreFault::TimedOut("the database's writer"))?
            }
        };
        of_an_open_file(turn)
    }

    /// The next turn, for a thread that may wait.
    pub(super) fn blocking_turn(&self) -> Result<MappedMutexGuard<'_, Connection>, StoreFault> {
        of_an_open_file(self.0.blocking_lock())
    }

    pub(super) async fn close(&self) -> Option<Connection> {
        self.0.lock().await.take()
    }
}

fn of_an_open_file(turn: MutexGuard<'_, Option<Connection>>) -> Result<MappedMutexGuard<'_, Connection>, StoreFault> {
    MutexGuard::try_map(turn, Option::as_mut).map_err(|_| StoreFault::Closed)
}
