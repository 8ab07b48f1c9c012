//! The user's consents and answers.
//!
//! Each [`Kind`] is a separate consent: the platform asks for it in its own window, and the answer says nothing about the others.
//! [`Consents`] records only what the platform said. Each [`Panel`] costs a [`TapProof`], so after a refusal nothing can ask again before
//! a new tap.
//!
//! ```
//! use miniauth_core::{consent::{Consents, Kind, Outcome, Purpose, Record, Standing}, time::Timestamp};
//! let mut consents = Consents::default();
//! let at = Timestamp::from_seconds(1_800_000_000);
//! let purpose = Purpose::parse("用于显示会员等级").unwrap();
//! let refused = Record { kind: Kind::AuthUser, purpose, at, outcome: Outcome::Refused, message: None, late: false };
//! consents.record(refused.clone());
//! assert_eq!(consents.standing(Kind::AuthUser), Standing::Denied);
//! consents.record(Record { outcome: Outcome::Granted, ..refused });
//! assert_eq!(consents.granted(Kind::AuthUser).map(|record| record.at), Some(at));
//! assert_eq!(consents.standing(Kind::UserInfo), Standing::Unknown, "another consent");
//! ```

use crate::{tap::TapProof, time::Timestamp};
use serde::Serialize;

/// The most answers that are remembered. The oldest are dropped first.
const MAXIMUM_RECORDS: usize = 100;

/// A kind of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nickname and avatar for display. The authorising button asks for it.
    UserInfo,
    /// The member's fields for the server. `my.getAuthCode` asks for it.
    AuthUser,
    /// The phone number. The authorising button asks for it.
    PhoneNumber,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::UserInfo, Self::AuthUser, Self::PhoneNumber];

    /// Returns the kind's name on the platform.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserInfo => "userInfo",
            Self::AuthUser => "auth_user",
            Self::PhoneNumber => "phoneNumber",
        }
    }
}

/// The maximum length of a purpose, in characters. It must fit on one or two lines of a phone, and is stored with every
/// consent.
pub const MAXIMUM_PURPOSE_CHARACTERS: usize = 100;

/// A purpose that a person can read, for example 用于显示会员等级.
///
/// It has 1 to [`MAXIMUM_PURPOSE_CHARACTERS`] characters after trimming, at least one letter or ideograph, and no control
/// characters.
///
/// ```
/// use miniauth_core::consent::Purpose;
/// assert_eq!(Purpose::parse(" 用于显示会员等级 ").unwrap().as_str(), "用于显示会员等级");
/// assert!(Purpose::parse("...").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Purpose(String);

impl Purpose {
    /// Parses a purpose.
    ///
    /// # Errors
    /// [`PurposeError`] if the text is empty, unreadable or too long.
    pub fn parse(text: &str) -> Result<Self, PurposeError> {
        Self::parse_with(text, |text| text.chars().any(char::is_alphabetic))
    }

    /// Like [`parse`](Self::parse), for a host that can test for letters itself. Rust's Unicode table would add 2 KB to the
    /// module.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, has_letter: impl Fn(&str) -> bool) -> Result<Self, PurposeError> {
        let text = text.trim();
        let readable = has_letter(text)
            && !text.chars().any(char::is_control)
            && text.chars().count() <= MAXIMUM_PURPOSE_CHARACTERS;
        if readable { Ok(Self(text.to_owned())) } else { Err(PurposeError) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The purpose is empty, unreadable or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("purpose must be a text of 1 to {MAXIMUM_PURPOSE_CHARACTERS} characters that the user can read")]
pub struct PurposeError;

/// What is known about a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Unknown: the user was not asked since the app was opened, or withdrew the consent.
    #[default]
    Unknown,
    /// The user agreed.
    Granted,
    /// The user refused.
    Denied,
}

impl Standing {
    /// Reads the value of `my.getSetting` for a kind; `None` if it has none.
    pub const fn of_setting(setting: Option<bool>) -> Self {
        match setting {
            None => Self::Unknown,
            Some(true) => Self::Granted,
            Some(false) => Self::Denied,
        }
    }

    /// Returns `unknown`, `granted` or `denied`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Granted => "granted",
            Self::Denied => "denied",
        }
    }
}

