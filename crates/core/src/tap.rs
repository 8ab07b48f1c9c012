//! The proof that the user tapped just now.
//!
//! Page code can forge an event, so this stops mistakes, not malice.

use crate::{error_code::ErrorCode, text::joined, time::Timestamp};

/// How long a tap allows a consent panel, in milliseconds, where the app does not say otherwise.
pub const TAP_LIFETIME_MILLIS: u64 = 5_000;

/// A `timeStamp` further from the clock than this, in milliseconds, is not of the clock's epoch: engines differ between
/// time since the epoch and time since start.
const PLAUSIBLE_DISTANCE_MILLIS: u64 = 3_600_000;

/// An event as the page's handler received it.
#[derive(Debug, Clone, PartialEq)]
pub struct TapEvent {
    /// The event object's identity: the same number for the same object.
    pub object: u32,
    /// The event's `type`.
    pub kind: String,
    /// The event's `timeStamp`, in milliseconds of an epoch that is not known.
    pub time_stamp: Option<f64>,
    /// When the object was first passed to this client.
    pub first_seen: Timestamp,
}

/// The user's own acts that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapKind {
    /// A tap on anything.
    Tap,
    /// A form's submission.
    Submit,
    /// The authorising button (`open-type="getAuthorize"`): the platform has asked for consent already.
    GetAuthorize,
}

impl TapKind {
    /// Reads an event's `type`. The exact spelling of `getAuthorize` is unsure, so either case is taken.
    fn parse(kind: &str) -> Option<Self> {
        [(Self::Tap, "tap"), (Self::Submit, "submit"), (Self::GetAuthorize, "getAuthorize")]
            .into_iter()
            .find_map(|(tap, name)| kind.eq_ignore_ascii_case(name).then_some(tap))
    }
}

/// A fresh tap that nothing else used. Only [`TapLedger::prove`] makes one, and it cannot be copied: one tap, one consent.
#[derive(Debug, PartialEq, Eq)]
pub struct TapProof {
    kind: TapKind,
}

impl TapProof {
    /// What the user did.
    pub const fn kind(&self) -> TapKind {
        self.kind
    }
}

/// Why an event proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum TapRefusal {
    /// There is no event, or it is not one of the user's own acts.
    NotATap,
    /// The tap is older than a tap may be.
    Stale {
        /// Its age in milliseconds.
        age_millis: u64,
        /// What it may be, in milliseconds.
        lifetime_millis: u64,
    },
    /// The tap was used before, as this object or as another object of the same tap.
    Used,
}

impl TapRefusal {
    /// What is wrong with the event, in English.
    pub fn message(self) -> String {
        let [age, lifetime] = match self {
            Self::NotATap => {
                return "no tap event was passed: call this in the handler of a tap, a form's submit or the getAuthorize \
                        button, with the handler's event"
                    .to_owned();
            }
            Self::Used => return "this tap was used before: one tap allows one consent".to_owned(),
            Self::Stale { age_millis, lifetime_millis } => {
                [age_millis, lifetime_millis].map(|millis| millis.to_string())
            }
        };
        joined(&["the tap is ", &age, " ms old: it holds for ", &lifetime, " ms"])
    }

    /// The stable code.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotATap => ErrorCode::TapRequired,
            Self::Stale { .. } => ErrorCode::TapStale,
            Self::Used => ErrorCode::TapUsed,
        }
    }
}

/// Remembers which taps were used.
#[derive(Debug)]
pub struct TapLedger {
    lifetime_millis: u64,
    used: Vec<UsedTap>,
}

#[derive(Debug)]
struct UsedTap {
    object: u32,
    kind: TapKind,
    time_stamp: Option<f64>,
    at: Timestamp,
}

impl Default for TapLedger {
    fn default() -> Self {
        Self::new(TAP_LIFETIME_MILLIS)
    }
}

impl TapLedger {
    /// A ledger for which a tap holds this long, in milliseconds.
    pub const fn new(lifetime_millis: u64) -> Self {
        Self { lifetime_millis, used: Vec::new() }
    }

    /// Accepts an event as a proof at the moment of the call, and uses it up.
    ///
    /// # Errors
    /// A [`TapRefusal`] when it proves nothing; the event is not used up then.
    pub fn prove(&mut self, event: Option<&TapEvent>, called_at: Timestamp) -> Result<TapProof, TapRefusal> {
        let event = event.ok_or(TapRefusal::NotATap)?;
        let kind = TapKind::parse(&event.kind).ok_or(TapRefusal::NotATap)?;
        // Older entries need no memory: their objects are stale, and bubbling delivers the second object at once.
        self.used.retain(|used| called_at.millis_since(used.at) <= self.lifetime_millis);
        // Some engines may leave the stamp at zero for every event; that tells two taps no more apart than none.
        let time_stamp = event.time_stamp.filter(|stamp| stamp.is_finite() && *stamp > 0.0);
        let used = self.used.iter().any(|used| {
            used.object == event.object || (used.kind == kind && time_stamp.is_some() && used.time_stamp == time_stamp)
        });
        if used {
            return Err(TapRefusal::Used);
        }
        let age_millis = age(time_stamp, event.first_seen, called_at);
        if age_millis > self.lifetime_millis {
            return Err(TapRefusal::Stale { age_millis, lifetime_millis: self.lifetime_millis });
        }
        self.used.push(UsedTap { object: event.object, kind, time_stamp, at: called_at });
        Ok(TapProof { kind })
    }
}

