//! The system's clock, put forward and back at will.

use miniauth_core::time::{Clock, Timestamp};
use miniauth_openplatform::system::SystemClock;
use std::sync::atomic::{AtomicI64, Ordering};

/// By how many milliseconds it differs from the system's.
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
