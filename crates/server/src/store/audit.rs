//! The audit: who did what to which subject, and when.
//!
//! A row is written in the transaction of the action. For actions outside of a transaction (exporting data, sessions in
//! Redis) it is written before: a row may describe an action that then failed, but no action lacks a row. A row names a
//! user only by the subject's random id, so it stays after an erasure, until the audit's retention has passed.

use super::{StoreError, Stores};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The name of a person or program that runs a command. It is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorName(String);

impl FromStr for OperatorName {
    type Err = OperatorNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_plain = !name.trim().is_empty() && name.trim() == name && !name.chars().any(char::is_control);
        if is_plain && name.chars().count() <= 64 { Ok(Self(name.to_owned())) } else { Err(OperatorNameError) }
    }
}

/// The text is not a valid name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a name: 1 to 64 characters on one line, without spaces around")]
pub struct OperatorNameError;

/// Who performed an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Someone who ran a command.
    Operator(OperatorName),
    /// The user, through the app.
    User,
    /// The platform, through a message.
    Platform,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(OperatorName(name)) => write!(formatter, "operator:{name}"),
            Self::User => formatter.write_str("user"),
            Self::Platform => formatter.write_str("platform"),
        }
    }
}

macro_rules! actions {
    ($($(#[$documentation:meta])* $name:ident = $text:literal;)*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AuditAction {
            $($(#[$documentation])* $name,)*
        }

        impl AuditAction {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the action's name in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

actions! {
    /// A user was searched for and found.
    MemberFound = "member_found";
    /// A user's data was shown.
    MemberShown = "member_shown";
    /// All data of a user was exported.
    MemberExported = "member_exported";
    /// A user was erased. Each id of the user has a row.
    MemberErased = "member_erased";
    /// A user withdrew consent, and what depended on it ended. Each id of the user has a row.
    ConsentWithdrawn = "consent_withdrawn";
    /// A phone number was stored as unconfirmed, because another user of the app has it.
    PhoneUnconfirmed = "phone_unconfirmed";
    /// An answer of the platform was refused because it would give a user a second id of a kind.
    SecondIdRefused = "second_id_refused";
    /// A user's sessions were listed.
    SessionsListed = "sessions_listed";
    /// A user's sessions were ended.
    SessionsEnded = "sessions_ended";
    /// The next token key was requested.
    KeysRotated = "keys_rotated";
    /// The token keys were revoked.
    KeysRevoked = "keys_revoked";
    /// A back-end was added.
    BackendAdded = "backend_added";
    /// A back-end got a new secret.
    BackendRotated = "backend_rotated";
    /// A back-end was removed.
    BackendRemoved = "backend_removed";
    /// The database was copied.
    DatabaseCopied = "database_copied";
    /// A copy replaced the database.
    DatabaseRestored = "database_restored";
    /// Everything was moved to another database.
    DatabaseMoved = "database_moved";
    /// The journal of erasures was applied.
    ErasuresApplied = "erasures_applied";
    /// The platform was asked who withdrew consent.
    Reconciled = "reconciled";
}

impl FromStr for AuditAction {
    type Err = AuditActionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text).ok_or(AuditActionError)
    }
}

/// The text is not an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditActionError;

impl fmt::Display for AuditActionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = AuditAction::ALL.iter().map(|action| action.as_str()).collect();
        write!(formatter, "unknown action; the actions are {}", names.join(", "))
    }
}

impl std::error::Error for AuditActionError {}

/// A row to be written.
#[derive(Debug, Clone)]
pub(crate) struct AuditEntry {
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) action: AuditAction,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) detail: Option<String>,
}

impl AuditEntry {
    pub(crate) fn new(by: &Actor, action: AuditAction, at: Timestamp) -> Self {
        Self { at, actor: by.to_string(), action, subject: None, detail: None }
    }

    pub(crate) fn about(&self, subject: SubjectId) -> Self {
        Self { subject: Some(subject), ..self.clone() }
    }

    pub(crate) fn saying(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// A row as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// When, by the clock of the machine that performed the action.
    #[serde(serialize_with = "date")]
    pub at: Timestamp,
    /// Who: `user`, `platform`, or `operator:` and a name.
    pub actor: String,
    /// What: one of [`AuditAction`], or of a later version.
    pub action: String,
    /// To whom.
    pub subject: Option<SubjectId>,
    /// Further details.
    pub detail: Option<String>,
}

fn date<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&super::records::rfc3339(*moment))
}

/// Selects rows.
#[derive(Debug, Clone, Copy)]
pub struct AuditFilter {
    /// Only about this subject and those that were merged into it.
    pub subject: Option<SubjectId>,
    /// Only with this action.
    pub action: Option<AuditAction>,
    /// Only since this time.
    pub since: Timestamp,
    /// At most this many, the newest.
    pub limit: u32,
}

impl AuditFilter {
    /// Selects the newest `limit` rows.
    pub const fn newest(limit: u32) -> Self {
        Self { subject: None, action: None, since: Timestamp::from_millis(0), limit }
    }
}

/// Stores the audit.
#[async_trait]
pub(crate) trait AuditStore: Send + Sync {
    /// Writes rows, all or none.
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;

    /// Returns the newest rows that match a filter, the newest first.
    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, StoreError>;

    /// Deletes up to `limit` rows from before a given time. Returns their number.
    async fn forget_audit(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

impl Stores {
    /// Records an action that is about to happen outside of a transaction. If this fails, do not perform it.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn note(
        &self,
        by: &Actor,
        action: AuditAction,
        subject: Option<SubjectId>,
        detail: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.audit.note(vec![AuditEntry { subject, detail, ..AuditEntry::new(by, action, now) }]).await
    }

    /// Returns the newest rows that match the filter, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows = self.audit.audit(filter).await?;
        rows.reverse();
        Ok(rows)
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const ADD: &str = "INSERT INTO audit (done_at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)";

/// About the subject `$1` or all, with the action `$2` or all, since `$3`, at most `$4`.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const SELECT: &str = "
    SELECT done_at, actor, action, subject, detail FROM audit
    WHERE (CAST($1 AS bigint) IS NULL OR subject = $1 OR subject IN (SELECT id FROM subjects WHERE retired_into = $1))
      AND action = coalesce($2, action) AND done_at >= $3
    ORDER BY done_at DESC, id DESC LIMIT $4";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_parsed_from_its_own_name() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        assert!("erased".parse::<AuditAction>().unwrap_err().to_string().contains("member_erased, "));
    }

    #[test]
    fn an_operators_name_cannot_imitate_another_actor() {
        for name in ["alice", "王 芳", "nightly timer", "user", &"a".repeat(64)] {
            assert_eq!(Actor::Operator(name.parse().unwrap()).to_string(), format!("operator:{name}"));
        }
        for name in ["", " ", " alice", "alice ", "alice\nplatform", "a\u{7}", &"a".repeat(65)] {
            assert!(name.parse::<OperatorName>().is_err(), "{name:?}");
        }
        assert_eq!((Actor::User.to_string(), Actor::Platform.to_string()), ("user".to_owned(), "platform".to_owned()));
    }
}
