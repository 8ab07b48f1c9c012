//! Withdrawals: a user withdrew consent in the platform's settings, and the platform reports it.
//!
//! A withdrawal ends what was consented to at its time or before, and nothing else. So one that is late, repeated or
//! replayed, even years later, never affects a later consent. Sessions depend on their user's grant, whichever login
//! created them, and end with it; those created before the withdrawal end in any case.
//!
//! Each withdrawal is stored for 30 days under hashes of its ids. A later answer may link one of these ids to a user
//! (the platform named the user by an id that was unknown here), and a login may be in progress when the message
//! arrives. A withdrawal never links ids itself: only an answer proves who they belong to.

use super::{Actor, AuditAction, StoreError, Stores, audit::AuditEntry};
use crate::{clocks::CLOCKS_DIFFER_BY_MILLIS, crypto::user_id_hash};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use std::{str::FromStr, sync::Arc};

/// What happens to the data of a user who withdraws consent. The grant and the sessions end in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterWithdrawal {
    /// The stored member (nickname, avatar and so on) and the phone number are kept.
    KeepMember,
    /// The member of the grant and the phone number are erased. The subject keeps its ids and reported consents, so
    /// that a returning user has the same subject.
    #[default]
    EraseMember,
    /// Everything about the user is erased, as by `DELETE /member`.
    EraseUser,
}

impl AfterWithdrawal {
    /// Returns the word in settings and the erasure journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeepMember => "keep",
            Self::EraseMember => "erase_member",
            Self::EraseUser => "erase_user",
        }
    }
}

impl FromStr for AfterWithdrawal {
    type Err = AfterWithdrawalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::KeepMember, Self::EraseMember, Self::EraseUser];
        all.into_iter().find(|after| after.as_str() == text).ok_or(AfterWithdrawalError)
    }
}

/// The text is not such a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be keep, erase_member or erase_user")]
pub struct AfterWithdrawalError;

/// The outcome of a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It ended something that was consented to before.
    Ended,
    /// The user is known but has nothing that was consented to before: the withdrawal is a repetition, or the user
    /// agreed again since.
    NothingOlder,
    /// No user has these ids. The withdrawal is stored for 30 days, and applies to a user if an answer links one of the
    /// ids to them in that time.
    Unknown,
}

impl Withdrawn {
    /// Returns the label in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::NothingOlder => "nothing_older",
            Self::Unknown => "unknown",
        }
    }
}

impl Stores {
    /// Ends what a user consented to by `at`, a time of the platform's clock; later times than `now` plus the allowed
    /// clock difference count as that. Can be repeated, and must be if it failed. When it returns, sessions in a
    /// separate store have ended too.
    ///
    /// If the ids lead to several users, applies to all of them: a wrong withdrawal costs a login, while a missed one
    /// keeps data against the user's will.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails. In the database it is one transaction.
    pub async fn withdraw(
        &self,
        app_id: &str,
        ids: &UserIds,
        at: Timestamp,
        after: AfterWithdrawal,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Withdrawn, StoreError> {
        // Consent cannot be withdrawn in the future: a wrong time must not end future grants.
        let at = at.min(now.plus_millis(CLOCKS_DIFFER_BY_MILLIS));
        let entry = AuditEntry::new(by, AuditAction::ConsentWithdrawn, now).saying(after.as_str());
        let withdrawal = Withdrawal { app_id: app_id.to_owned(), ids: ids.clone(), at, after, heard_at: now, entry };
        let result = self.members.withdraw(Arc::new(withdrawal)).await?;
        self.sessions.end_withdrawn(&result.sessions).await?;
        // Only what ended something is journalled, so that replays fill no disk. If writing fails, the repeated message
        // is not journalled either, but the platform reports the withdrawal for a week (`miniauth reconcile`).
        if result.withdrawn == Withdrawn::Ended {
            self.note_withdrawal(app_id, &result.sessions.users, (at, after), now).await?;
        }
        Ok(result.withdrawn)
    }
}

/// A withdrawal to be saved.
pub(crate) struct Withdrawal {
    pub(crate) app_id: String,
    pub(crate) ids: UserIds,
    /// By the platform's clock.
    pub(crate) at: Timestamp,
    pub(crate) after: AfterWithdrawal,
    /// By this server's clock.
    pub(crate) heard_at: Timestamp,
    /// The audit row for each id of the affected users.
    pub(crate) entry: AuditEntry,
}

/// What the database did with a withdrawal.
pub(crate) struct WithdrawalResult {
    pub(crate) withdrawn: Withdrawn,
    pub(crate) sessions: WithdrawnSessions,
}

/// The sessions that a withdrawal ends in a separate store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WithdrawnSessions {
    /// Ends the sessions of the withdrawal's users that were created by this time.
    pub(crate) at: Timestamp,
    /// All ids of these users.
    pub(crate) users: Vec<SubjectId>,
    /// All ids of those users who have no grant any more, and so no session, even if an earlier attempt ended it.
    pub(crate) without_grant: Vec<SubjectId>,
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use statements::*;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod statements {
    use super::*;
    use crate::store::{
        logins::Login,
        subjects::{Subject, no_member},
        to_stored,
    };

    /// Returns the hashes under which a withdrawal is stored: one per id.
    pub(in crate::store) fn id_hashes(app_id: &str, ids: &UserIds) -> Vec<Vec<u8>> {
        let each = [("open_id", ids.open_id()), ("user_id", ids.user_id()), ("union_id", ids.union_id())];
        each.into_iter().filter_map(|(kind, id)| Some(user_id_hash(app_id, kind, id?))).collect()
    }

    /// The latest stored withdrawal of one of a user's ids.
    #[derive(Clone, Copy)]
    pub(in crate::store) struct Noted {
        pub(in crate::store) at: i64,
        pub(in crate::store) heard_at: i64,
        pub(in crate::store) keeps_member: bool,
    }

    impl Noted {
        /// Returns the audit row for what it ends at `now`, after its message.
        pub(in crate::store) fn entry(self, now: Timestamp) -> AuditEntry {
            let after = if self.keeps_member { AfterWithdrawal::KeepMember } else { AfterWithdrawal::EraseMember };
            AuditEntry::new(&Actor::Platform, AuditAction::ConsentWithdrawn, now).saying(after.as_str())
        }

        /// Reads `withdrawn_at, heard_at, member`.
        pub(in crate::store) fn new(at: i64, heard_at: i64, member: &str) -> Self {
            Self { at, heard_at, keeps_member: member == "kept" }
        }

        /// Returns whether it arrived during the login, and so may apply to the login's consent.
        pub(in crate::store) fn overtook(self, login: &Login) -> bool {
            self.heard_at >= to_stored(login.arrived_at) && to_stored(login.grant.consented_at) <= self.at
        }
    }

    impl WithdrawalResult {
        /// Returns the outcome for the users with the withdrawal's ids.
        pub(in crate::store) fn new(
            at: Timestamp,
            subjects: &[Subject],
            ended: bool,
            without_grant: Vec<SubjectId>,
        ) -> Self {
            let withdrawn = match subjects {
                [] => Withdrawn::Unknown,
                _ if ended => Withdrawn::Ended,
                _ => Withdrawn::NothingOlder,
            };
            let users = subjects.iter().flat_map(Subject::every_id).collect();
            Self { withdrawn, sessions: WithdrawnSessions { at, users, without_grant } }
        }
    }

    impl Withdrawal {
        /// Returns the column `member` of the stored withdrawal.
        pub(in crate::store) fn member(&self) -> &'static str {
            if self.keeps_member() { "kept" } else { "erased" }
        }

        pub(in crate::store) fn keeps_member(&self) -> bool {
            self.after == AfterWithdrawal::KeepMember
        }

        /// Returns whether the whole user is to be erased if neither grant nor member is left. Not if the user is newer
        /// than the withdrawal: a replay would erase them.
        pub(in crate::store) fn erases(&self, subject: &Subject) -> bool {
            self.after == AfterWithdrawal::EraseUser && subject.created_at <= to_stored(self.at)
        }
    }

