//! A cache for data that instances share through the database and that seldom changes.

use crate::store::StoreError;
use miniauth_core::time::{Clock, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long a value is used after it was read, in milliseconds. A change by another instance takes effect after this
/// time.
pub(crate) const REREAD_MILLIS: u64 = 10_000;

/// A value, and when it was read.
pub(crate) struct Reread<T>(Mutex<Option<(Timestamp, Arc<T>)>>);

impl<T> Default for Reread<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Reread<T> {
    /// Returns the last value, however old. `None` also while it is being read.
    pub(crate) fn last(&self) -> Option<Arc<T>> {
        self.0.try_lock().ok()?.as_ref().map(|(_, value)| Arc::clone(value))
    }

    /// Returns the cached value if it is younger than `good_for` milliseconds, else reads it. If that fails, returns
    /// the cached value if it is younger than `stale_for` milliseconds.
    pub(crate) async fn get(
        &self,
        clock: &dyn Clock,
        good_for: u64,
        stale_for: u64,
        read: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<Arc<T>, StoreError> {
        let mut known = self.0.lock().await;
        let now = clock.now();
        let within = |known: &Option<(Timestamp, Arc<T>)>, millis| {
            known
                .as_ref()
                .filter(|(read_at, _)| now.millis_since(*read_at) < millis)
                .map(|(_, value)| Arc::clone(value))
        };
        if let Some(value) = within(&known, good_for) {
            return Ok(value);
        }
        match read.await {
            Ok(value) => Ok(Arc::clone(&known.insert((now, Arc::new(value))).1)),
            Err(error) => within(&known, stale_for).ok_or(error),
        }
    }
}
