//! The one connection that writes.

use super::group::Group;
use crate::store::StoreFault;
use rusqlite::Connection;
use std::sync::{Arc, Mutex as ShortMutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

/// How many write in one transaction at most, so that those who come later wait for a millisecond or two.
const MOST: usize = 64;

/// A turn to write.
pub(super) type Turn = OwnedMappedMutexGuard<Option<Connection>, Connection>;

/// Gives turns: SQLite has one writer at a time. Who comes first is first.
#[derive(Clone)]
pub(super) struct Writer {
    connection: Arc<Mutex<Option<Connection>>>,
    /// Those who will write together, until their turn comes.
    gathering: Arc<ShortMutex<Weak<Group>>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection: Arc::new(Mutex::new(Some(connection))), gathering: Arc::default() }
    }

    /// Writes in one transaction with those who would write at this moment as well, and gives what `work` gave once that is
    /// committed. `work` is done again when one of the others failed, for then nothing of it is left.
    pub(super) async fn write<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        loop {
            if let Some(done) = self.join().write(self, &work).await? {
                return Ok(done);
            }
        }
    }

    /// The next turn, for a group.
    pub(super) async fn turn(&self) -> Result<Turn, StoreFault> {
        of_an_open_file(Arc::clone(&self.connection).lock_owned().await)
    }

    /// The next turn, for a thread that may wait.
    pub(super) fn blocking_turn(&self) -> Result<Turn, StoreFault> {
        of_an_open_file(Arc::clone(&self.connection).blocking_lock_owned())
    }

    pub(super) async fn close(&self) -> Option<Connection> {
        self.connection.lock().await.take()
    }

    fn join(&self) -> Arc<Group> {
        let mut gathering = self.gathering();
        if let Some(group) = gathering.upgrade().filter(|group| Arc::strong_count(group) <= MOST) {
            return group;
        }
        let group = Arc::default();
        *gathering = Arc::downgrade(&group);
        group
    }

    /// Nobody joins a group any more.
    pub(super) fn close_group(&self, group: &Group) {
        let mut gathering = self.gathering();
        if std::ptr::eq(gathering.as_ptr(), group) {
            *gathering = Weak::new();
        }
    }

    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn gathering(&self) -> MutexGuard<'_, Weak<Group>> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_an_open_file(turn: OwnedMutexGuard<Option<Connection>>) -> Result<Turn, StoreFault> {
    OwnedMutexGuard::try_map(turn, Option::as_mut).map_err(|_| StoreFault::Closed)
}
