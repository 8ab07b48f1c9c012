//! The proof that the user tapped just now.
//!
//! A [`TapLedger`] turns a page handler's event into a [`Press`]. For a panel, the press becomes a [`TapProof`]. Page
//! code can forge an event, so this prevents mistakes, not malice.
//!
//! ```
//! use miniauth_core::{tap::{TapError, TapEvent, TapLedger}, time::Timestamp};
//! let tapped = Timestamp::from_seconds(1_800_000_000);
//! let event = TapEvent { object: 1.0, kind: "tap".into(), time_stamp: None, first_seen: tapped, failed: false, elsewhere: false };
//! let mut taps = TapLedger::default();
//!
//! let late = taps.press(Some(&event), tapped.plus_seconds(6), 5_000, true);
//! assert_eq!(late.unwrap_err().to_string(), "the tap is 6000 ms old: the limit is 5000 ms");
//! assert!(taps.press(Some(&event), tapped, 5_000, true).is_ok());
//! assert_eq!(taps.press(Some(&event), tapped, 5_000, true), Err(TapError::Used));
//! assert_eq!(taps.press(None, tapped, 5_000, true), Err(TapError::NotATap));
//! ```

use crate::{error_code::ErrorCode, text::joined, time::Timestamp};

/// A `timeStamp` that differs from the clock by more than this, in milliseconds, is not a time since the epoch. Some engines
/// count from the epoch, others from the app's start.
const PLAUSIBLE_DISTANCE_MILLIS: u64 = 3_600_000;

/// The longest lifetime of a tap that an app can set, in milliseconds: a minute. Used taps are remembered for this
/// long.
pub const LONGEST_TAP_LIFETIME_MILLIS: u64 = 60_000;

/// An event as the page's handler received it, without a framework's wrapper.
#[derive(Debug, Clone, PartialEq)]
pub struct TapEvent {
    /// The event object's identity: the same number for the same object, as JavaScript counts them.
    pub object: f64,
    /// The event's `type`.
    pub kind: String,
    /// The event's `timeStamp`, in milliseconds since an unknown start.
    pub time_stamp: Option<f64>,
    /// When the object was first passed to this module.
    pub first_seen: Timestamp,
    /// Whether the event reports a failure: its detail has an `errorMessage`.
    pub failed: bool,
    /// Whether another copy of the module, with its own ledger, got the event before.
    pub elsewhere: bool,
}

impl TapEvent {
    /// Returns whether the event is an action of the user, or reports a failure. Any other event proves nothing.
    pub fn is_act(&self) -> bool {
        Act::of(self).is_some()
    }
}

/// The meaning of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// A tap, or something that follows from one, such as the submission of a form.
    Tap,
    /// The authorising button's event (`open-type="getAuthorize"`) after the user has agreed.
    GetAuthorize,
    /// The same, with the data that the user agreed to share: nickname and avatar, or the encrypted phone number.
    GetValues,
    Failure,
}

impl Act {
    /// Reads an event. Frameworks may change the case of its type. An event that has failed is a failure whatever its
    /// type; one of type `error` is a failure in any case.
    fn of(event: &TapEvent) -> Option<Self> {
        if event.failed {
            return Some(Self::Failure);
        }
        [
            (Self::Tap, "tap"),
            (Self::Tap, "click"),
            (Self::Tap, "longTap"),
            (Self::Tap, "longPress"),
            (Self::Tap, "submit"),
            (Self::GetAuthorize, "getAuthorize"),
            (Self::GetValues, "getUserInfo"),
            (Self::GetValues, "getPhoneNumber"),
            (Self::Failure, "error"),
        ]
        .into_iter()
        .find_map(|(act, name)| event.kind.eq_ignore_ascii_case(name).then_some(act))
    }
}

/// A fresh, unused tap. Only [`TapLedger`] makes one, and it cannot be copied: one tap, one panel.
#[derive(Debug, PartialEq, Eq)]
pub struct TapProof(());

/// A fresh, unused action of the user.
#[derive(Debug, PartialEq, Eq)]
pub enum Press {
    /// A tap on anything, or a form's submission.
    Tap(TapProof),
    /// The authorising button. The platform has already asked the user, so it allows no panel.
    Button,
}

impl Press {
    /// Returns the right to one panel.
    ///
    /// # Errors
    /// [`TapError::Button`] for the authorising button: one press never opens two windows.
    pub fn for_panel(self) -> Result<TapProof, TapError> {
        match self {
            Self::Tap(tap) => Ok(tap),
            Self::Button => Err(TapError::Button),
        }
    }
}