/// The user's answer, or the platform's instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The user agreed.
    Granted,
    /// The user refused.
    Refused,
    /// The user closed the panel without an answer (back key, app sent to the background).
    Dismissed,
    /// The platform did not grant it. It is not known whether the user was asked.
    NotGranted,
    /// The call failed before the user could answer.
    Failed,
}

impl Outcome {
    /// Returns the outcome's name: `granted`, `refused`, `dismissed`, `not_granted` or `failed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Dismissed => "dismissed",
            Self::NotGranted => "not_granted",
            Self::Failed => "failed",
        }
    }
}

/// One recorded answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the user was asked for.
    pub kind: Kind,
    /// The purpose that the user was told.
    pub purpose: Purpose,
    /// When the user answered.
    pub at: Timestamp,
    /// The answer.
    pub outcome: Outcome,
    /// The platform's message, if it gave one.
    pub message: Option<String>,
    /// Whether the answer came after the time-out. It is recorded, but has no effect.
    pub late: bool,
}

/// The right to show one panel, in exchange for a tap.
#[derive(Debug)]
pub struct Panel {
    purpose: Purpose,
}

impl Panel {
    /// Exchanges a tap for a panel.
    pub const fn new(_tap: TapProof, purpose: Purpose) -> Self {
        Self { purpose }
    }

    /// Returns the purpose that the user is told.
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }
}

/// The consents of one client's user.
#[derive(Debug, Default)]
pub struct Consents {
    standings: [Standing; Kind::ALL.len()],
    records: Vec<Record>,
}

impl Consents {
    /// Records an answer of the platform. A failed call and a late answer do not change the [`standing`](Self::standing).
    pub fn record(&mut self, record: Record) {
        match record.outcome {
            _ if record.late => {}
            Outcome::Granted => self.learn(record.kind, Standing::Granted),
            Outcome::Refused => self.learn(record.kind, Standing::Denied),
            Outcome::Dismissed | Outcome::NotGranted => self.withdrawn(record.kind),
            Outcome::Failed => {}
        }
        if self.records.len() == MAXIMUM_RECORDS {
            self.records.remove(0);
        }
        self.records.push(record);
    }

    /// Records what the platform says about a consent without asking the user. [`Standing::Unknown`] changes nothing.
    pub const fn learn(&mut self, kind: Kind, standing: Standing) {
        if !matches!(standing, Standing::Unknown) {
            self.standings[kind as usize] = standing;
        }
    }

    /// Records that the platform does not have the consent: the user withdrew it, or never gave it.
    pub const fn withdrawn(&mut self, kind: Kind) {
        self.standings[kind as usize] = Standing::Unknown;
    }

    /// Returns what is known about a consent.
    pub const fn standing(&self, kind: Kind) -> Standing {
        self.standings[kind as usize]
    }

    /// Returns the answer that gave a consent, as long as the consent is valid.
    pub fn granted(&self, kind: Kind) -> Option<&Record> {
        let gave = |record: &&Record| record.kind == kind && record.outcome == Outcome::Granted && !record.late;
        self.records.iter().rfind(gave).filter(|_| self.standing(kind) == Standing::Granted)
    }

