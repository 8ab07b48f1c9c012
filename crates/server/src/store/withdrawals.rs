//! Withdrawals: a user took the consent back in the platform's settings, and the platform says so.
//!
//! A withdrawal ends what was consented to at its moment or before, and nothing else. So one that comes late, again, or is
//! replayed by somebody, now or in years, never touches what the user agreed to since. Sessions rest on the grant of their
//! user, whichever login made them, and end with it; those that were made before the withdrawal end in any case.
//!
//! Each is noted for 30 days under hashes of its ids: an answer may link one of these ids to a user later (the platform named
//! the user by an id that was not known here), and a login may be under way while the message comes. It never links ids
//! itself: only an answer proves whose they are.

use super::{Actor, AuditAction, StoreError, Stores, audit::AuditEntry};
use crate::{clocks::CLOCKS_DIFFER_BY_MILLIS, crypto::user_id_hash};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use std::{str::FromStr, sync::Arc};

/// What becomes of a user who took the consent back. Grant and sessions end in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterWithdrawal {
    /// The member stays as it was stored: nickname, avatar and the like; so does the phone number.
    KeepMember,
    /// The member goes, which came with the grant, and the phone number. The subject stays with its ids and its reported consents, so that a user
    /// who comes back has the same.
    #[default]
    EraseMember,
    /// Everything about the user goes, as by `DELETE /member`.
    EraseUser,
}

impl AfterWithdrawal {
    /// The word for settings and for the erasure journal.
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

/// The text says nothing of what becomes of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is keep, erase_member or erase_user")]
pub struct AfterWithdrawalError;

/// What a withdrawal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// Something that was consented to before it ended.
    Ended,
    /// The user is known, and has nothing that was consented to before: it was heard of before, or the user agreed again since.
    NothingOlder,
    /// Nobody is known by these ids. It is kept for 30 days, and holds for a user whom an answer links to one of them until then.
    Unknown,
}

impl Withdrawn {
    /// A word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::NothingOlder => "nothing_older",
            Self::Unknown => "unknown",
        }
    }
}

impl Stores {
    /// Ends what a user consented to at `at`, a moment of the platform's clock, or before; never what is consented to later than
    /// `now`, but for a difference of clocks. It can be repeated, and is to be when
    /// it failed. When it is done, sessions that are kept elsewhere than in the database have ended too.
    ///
    /// Ids that lead to several users end all of these: a message too many costs a login, one too few keeps what its user took
    /// back.
    ///
    /// # Errors
    /// [`StoreError`] when a store fails. In the database it is all or nothing.
    pub async fn withdraw(
        &self,
        app_id: &str,
        ids: &UserIds,
        at: Timestamp,
        after: AfterWithdrawal,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Withdrawn, StoreError> {
        // No consent is taken back in the future: a moment that is told wrongly does not end what is granted from now on.
        let at = at.min(now.plus_millis(CLOCKS_DIFFER_BY_MILLIS));
        let entry = AuditEntry::new(by, AuditAction::ConsentWithdrawn, now).saying(after.as_str());
        let withdrawal = Withdrawal { app_id: app_id.to_owned(), ids: ids.clone(), at, after, heard_at: now, entry };
        let taken_back = self.members.withdraw(Arc::new(withdrawal)).await?;
        self.sessions.end_withdrawn(&taken_back.sessions).await?;
        // Not what ended nothing, so that a replay fills no disk. Should this fail, the repeated message is not written down either;
        // the platform tells of it for a week (`miniauth reconcile`).
        if taken_back.withdrawn == Withdrawn::Ended {
            self.note_withdrawal(app_id, &taken_back.sessions.users, (at, after), now).await?;
        }
        Ok(taken_back.withdrawn)
    }
}

/// A withdrawal, to be written down.
pub(crate) struct Withdrawal {
    pub(crate) app_id: String,
    pub(crate) ids: UserIds,
    /// By the platform's clock.
    pub(crate) at: Timestamp,
    pub(crate) after: AfterWithdrawal,
    /// By our own.
    pub(crate) heard_at: Timestamp,
    /// For each id of the users whom it ends something of.
    pub(crate) entry: AuditEntry,
}

/// What the database did with one.
pub(crate) struct TakenBack {
    pub(crate) withdrawn: Withdrawn,
    pub(crate) sessions: WithdrawnSessions,
}

/// Which sessions a withdrawal ends where they are kept elsewhere than in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WithdrawnSessions {
    /// Those that were made then or before, of the users whom its ids lead to.
    pub(crate) at: Timestamp,
    /// All ids of these users.
    pub(crate) users: Vec<SubjectId>,
    /// All ids of those of them who have no grant any more, and so no session: also when an earlier try ended it.
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