/// Why an event is not a proof of a tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum TapError {
    /// There is no event, or it is not an action of the user.
    NotATap,
    /// A panel was requested with the authorising button's event: one press never opens two windows.
    Button,
    /// The event reports that the authorising button failed.
    Failed,
    /// The tap is older than allowed.
    Stale {
        /// Its age in milliseconds.
        age_millis: u64,
        /// The maximum age, in milliseconds.
        lifetime_millis: u64,
    },
    /// The tap was used before, through this event object or another one of the same tap.
    Used,
}

impl TapError {
    /// Returns what is wrong with the event, in English.
    pub fn message(self) -> String {
        let [age, lifetime] = match self {
            Self::NotATap => {
                return "no tap event was passed: call this in the handler of a tap, a form's submit or the getAuthorize \
                        button, and pass the handler's event first"
                    .to_owned();
            }
            Self::Button => {
                return "the getAuthorize button has already asked the user: a panel needs another tap".to_owned();
            }
            Self::Failed => return "the getAuthorize button failed: a panel needs another tap".to_owned(),
            Self::Used => return "this tap was used before: one tap allows one consent".to_owned(),
            Self::Stale { age_millis, lifetime_millis } => {
                [age_millis, lifetime_millis].map(|millis| millis.to_string())
            }
        };
        joined(&["the tap is ", &age, " ms old: the limit is ", &lifetime, " ms"])
    }

    /// Returns the error code.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotATap | Self::Button | Self::Failed => ErrorCode::TapRequired,
            Self::Stale { .. } => ErrorCode::TapStale,
            Self::Used => ErrorCode::TapUsed,
        }
    }
}

/// Remembers which taps were used.
#[derive(Debug, Default)]
pub struct TapLedger {
    used: Vec<UsedTap>,
}

#[derive(Debug)]
struct UsedTap {
    object: f64,
    act: Act,
    time_stamp: Option<f64>,
    at: Timestamp,
}

impl TapLedger {
    /// Accepts an event as a press and uses it up. The event may be at most `lifetime_millis` old at `called_at`.
    ///
    /// # Errors
    /// A [`TapError`] if the event is no proof; the event is then not used up. With `for_panel`, an event of the
    /// authorising button is an error too. Without `for_panel`, a failure is used up, so that it is reported only once.
    pub fn press(
        &mut self,
        event: Option<&TapEvent>,
        called_at: Timestamp,
        lifetime_millis: u64,
        for_panel: bool,
    ) -> Result<Press, TapError> {
        let event = event.ok_or(TapError::NotATap)?;
        let act = Act::of(event).ok_or(TapError::NotATap)?;
        let press = match act {
            Act::Tap => Ok(Press::Tap(TapProof(()))),
            Act::GetAuthorize | Act::GetValues if for_panel => return Err(TapError::Button),
            Act::GetAuthorize | Act::GetValues => Ok(Press::Button),
            Act::Failure if for_panel => return Err(TapError::Failed),
            Act::Failure => Err(TapError::Failed),
        };
        // Older entries are not needed: their objects have expired, and a bubbling event arrives at once.
        self.used.retain(|used| called_at.millis_since(used.at) <= LONGEST_TAP_LIFETIME_MILLIS);
        // Some engines may set the time stamp to zero for every event, so it cannot tell taps apart.
        let time_stamp = event.time_stamp.filter(|stamp| stamp.is_finite() && *stamp > 0.0);
        let used = self.used.iter().any(|used| {
            used.object == event.object || (used.act == act && time_stamp.is_some() && used.time_stamp == time_stamp)
        });
        if used || (event.elsewhere && act == Act::Tap) {
            return Err(TapError::Used);
        }
        // The button sends its event after the user has answered, but its time stamp may be that of the press.
        let stamp = time_stamp.filter(|_| act == Act::Tap);
        let age_millis = age(stamp, event.first_seen, called_at);
        if age_millis > lifetime_millis {
            return Err(TapError::Stale { age_millis, lifetime_millis });
        }
        self.used.push(UsedTap { object: event.object, act, time_stamp, at: called_at });
        press
    }
}

