//! How long sessions live.

use miniauth_core::time::Timestamp;
use std::{num::NonZeroU32, time::Duration};

/// How long sessions live, and how many of them a user has. Whole seconds count.
#[derive(Debug, Clone)]
pub struct SessionRules {
    /// The longest life of a session, from its login on, used or not. A week unless it is said otherwise.
    pub lifetime: Duration,
    /// A session that is not used for this long is over; each use prolongs it, never beyond `lifetime`. `None` (the
    /// default): sessions live for `lifetime`, used or not.
    pub idle_lifetime: Option<Duration>,
    /// How many sessions a user of an app has at most: with 1, only the newest login counts; otherwise that many
    /// devices. A login beyond that ends the oldest session. 20 unless it is said otherwise.
    pub per_user: NonZeroU32,
    /// How long this instance may take a session to be as it read it before, which spares the store's work. What this
    /// instance itself changes counts at once; a logout, an erasure or a refresh at another instance counts here only
    /// after this long. Zero (the default): every check asks the store.
    pub staleness: Duration,
    /// How often sessions that are over are deleted. A minute unless it is said otherwise.
    pub clean_up_every: Duration,
}

impl SessionRules {
    /// The default of [`SessionRules::lifetime`].
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// The default of [`SessionRules::per_user`].
    pub const DEFAULT_PER_USER: NonZeroU32 = NonZeroU32::new(20).unwrap();

    /// When a session that was made at `created_at` is over, however much it is used.
    pub(crate) fn longest(&self, created_at: Timestamp) -> Timestamp {
        created_at.plus_seconds(self.lifetime.as_secs())
    }

    /// When a session is over that was made at `created_at` and is used at `now`.
    pub(crate) fn end(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        let longest = self.longest(created_at);
        match self.idle_lifetime {
            Some(idle) => longest.min(now.plus_seconds(idle.as_secs())),
            None => longest,
        }
    }

    /// The end to write down for a session that is used at `now`, if it is worth a write: not each use is, but only when
    /// a sixteenth of the idle life is gained.
    pub(super) fn prolonged(&self, created_at: Timestamp, stored_end: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let step = u64::try_from(self.idle_lifetime?.as_millis()).unwrap_or(u64::MAX) / 16;
        let end = self.end(created_at, now);
        (end.millis_since(stored_end) > step).then_some(end)
    }
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            lifetime: Self::DEFAULT_LIFETIME,
            idle_lifetime: None,
            per_user: Self::DEFAULT_PER_USER,
            staleness: Duration::ZERO,
            clean_up_every: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_prolongs_in_steps_and_never_beyond_the_longest_life() {
        let rules = SessionRules {
            lifetime: Duration::from_secs(1_000),
            idle_lifetime: Some(Duration::from_secs(160)),
            ..SessionRules::default()
        };
        let at = Timestamp::from_seconds;
        assert_eq!(rules.end(at(0), at(0)), at(160));
        assert_eq!(rules.prolonged(at(0), at(160), at(10)), None, "too little is gained");
        assert_eq!(rules.prolonged(at(0), at(160), at(11)), Some(at(171)));
        assert_eq!(rules.prolonged(at(0), at(960), at(900)), Some(at(1_000)));
        assert_eq!(rules.prolonged(at(0), at(1_000), at(950)), None);
        assert_eq!(SessionRules::default().prolonged(at(0), at(604_800), at(500_000)), None);
    }
}
