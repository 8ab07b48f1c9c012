//! Connections that were used and may be used again.

use super::connection::Connection;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a connection is kept. Servers close idle ones, commonly after a minute, and a call that is sent at that very
/// moment is lost.
const LONGEST_REST: Duration = Duration::from_secs(20);

/// Connections at rest, the one that was used last at the end. There are no more than there may be calls in flight.
#[derive(Default)]
pub(super) struct Pool(Mutex<VecDeque<(Instant, Connection)>>);

impl Pool {
    /// The connection that was used last. It may have been closed since.
    pub(super) fn take(&self) -> Option<Connection> {
        self.resting().pop_back().map(|(_, connection)| connection)
    }

    /// Keeps a connection.
    pub(super) fn put(&self, connection: Connection) {
        self.resting().push_back((Instant::now(), connection));
    }

    /// The connections that are not too old.
    fn resting(&self) -> MutexGuard<'_, VecDeque<(Instant, Connection)>> {
        // Nothing that panics happens under the lock, so a poisoned one is still good.
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while resting.front().is_some_and(|(since, _)| since.elapsed() > LONGEST_REST) {
            resting.pop_front();
        }
        resting
    }
}
