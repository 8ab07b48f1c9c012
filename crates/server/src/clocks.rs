//! Clocks: this server's, which may be set back, and those of the platform and of other instances, which may differ
//! from it.

use miniauth_core::time::{Clock, Timestamp};
use parking_lot::Mutex;
use std::{sync::Arc, time::Instant};

/// How much clocks may differ: this server's from the platform's, and those of instances from each other. A time
/// further in the future is not accepted.
pub(crate) const CLOCKS_DIFFER_BY_MILLIS: u64 = 5 * 60 * 1_000;

/// The operator is warned if the clock is set back by at least this much.
const WORTH_A_WARNING_MILLIS: u64 = 60_000;

/// A clock that never goes back. If the system's clock is set back, it counts on from the latest time until the
/// system's clock has caught up. So setting the clock back extends no session and no retry window.
pub(crate) struct SteadyClock {
    system: Arc<dyn Clock>,
    latest: Mutex<Latest>,
}

/// The latest time that the system's clock showed.
struct Latest {
    told: Timestamp,
    at: Instant,
    warned: bool,
}

impl SteadyClock {
    pub(crate) fn new(system: Arc<dyn Clock>) -> Self {
        let latest = Latest { told: system.now(), at: Instant::now(), warned: false };
        Self { system, latest: Mutex::new(latest) }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let told = self.system.now();
        let mut latest = self.latest.lock();
        let counted = latest.told.plus_millis(latest.at.elapsed().as_millis().try_into().unwrap_or(u64::MAX));
        if told >= counted {
            *latest = Latest { told, at: Instant::now(), warned: false };
            return told;
        }
        let seconds = counted.millis_since(told) / 1_000;
        if seconds * 1_000 >= WORTH_A_WARNING_MILLIS && !latest.warned {
            latest.warned = true;
            tracing::warn!(
                seconds,
                "the system's clock was set back; the server keeps counting from the earlier time until it is restarted"
            );
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(self.0.load(SeqCst))
        }
    }

    #[test]
    fn the_clock_follows_the_systems_clock_forward_but_never_back() {
        let system = Arc::new(Seconds::default());
        let clock = SteadyClock::new(system.clone());
        for (told, steady) in [(1_000, 1_000), (10, 1_000), (999, 1_000), (1_000 + 60, 1_060)] {
            system.0.store(told, SeqCst);
            assert_eq!(clock.now().as_seconds(), steady, "{told}");
        }
        system.0.store(5, SeqCst);
        let before = clock.now();
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert!(clock.now().millis_since(before) >= 25, "it counts on by itself");
    }
}