/// Returns the age of an event: the time since it was first seen, or since its time stamp if that is earlier and a
/// plausible clock time.
fn age(time_stamp: Option<f64>, first_seen: Timestamp, now: Timestamp) -> u64 {
    let since_seen = now.millis_since(first_seen);
    let Some(stamp) = time_stamp else { return since_seen };
    // A number that is too large becomes the largest time.
    let stamp = Timestamp::from_millis(stamp as u64);
    let plausible = now.millis_since(stamp).max(stamp.millis_since(now)) <= PLAUSIBLE_DISTANCE_MILLIS;
    if plausible { since_seen.max(now.millis_since(stamp)) } else { since_seen }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const TAP_LIFETIME_MILLIS: u64 = 5_000;

    fn event(object: u32, kind: &str, time_stamp: f64) -> TapEvent {
        TapEvent {
            object: object.into(),
            kind: kind.into(),
            time_stamp: Some(time_stamp),
            first_seen: NOW,
            failed: false,
            elsewhere: false,
        }
    }

    fn stamp(before_millis: u64) -> f64 {
        (NOW.as_millis() - before_millis) as f64
    }

    fn tap(ledger: &mut TapLedger, event: &TapEvent) -> Result<TapProof, TapError> {
        ledger.press(Some(event), NOW, TAP_LIFETIME_MILLIS, true)?.for_panel()
    }

    fn press(ledger: &mut TapLedger, event: &TapEvent) -> Result<Press, TapError> {
        ledger.press(Some(event), NOW, TAP_LIFETIME_MILLIS, false)
    }

    #[test]
    fn actions_of_the_user_count_in_either_case_and_other_events_do_not() {
        let mut ledger = TapLedger::default();
        let taps = ["tap", "Tap", "click", "longTap", "longtap", "longpress", "submit"];
        for (object, kind) in taps.into_iter().enumerate() {
            let event = event(object as u32, kind, stamp(object as u64 * 10));
            assert!(tap(&mut ledger, &event).is_ok(), "{kind}");
        }
        assert_eq!(ledger.press(None, NOW, TAP_LIFETIME_MILLIS, true), Err(TapError::NotATap));
        let others =
            ["", "touchStart", "scroll", "load", "taps", "agreePrivacyAuthorization", "agreeprivacyauthorization"];
        for kind in others {
            assert_eq!(press(&mut ledger, &event(9, kind, stamp(0))), Err(TapError::NotATap), "{kind}");
        }
    }

    #[test]
    fn the_buttons_events_are_presses_and_allow_no_panel() {
        let mut ledger = TapLedger::default();
        let kinds = ["getAuthorize", "getauthorize", "getUserInfo", "getuserinfo", "getPhoneNumber", "getphonenumber"];
        for (object, kind) in kinds.into_iter().enumerate() {
            let event = event(object as u32, kind, stamp(object as u64 * 10));
            assert_eq!(tap(&mut ledger, &event), Err(TapError::Button), "{kind}");
            assert_eq!(press(&mut ledger, &event), Ok(Press::Button), "a refused call does not use it up");
        }
    }

    #[test]
    fn the_two_events_of_one_press_count_separately() {
        let mut ledger = TapLedger::default();
        for (object, kind) in ["tap", "getAuthorize", "getUserInfo"].into_iter().enumerate() {
            assert!(press(&mut ledger, &event(object as u32, kind, stamp(0))).is_ok(), "{kind}");
        }
    }

    #[test]
    fn a_failure_is_no_tap_and_is_reported_once() {
        for kind in ["tap", "getAuthorize", "error", "whatever"] {
            let failure = TapEvent { failed: true, ..event(1, kind, stamp(0)) };
            let mut ledger = TapLedger::default();
            assert_eq!(tap(&mut ledger, &failure), Err(TapError::Failed), "{kind}");
            assert_eq!(press(&mut ledger, &failure), Err(TapError::Failed), "{kind}");
            assert_eq!(press(&mut ledger, &failure), Err(TapError::Used), "{kind}");
        }
        let silent = event(1, "error", stamp(0));
        assert_eq!(press(&mut TapLedger::default(), &silent), Err(TapError::Failed), "an error without a message");
    }

    #[test]
    fn the_age_of_a_button_event_counts_from_its_arrival() {
        let mut ledger = TapLedger::default();
        assert!(press(&mut ledger, &event(1, "getAuthorize", stamp(20_000))).is_ok(), "stamped at the press");
        let kept = TapEvent { first_seen: NOW, ..event(2, "getAuthorize", stamp(0)) };
        let later = ledger.press(Some(&kept), NOW.plus_millis(6_000), TAP_LIFETIME_MILLIS, false);
        assert_eq!(later, Err(TapError::Stale { age_millis: 6_000, lifetime_millis: 5_000 }));
    }

    #[test]
    fn a_tap_is_valid_for_five_seconds() {
        let mut ledger = TapLedger::default();
        assert!(tap(&mut ledger, &event(1, "tap", stamp(5_000))).is_ok());
        let refusal = tap(&mut ledger, &event(2, "tap", stamp(5_001)));
        assert_eq!(refusal, Err(TapError::Stale { age_millis: 5_001, lifetime_millis: 5_000 }));
    }

    #[test]
    fn an_app_can_set_how_long_a_tap_is_valid() {
        let mut ledger = TapLedger::default();
        assert!(ledger.press(Some(&event(1, "tap", stamp(1_000))), NOW, 1_000, true).is_ok());
        let refusal = ledger.press(Some(&event(2, "tap", stamp(1_001))), NOW, 1_000, true);
        assert_eq!(refusal, Err(TapError::Stale { age_millis: 1_001, lifetime_millis: 1_000 }));
    }

    #[test]
    fn a_tap_used_by_one_client_is_used_for_a_client_with_a_longer_tap_lifetime() {
        let mut ledger = TapLedger::default();
        let event = TapEvent { time_stamp: None, ..event(1, "tap", 0.0) };
        assert!(ledger.press(Some(&event), NOW, 1_000, true).is_ok());
        let later = NOW.plus_millis(LONGEST_TAP_LIFETIME_MILLIS);
        assert_eq!(ledger.press(Some(&event), later, LONGEST_TAP_LIFETIME_MILLIS, true), Err(TapError::Used));
    }

    #[test]
    fn a_stamp_of_another_epoch_is_judged_from_first_sight() {
        let mut ledger = TapLedger::default();
        for (object, time_stamp) in [12_345.6, stamp(3_600_001), 1e300, f64::NAN].into_iter().enumerate() {
            assert!(tap(&mut ledger, &event(object as u32, "tap", time_stamp)).is_ok(), "{time_stamp}");
        }
        let seen_early = event(77, "tap", 99_999.0);
        let refusal = TapLedger::default().press(Some(&seen_early), NOW.plus_millis(6_000), TAP_LIFETIME_MILLIS, true);
        assert_eq!(refusal, Err(TapError::Stale { age_millis: 6_000, lifetime_millis: 5_000 }));
    }

    #[test]
    fn a_stamp_ahead_of_the_clock_does_not_make_an_old_object_young() {
        let ahead = event(1, "tap", stamp(0) + 1_800_000.0);
        assert_eq!(
            TapLedger::default().press(Some(&ahead), NOW.plus_millis(6_000), TAP_LIFETIME_MILLIS, true),
            Err(TapError::Stale { age_millis: 6_000, lifetime_millis: 5_000 })
        );
    }

    #[test]
    fn one_tap_proves_once_as_one_object_or_as_two() {
        let mut ledger = TapLedger::default();
        assert!(tap(&mut ledger, &event(1, "tap", stamp(3))).is_ok());
        assert_eq!(tap(&mut ledger, &event(1, "tap", stamp(3))), Err(TapError::Used));
        assert_eq!(tap(&mut ledger, &event(2, "tap", stamp(3))), Err(TapError::Used));
        assert!(tap(&mut ledger, &event(3, "tap", stamp(2))).is_ok(), "another tap");
        let submit = tap(&mut ledger, &event(4, "submit", stamp(3)));
        assert_eq!(submit, Err(TapError::Used), "one touch of a button and its form");
    }

    #[test]
    fn a_tap_that_another_module_had_opens_no_panel_here() {
        let mut ledger = TapLedger::default();
        let had = |kind: &str| TapEvent { elsewhere: true, ..event(1, kind, stamp(3)) };
        assert_eq!(tap(&mut ledger, &had("tap")), Err(TapError::Used));
        assert_eq!(press(&mut ledger, &had("getAuthorize")), Ok(Press::Button), "no panel is needed");
    }

    #[test]
    fn engines_whose_stamps_say_nothing_still_work() {
        for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let mut ledger = TapLedger::default();
            assert!(tap(&mut ledger, &event(1, "tap", nothing)).is_ok(), "{nothing}");
            assert!(tap(&mut ledger, &event(2, "tap", nothing)).is_ok(), "{nothing}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_what_would_be_right() {
        for (refusal, said) in [
            (TapError::NotATap, "no tap event was passed"),
            (TapError::Button, "has already asked the user"),
            (TapError::Failed, "button failed"),
            (TapError::Stale { age_millis: 6_000, lifetime_millis: 5_000 }, "6000 ms old: the limit is 5000 ms"),
            (TapError::Used, "was used before"),
        ] {
            assert!(refusal.message().contains(said), "{refusal}");
            assert_eq!(refusal.to_string(), refusal.message());
        }
    }

    #[test]
    fn a_users_action_is_recognised_before_it_is_used() {
        for (kind, failed, is_act) in
            [("tap", false, true), ("error", false, true), ("scroll", true, true), ("scroll", false, false)]
        {
            assert_eq!(TapEvent { failed, ..event(1, kind, stamp(0)) }.is_act(), is_act, "{kind}");
        }
    }

    #[test]
    fn the_record_of_used_taps_stays_small() {
        let mut ledger = TapLedger::default();
        for index in 0..10_000_u32 {
            let now = NOW.plus_millis(u64::from(index) * 1_000);
            let event = TapEvent { time_stamp: None, first_seen: now, ..event(index, "tap", 0.0) };
            assert!(ledger.press(Some(&event), now, TAP_LIFETIME_MILLIS, true).is_ok());
        }
        assert!(ledger.used.len() <= 61);
    }
}
