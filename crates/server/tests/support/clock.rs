//! A clock that can be moved forward and back.

use miniauth_core::time::{Clock, Timestamp};
use miniauth_openplatform::system::SystemClock;
use std::sync::atomic::{AtomicI64, Ordering};

/// The difference to the system's clock, in milliseconds.
#[derive(Default)]
pub(crate) struct ShiftableClock(AtomicI64);

impl ShiftableClock {
    pub(crate) fn forward(&self, seconds: u64) {
        self.0.fetch_add((seconds * 1_000).cast_signed(), Ordering::SeqCst);
    }

    pub(crate) fn back(&self, seconds: u64) {
        self.0.fetch_sub((seconds * 1_000).cast_signed(), Ordering::SeqCst);
    }
}

impl Clock for ShiftableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis().saturating_add_signed(self.0.load(Ordering::SeqCst)))
    }
}