    /// Under which a withdrawal of a user of an app is noted: for each id one.
    pub(in crate::store) fn id_hashes(app_id: &str, ids: &UserIds) -> Vec<Vec<u8>> {
        let each = [("open_id", ids.open_id()), ("user_id", ids.user_id()), ("union_id", ids.union_id())];
        each.into_iter().filter_map(|(kind, id)| Some(user_id_hash(app_id, kind, id?))).collect()
    }

    /// The latest withdrawal that is noted for one of a user's ids.
    #[derive(Clone, Copy)]
    pub(in crate::store) struct Noted {
        pub(in crate::store) at: i64,
        pub(in crate::store) heard_at: i64,
        pub(in crate::store) keeps_member: bool,
    }

    impl Noted {
        /// What is written down when it ends something at `now` that came later than its message.
        pub(in crate::store) fn entry(self, now: Timestamp) -> AuditEntry {
            let after = if self.keeps_member { AfterWithdrawal::KeepMember } else { AfterWithdrawal::EraseMember };
            AuditEntry::new(&Actor::Platform, AuditAction::ConsentWithdrawn, now).saying(after.as_str())
        }

        /// Reads `withdrawn_at, heard_at, member`.
        pub(in crate::store) fn new(at: i64, heard_at: i64, member: &str) -> Self {
            Self { at, heard_at, keeps_member: member == "kept" }
        }

        /// Whether it came while the login was under way, and so may take back what the login brings.
        pub(in crate::store) fn overtook(self, login: &Login) -> bool {
            self.heard_at >= to_stored(login.arrived_at) && to_stored(login.grant.consented_at) <= self.at
        }
    }

    impl TakenBack {
        /// What became of the users whom a withdrawal's ids lead to.
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
        /// The column `member` of its note.
        pub(in crate::store) fn member(&self) -> &'static str {
            if self.keeps_member() { "kept" } else { "erased" }
        }

        pub(in crate::store) fn keeps_member(&self) -> bool {
            self.after == AfterWithdrawal::KeepMember
        }

        /// Whether the user goes as a whole if there is neither grant nor member left: not one who came only after the
        /// withdrawal, whom a replay of it would erase.
        pub(in crate::store) fn erases(&self, subject: &Subject) -> bool {
            self.after == AfterWithdrawal::EraseUser && subject.created_at <= to_stored(self.at)
        }
    }

    /// Notes a withdrawal of the app `$1` for the id hash `$2`: when (`$3`), what becomes of the member (`$4`), and when it was
    /// heard of (`$5`). One that is noted already counts, if it is as late.
    pub(in crate::store) const NOTE: &str = "
        INSERT INTO withdrawals (app_id, id_hash, withdrawn_at, member, heard_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (app_id, id_hash) DO UPDATE SET
            withdrawn_at = excluded.withdrawn_at, member = excluded.member, heard_at = excluded.heard_at
        WHERE excluded.withdrawn_at > withdrawals.withdrawn_at";

    /// Ends the grant of the subject `$1` that was consented to at `$2` or before.
    pub(in crate::store) const END_GRANT: &str = "DELETE FROM grants WHERE subject = $1 AND consented_at <= $2";

    /// Ends the sessions of the subject `$1` that were made at `$2` or before; all, when there is no grant any more.
    pub(in crate::store) const END_SESSIONS: &str = "
        DELETE FROM sessions
        WHERE subject = $1 AND (created_at <= $2 OR NOT EXISTS (SELECT 1 FROM grants WHERE subject = $1))";

    /// Erases the phone number of the subject `$1` that was consented to at `$2` or before.
    pub(in crate::store) const ERASE_PHONE: &str = "DELETE FROM phones WHERE subject = $1 AND consented_at <= $2";

    /// Erases the member of the subject `$1` that was consented to at `$2` or before.
    pub(in crate::store) const ERASE_MEMBER: &str =
        concat!("UPDATE subjects SET ", no_member!(), " WHERE id = $1 AND consented_at <= $2");

    /// All ids of the subject `$1`, if it has no grant any more.
    pub(in crate::store) const WITHOUT_GRANT: &str = "
        SELECT id FROM subjects
        WHERE (id = $1 OR retired_into = $1) AND NOT EXISTS (SELECT 1 FROM grants WHERE subject = $1)";

    /// Erases the subject `$1`, if it has no grant, no member and no phone number.
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
