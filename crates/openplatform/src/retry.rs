//! Which failed calls are made again, and when.

use crate::error::Failure;
use miniauth_core::random::Random;
use std::time::Duration;

/// Most attempts at one call.
pub(crate) const MAXIMUM_ATTEMPTS: u32 = 3;

/// The longest pause before the second attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What may be repeated about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing: an auth code is exchanged once.
    Never,
    /// What surely had no effect: the call never arrived, or the platform says that its service failed.
    WithoutEffect,
    /// That, and whatever leaves open what happened: reading twice does no harm.
    Read,
}

impl Repeat {
    /// Whether a call that failed like this may be made again.
    pub(crate) fn allows(self, failure: &Failure) -> bool {
        let without_effect = match failure {
            Failure::NotReached(_) => true,
            Failure::Rejected(rejection) => rejection.is_passing(),
            _ => false,
        };
        match self {
            Self::Never => false,
            Self::WithoutEffect => without_effect,
            Self::Read => without_effect || matches!(failure, Failure::Interrupted(_) | Failure::Status(429 | 500..)),
        }
    }
}

/// How long to wait after that many attempts: a random time up to a limit that doubles, so that many callers who failed
/// together do not come back together.
pub(crate) fn pause(attempts: u32, random: &dyn Random) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempts.saturating_sub(1));
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_are_random_up_to_a_limit_that_doubles() {
        assert_eq!(pause(1, &Always(0)), Duration::ZERO);
        assert_eq!(pause(1, &Always(0xff)), Duration::from_millis(200));
        assert_eq!(pause(2, &Always(0xff)), Duration::from_millis(400));
        let half = pause(2, &Always(0x80));
        assert!((Duration::from_millis(199)..Duration::from_millis(203)).contains(&half), "{half:?}");
    }

    #[test]
    fn an_exchange_is_never_repeated_and_a_read_where_it_may_help() {
        let interrupted = Failure::Interrupted("cut".into());
        let not_reached = Failure::NotReached("refused".into());
        for failure in [&interrupted, &not_reached, &Failure::Status(502), &Failure::Busy] {
            assert!(!Repeat::Never.allows(failure));
        }
        assert!(Repeat::WithoutEffect.allows(&not_reached) && !Repeat::WithoutEffect.allows(&interrupted));
        assert!(!Repeat::WithoutEffect.allows(&Failure::Status(502)));
        assert!(Repeat::Read.allows(&interrupted) && Repeat::Read.allows(&Failure::Status(502)));
        assert!(!Repeat::Read.allows(&Failure::Status(404)) && !Repeat::Read.allows(&Failure::IdentityMismatch));
    }
}
