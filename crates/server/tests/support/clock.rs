//! The system's clock, put forward at will.

use miniauth_core::time::{Clock, Timestamp};
use miniauth_openplatform::system::SystemClock;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub(crate) struct ShiftableClock(AtomicU64);

impl ShiftableClock {
    pub(crate) fn forward(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for ShiftableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.0.load(Ordering::SeqCst))
    }
}