    /// Stores a withdrawal of the app `$1` for the id hash `$2`: its time (`$3`), what happens to the member (`$4`),
    /// and when it arrived (`$5`). A stored one is kept if it is as late.
    pub(in crate::store) const NOTE: &str = "
        INSERT INTO withdrawals (app_id, id_hash, withdrawn_at, member, heard_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (app_id, id_hash) DO UPDATE SET
            withdrawn_at = excluded.withdrawn_at, member = excluded.member, heard_at = excluded.heard_at
        WHERE excluded.withdrawn_at > withdrawals.withdrawn_at";

    /// Ends the grant of the subject `$1` if it was consented to by `$2`.
    pub(in crate::store) const END_GRANT: &str = "DELETE FROM grants WHERE subject = $1 AND consented_at <= $2";

    /// Ends the sessions of the subject `$1` that were created by `$2`; all if there is no grant any more.
    pub(in crate::store) const END_SESSIONS: &str = "
        DELETE FROM sessions
        WHERE subject = $1 AND (created_at <= $2 OR NOT EXISTS (SELECT 1 FROM grants WHERE subject = $1))";

    /// Erases the phone number of the subject `$1` if it was consented to by `$2`.
    pub(in crate::store) const ERASE_PHONE: &str = "DELETE FROM phones WHERE subject = $1 AND consented_at <= $2";

    /// Erases the member of the subject `$1` if it was consented to by `$2`.
    pub(in crate::store) const ERASE_MEMBER: &str =
        concat!("UPDATE subjects SET ", no_member!(), " WHERE id = $1 AND consented_at <= $2");

    /// Returns all ids of the subject `$1` if it has no grant any more.
    pub(in crate::store) const WITHOUT_GRANT: &str = "
        SELECT id FROM subjects
        WHERE (id = $1 OR retired_into = $1) AND NOT EXISTS (SELECT 1 FROM grants WHERE subject = $1)";

    /// Erases the subject `$1` if it has no grant, no member and no phone number.
    pub(in crate::store) const ERASE_USER: &str = "
        DELETE FROM subjects
        WHERE (id = $1 OR retired_into = $1) AND NOT EXISTS (SELECT 1 FROM grants WHERE subject = $1)
          AND NOT EXISTS (SELECT 1 FROM members WHERE subject = $1)
          AND NOT EXISTS (SELECT 1 FROM phones WHERE subject = $1)";
}

#[cfg(all(test, any(feature = "postgres", feature = "sqlite")))]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_hash_of_its_own_in_each_app_and_kind() {
        let ids = |open_id: Option<&str>, user_id: Option<&str>| {
            UserIds::from_ids(open_id.map(str::to_owned), user_id.map(str::to_owned), None).unwrap()
        };
        let both = id_hashes("a", &ids(Some("1"), Some("2")));
        assert_eq!(both, [id_hashes("a", &ids(Some("1"), None)), id_hashes("a", &ids(None, Some("2")))].concat());
        for other in [id_hashes("a", &ids(None, Some("1"))), id_hashes("b", &ids(Some("1"), None))] {
            assert!(!both.contains(&other[0]));
        }
    }
}