    /// Returns the recorded answers, the oldest first, at most 100.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.records.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn record(kind: Kind, outcome: Outcome) -> Record {
        let purpose = Purpose::parse("用于显示会员等级").expect("readable");
        Record { kind, purpose, at: NOW, outcome, message: None, late: false }
    }

    #[test]
    fn consents_are_kept_apart_by_kind() {
        let mut consents = Consents::default();
        consents.record(record(Kind::AuthUser, Outcome::Granted));
        consents.record(record(Kind::UserInfo, Outcome::Refused));
        assert_eq!(
            Kind::ALL.map(|kind| consents.standing(kind)),
            [Standing::Denied, Standing::Granted, Standing::Unknown]
        );
        assert!(consents.granted(Kind::AuthUser).is_some());
        assert!(consents.granted(Kind::UserInfo).is_none());
    }

    #[test]
    fn pages_and_the_platform_have_these_names_for_them() {
        assert_eq!(Kind::ALL.map(Kind::as_str), ["userInfo", "auth_user", "phoneNumber"]);
        let standings = [Standing::Unknown, Standing::Granted, Standing::Denied];
        assert_eq!(standings.map(Standing::as_str), ["unknown", "granted", "denied"]);
        let outcomes = [Outcome::Granted, Outcome::Refused, Outcome::Dismissed, Outcome::NotGranted, Outcome::Failed];
        assert_eq!(outcomes.map(Outcome::as_str), ["granted", "refused", "dismissed", "not_granted", "failed"]);
    }

    #[test]
    fn a_purpose_can_be_read_and_is_short() {
        for text in ["显示等级", " a ", &"等".repeat(MAXIMUM_PURPOSE_CHARACTERS)] {
            assert_eq!(Purpose::parse(text).unwrap().as_str(), text.trim());
        }
        for text in ["", " ", "...", "123", "显示\n等级", &"等".repeat(MAXIMUM_PURPOSE_CHARACTERS + 1)] {
            assert_eq!(Purpose::parse(text), Err(PurposeError), "{text:?}");
        }
    }

    #[test]
    fn the_last_timely_agreement_gave_the_consent() {
        let mut consents = Consents::default();
        let at = |second| NOW.plus_seconds(second);
        consents.record(Record { at: at(1), ..record(Kind::AuthUser, Outcome::Granted) });
        consents.record(Record { at: at(2), ..record(Kind::AuthUser, Outcome::Granted) });
        consents.record(Record { at: at(3), late: true, ..record(Kind::AuthUser, Outcome::Granted) });
        consents.record(Record { at: at(4), ..record(Kind::AuthUser, Outcome::Failed) });
        consents.record(Record { at: at(5), ..record(Kind::UserInfo, Outcome::Granted) });
        assert_eq!(consents.granted(Kind::AuthUser).map(|record| record.at), Some(at(2)));
        consents.record(record(Kind::AuthUser, Outcome::Dismissed));
        assert_eq!(consents.granted(Kind::AuthUser), None, "it is not valid any more");
    }

    #[test]
    fn a_late_answer_changes_nothing_but_the_record() {
        let mut consents = Consents::default();
        consents.record(Record { late: true, ..record(Kind::AuthUser, Outcome::Granted) });
        assert_eq!(consents.standing(Kind::AuthUser), Standing::Unknown);
        assert!(consents.granted(Kind::AuthUser).is_none());
        assert_eq!(consents.records().len(), 1);
    }

    #[test]
    fn settings_count_without_an_answer() {
        let mut consents = Consents::default();
        consents.learn(Kind::UserInfo, Standing::of_setting(Some(true)));
        assert_eq!(consents.standing(Kind::UserInfo), Standing::Granted);
        assert!(consents.granted(Kind::UserInfo).is_none(), "nobody answered");
        consents.learn(Kind::UserInfo, Standing::of_setting(None));
        assert_eq!(consents.standing(Kind::UserInfo), Standing::Granted, "unknown changes nothing");
        consents.withdrawn(Kind::UserInfo);
        assert_eq!(consents.standing(Kind::UserInfo), Standing::Unknown);
    }

    proptest! {
        /// Compares with a simple model: the last statement about each kind, and a list.
        #[test]
        fn consents_behave_like_the_reference_model(steps in proptest::collection::vec((0_usize..3, 0_u8..5), 0..200)) {
            let mut consents = Consents::default();
            let (mut known, mut answers) = ([Standing::Unknown; 3], Vec::new());
            for (kind, step) in steps {
                let (outcome, after) = match step {
                    0 => (Outcome::Granted, Standing::Granted),
                    1 => (Outcome::Refused, Standing::Denied),
                    2 => (Outcome::Dismissed, Standing::Unknown),
                    3 => (Outcome::NotGranted, Standing::Unknown),
                    _ => (Outcome::Failed, known[kind]),
                };
                consents.record(record(Kind::ALL[kind], outcome));
                known[kind] = after;
                answers.push(outcome);
                prop_assert_eq!(Kind::ALL.map(|kind| consents.standing(kind)), known);
                let kept: Vec<_> = consents.records().map(|record| record.outcome).collect();
                prop_assert_eq!(&kept[..], &answers[answers.len().saturating_sub(MAXIMUM_RECORDS)..]);
            }
        }
    }
}
