//! The only code that uses the system's clock and random source.

use miniauth_core::{
    random::Random,
    time::{Clock, Timestamp},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the system's clock is read")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The system's cryptographic random source, through aws-lc.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// If the operating system provides no randomness. Predictable tokens would be worse than stopping.
    #[allow(clippy::disallowed_methods, reason = "the one place where the system's random source is read")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_in_this_century_and_in_milliseconds() {
        let year_2020 = Timestamp::from_seconds(1_577_836_800);
        let year_2100 = Timestamp::from_seconds(4_102_444_800);
        assert!((year_2020..year_2100).contains(&SystemClock.now()));
    }

    #[test]
    fn random_bytes_do_not_repeat() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        SystemRandom.fill(&mut first);
        SystemRandom.fill(&mut second);
        assert_ne!(first, second);
    }
}