/// An event is at least as old as our first sight of it, and as old as its stamp says where that is the clock's.
fn age(time_stamp: Option<f64>, first_seen: Timestamp, now: Timestamp) -> u64 {
    let since_seen = now.millis_since(first_seen);
    let Some(stamp) = time_stamp.filter(|stamp| *stamp < u64::MAX as f64) else { return since_seen };
    let stamp = Timestamp::from_millis(stamp as u64);
    let plausible = now.millis_since(stamp).max(stamp.millis_since(now)) <= PLAUSIBLE_DISTANCE_MILLIS;
    if plausible { since_seen.max(now.millis_since(stamp)) } else { since_seen }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn event(object: u32, kind: &str, time_stamp: f64) -> TapEvent {
        TapEvent { object, kind: kind.into(), time_stamp: Some(time_stamp), first_seen: NOW }
    }

    fn stamp(before_millis: u64) -> f64 {
        (NOW.as_millis() - before_millis) as f64
    }

    #[test]
    fn the_users_own_acts_count_and_others_do_not() {
        let mut ledger = TapLedger::default();
        for (object, kind) in ["tap", "submit", "getAuthorize", "getauthorize"].into_iter().enumerate() {
            let event = event(object as u32, kind, stamp(object as u64 * 10));
            assert!(ledger.prove(Some(&event), NOW).is_ok(), "{kind}");
        }
        assert_eq!(ledger.prove(None, NOW), Err(TapRefusal::NotATap));
        for kind in ["", "touchStart", "scroll", "load", "taps"] {
            assert_eq!(ledger.prove(Some(&event(9, kind, stamp(0))), NOW), Err(TapRefusal::NotATap), "{kind}");
        }
    }

    #[test]
    fn a_tap_holds_for_five_seconds() {
        let mut ledger = TapLedger::default();
        assert!(ledger.prove(Some(&event(1, "tap", stamp(5_000))), NOW).is_ok());
        let refusal = ledger.prove(Some(&event(2, "tap", stamp(5_001))), NOW);
        assert_eq!(refusal, Err(TapRefusal::Stale { age_millis: 5_001, lifetime_millis: 5_000 }));
    }

    #[test]
    fn an_app_may_say_how_long_a_tap_holds() {
        let mut ledger = TapLedger::new(1_000);
        assert!(ledger.prove(Some(&event(1, "tap", stamp(1_000))), NOW).is_ok());
        let refusal = ledger.prove(Some(&event(2, "tap", stamp(1_001))), NOW);
        assert_eq!(refusal, Err(TapRefusal::Stale { age_millis: 1_001, lifetime_millis: 1_000 }));
    }

    #[test]
    fn a_stamp_of_another_epoch_is_judged_from_first_sight() {
        let mut ledger = TapLedger::default();
        for (object, time_stamp) in [12_345.6, stamp(3_600_001), 1e300, f64::NAN].into_iter().enumerate() {
            assert!(ledger.prove(Some(&event(object as u32, "tap", time_stamp)), NOW).is_ok(), "{time_stamp}");
        }
        let seen_early = TapEvent { first_seen: NOW, ..event(77, "tap", 99_999.0) };
        let refusal = TapLedger::default().prove(Some(&seen_early), NOW.plus_millis(6_000));
        assert_eq!(refusal, Err(TapRefusal::Stale { age_millis: 6_000, lifetime_millis: 5_000 }));
    }

    #[test]
    fn a_stamp_ahead_of_the_clock_does_not_make_an_old_object_young() {
        let ahead = event(1, "tap", stamp(0) + 1_800_000.0);
        assert_eq!(
            TapLedger::default().prove(Some(&ahead), NOW.plus_millis(6_000)),
            Err(TapRefusal::Stale { age_millis: 6_000, lifetime_millis: 5_000 })
        );
    }

    #[test]
    fn one_tap_proves_once_as_one_object_or_as_two() {
        let mut ledger = TapLedger::default();
        assert!(ledger.prove(Some(&event(1, "tap", stamp(3))), NOW).is_ok());
        assert_eq!(ledger.prove(Some(&event(1, "tap", stamp(3))), NOW), Err(TapRefusal::Used));
        assert_eq!(ledger.prove(Some(&event(2, "tap", stamp(3))), NOW), Err(TapRefusal::Used));
        assert!(ledger.prove(Some(&event(3, "tap", stamp(2))), NOW).is_ok(), "another tap");
        assert!(ledger.prove(Some(&event(4, "submit", stamp(3))), NOW).is_ok(), "another act at the same time");
    }

    #[test]
    fn engines_that_leave_the_stamp_at_zero_still_work() {
        let mut ledger = TapLedger::default();
        assert!(ledger.prove(Some(&event(1, "tap", 0.0)), NOW).is_ok());
        assert!(ledger.prove(Some(&event(2, "tap", 0.0)), NOW).is_ok());
    }

    #[test]
    fn the_ledger_stays_small() {
        let mut ledger = TapLedger::default();
        for index in 0..10_000_u32 {
            let now = NOW.plus_millis(u64::from(index) * 1_000);
            let event = TapEvent { object: index, kind: "tap".into(), time_stamp: None, first_seen: now };
            assert!(ledger.prove(Some(&event), now).is_ok());
        }
        assert!(ledger.used.len() <= 6);
    }
}
