//! Whether a consent panel may be shown, and what was answered.
//!
//! One panel at a time; each needs a [`TapProof`] of its own, so nothing asks again after a refusal before a new tap.

use crate::{purpose::Purpose, scope::Scope, tap::TapProof, time::Timestamp};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::collections::VecDeque;

/// How many answers are remembered; the oldest go first.
const MAXIMUM_RECORDS: usize = 100;

/// What the user, or the platform for the user, answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The user agreed.
    Granted,
    /// The user said no.
    Refused,
    /// The panel was closed without an answer (back key, app sent to the background).
    Dismissed,
    /// The platform failed: the user was not, or not fully, asked.
    Failed,
}

/// One answer, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the user was told.
    pub purpose: Purpose,
    /// What was asked for.
    pub scope: Scope,
    /// When it was answered, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// What was answered.
    pub outcome: Outcome,
}

impl Outcome {
    /// The outcome's name: `granted`, `refused`, `dismissed` or `failed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Dismissed => "dismissed",
            Self::Failed => "failed",
        }
    }
}

/// As a map: for the names of a struct's fields serde-wasm-bindgen keeps a cache, which weighs 1 KB in the package.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("purpose", self.purpose.as_str())?;
        map.serialize_entry("scope", self.scope.as_str())?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("outcome", self.outcome.as_str())?;
        map.end()
    }
}

/// The right to show one panel. It is given back with the answer, so an answer without a panel cannot be written.
#[derive(Debug)]
#[must_use = "a panel that is never answered blocks all others"]
pub struct Panel {
    purpose: Purpose,
}

impl Panel {
    /// What the user is told.
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }
}

/// What the holder of a tap may do now.
#[derive(Debug)]
pub enum Permission {
    /// Show a panel, then [`answer`](Consent::answer) it.
    Ask(Panel),
    /// A panel is open: wait for its answer, which holds for this caller too. The tap is used up.
    Share,
}

/// The consent of one client's user.
#[derive(Debug, Default)]
pub struct Consent {
    panel_open: bool,
    granted: Option<Record>,
    records: VecDeque<Record>,
}

impl Consent {
    /// Asks for the right to show a panel, at the price of a tap.
    pub fn request(&mut self, _tap: TapProof, purpose: Purpose) -> Permission {
        if self.panel_open {
            return Permission::Share;
        }
        self.panel_open = true;
        Permission::Ask(Panel { purpose })
    }

    /// Records what became of a panel. A failure of the platform changes nothing about what was granted before.
    pub fn answer(&mut self, panel: Panel, scope: Scope, outcome: Outcome, at: Timestamp) {
        self.panel_open = false;
        let record = Record { purpose: panel.purpose, scope, at, outcome };
        match outcome {
            Outcome::Granted => self.granted = Some(record.clone()),
            Outcome::Refused | Outcome::Dismissed => self.granted = None,
            Outcome::Failed => {}
        }
        if self.records.len() == MAXIMUM_RECORDS {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    /// The consent that holds, if the user gave one to this client.
    pub const fn granted(&self) -> Option<&Record> {
        self.granted.as_ref()
    }

    /// The platform no longer knows the consent: the user took it back in the platform's settings.
    pub fn withdrawn(&mut self) {
        self.granted = None;
    }

    /// The answers so far, oldest first, at most 100.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.records.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tap::{TapEvent, TapLedger};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn taps() -> impl FnMut() -> TapProof {
        let (mut ledger, mut object) = (TapLedger::default(), 0);
        move || {
            object += 1;
            let event = TapEvent { object, kind: "tap".into(), time_stamp: None, first_seen: NOW };
            ledger.prove(Some(&event), NOW).expect("a new object is a new tap")
        }
    }

    fn purpose() -> Purpose {
        Purpose::parse("用于显示会员等级").expect("readable")
    }

    fn ask(consent: &mut Consent, tap: TapProof) -> Panel {
        match consent.request(tap, purpose()) {
            Permission::Ask(panel) => panel,
            Permission::Share => panic!("no panel is open"),
        }
    }

    #[test]
    fn one_panel_at_a_time() {
        let (mut consent, mut tap) = (Consent::default(), taps());
        let panel = ask(&mut consent, tap());
        assert!(matches!(consent.request(tap(), purpose()), Permission::Share));
        consent.answer(panel, Scope::AuthUser, Outcome::Refused, NOW);
        let next = ask(&mut consent, tap());
        consent.answer(next, Scope::AuthUser, Outcome::Granted, NOW);
    }

    #[test]
    fn a_refusal_ends_what_was_granted_and_a_failure_does_not() {
        let (mut consent, mut tap) = (Consent::default(), taps());
        let panel = ask(&mut consent, tap());
        consent.answer(panel, Scope::AuthUser, Outcome::Granted, NOW);
        let panel = ask(&mut consent, tap());
        consent.answer(panel, Scope::AuthUser, Outcome::Failed, NOW);
        assert!(consent.granted().is_some());
        let panel = ask(&mut consent, tap());
        consent.answer(panel, Scope::AuthUser, Outcome::Dismissed, NOW);
        assert!(consent.granted().is_none());
    }

    proptest! {
        /// Against a plain reference: a flag, the last answer that was not a failure, and a list.
        #[test]
        fn behaves_like_the_reference(steps in proptest::collection::vec(0_u8..6, 0..200)) {
            let (mut consent, mut tap) = (Consent::default(), taps());
            let mut open = None;
            let (mut granted, mut answers) = (false, Vec::new());
            for step in steps {
                let outcome = match step {
                    0 => Some(Outcome::Granted),
                    1 => Some(Outcome::Refused),
                    2 => Some(Outcome::Dismissed),
                    3 => Some(Outcome::Failed),
                    _ => None,
                };
                match (outcome, open.take()) {
                    (Some(outcome), Some(panel)) => {
                        consent.answer(panel, Scope::AuthUser, outcome, NOW);
                        granted = outcome == Outcome::Granted || (granted && outcome == Outcome::Failed);
                        answers.push(outcome);
                    }
                    (None, Some(panel)) => {
                        prop_assert!(matches!(consent.request(tap(), purpose()), Permission::Share));
                        open = Some(panel);
                    }
                    (_, None) => open = Some(ask(&mut consent, tap())),
                }
                prop_assert_eq!(consent.granted().is_some(), granted);
                let kept: Vec<_> = consent.records().map(|record| record.outcome).collect();
                prop_assert_eq!(&kept[..], &answers[answers.len().saturating_sub(MAXIMUM_RECORDS)..]);
            }
        }
    }
}
