//! Members (what the open platform said about users who agreed to it) and their consents.
//!
//! Three types keep out what a page claims. Stores save a [`VerifiedMember`], which only a verified answer of the
//! gateway yields; only the stores create a [`StoredMember`]; clients see a [`MemberView`].

use super::{
    StoreError,
    audit::AuditEntry,
    grants::{SealedGrant, SealedTokens},
    logins::Login,
    subjects::Judged,
    withdrawals::{AfterWithdrawal, Withdrawal, WithdrawalResult, WithdrawnSessions},
};
use async_trait::async_trait;
use miniauth_core::{
    scope::Scope,
    time::Timestamp,
    wire::{MemberView, SubjectId},
};
use miniauth_openplatform::{UserIds, VerifiedMember};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A member, as stored in the database.
#[derive(Debug, Clone)]
pub struct StoredMember(MemberView);

impl StoredMember {
    pub(super) fn new(view: MemberView) -> Self {
        Self(view)
    }

    /// Returns the stored form of `member` for a subject with these ids. Replaces NUL characters, which PostgreSQL's
    /// texts cannot contain.
    pub(super) fn of(subject: SubjectId, ids: &UserIds, member: &VerifiedMember, now: Timestamp) -> Self {
        let text = |text: Option<&str>| text.map(|text| text.replace('\0', "\u{fffd}"));
        Self(MemberView {
            subject,
            open_id: ids.open_id().map(str::to_owned),
            user_id: ids.user_id().map(str::to_owned),
            nick_name: text(member.nick_name()),
            avatar: text(member.avatar()),
            gender: text(member.gender()),
            province: text(member.province()),
            city: text(member.city()),
            stored_at: now,
        })
    }

    /// Returns the member as clients see it.
    pub fn view(&self) -> &MemberView {
        &self.0
    }

    /// Turns this into the member as clients see it.
    pub fn into_view(self) -> MemberView {
        self.0
    }
}

/// The result of a saved login.
pub(crate) struct SavedLogin {
    pub(crate) subject: SubjectId,
    /// The retired ids of the same user.
    pub(crate) previous: Vec<SubjectId>,
    pub(crate) member: Option<StoredMember>,
    /// Earlier sessions that must also end in a separate session store.
    pub(crate) ended: Option<WithdrawnSessions>,
}

/// The user of a session, and the session's scope.
pub(crate) struct Owner {
    pub(crate) app_id: String,
    pub(crate) subject: SubjectId,
    /// The retired ids of the same user.
    pub(crate) previous: Vec<SubjectId>,
    pub(crate) ids: UserIds,
    pub(crate) scope: Scope,
    pub(crate) member: Option<StoredMember>,
    /// Whether a phone number is stored: most users have none, which saves a query.
    pub(crate) has_phone: bool,
}

impl Owner {
    /// Returns the user's id and the retired ones.
    pub(crate) fn every_subject(&self) -> impl Iterator<Item = SubjectId> {
        std::iter::once(self.subject).chain(self.previous.iter().copied())
    }
}

/// The most reported consents in an answer: the newest.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const LONGEST_LIST: usize = 200;

/// A consent as a client reported it: a record for operators, never a basis for decisions.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportedConsent {
    /// `phoneNumber` for the phone number; else the scope of the auth code.
    #[schema(value_type = ConsentScope)]
    pub(crate) scope: String,
    pub(crate) purpose: String,
    /// The client's time, as reported.
    pub(crate) reported_at: Timestamp,
    /// The server's time.
    pub(crate) received_at: Timestamp,
}

/// What a consent was about.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the database holds as text")]
enum ConsentScope {
    #[schema(rename = "auth_base")]
    AuthBase,
    #[schema(rename = "auth_user")]
    AuthUser,
    #[schema(rename = "phoneNumber")]
    PhoneNumber,
}

/// The result of an erasure.
pub(crate) struct Erasure {
    /// All ids that the user had here, whose sessions in a separate store must end.
    pub(crate) subjects: Vec<SubjectId>,
    /// Whether the bytes are overwritten too, as far as the database can tell.
    pub(crate) complete: bool,
}

/// Records the first key.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const FIRST_KEY: &str = "INSERT INTO server_key (only_row, key_id) VALUES (1, $1) ON CONFLICT DO NOTHING";

/// Replaces the key `$2` by `$1`.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const NEXT_KEY: &str = "UPDATE server_key SET key_id = $1 WHERE key_id = $2";

/// How many database connections are in use, and how many can be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lending {
    pub(crate) lent: usize,
    pub(crate) most: usize,
}

/// Stores subjects with their members, grants and consents, separately for each app. A subject's own id and its retired
/// ids all name it.
#[async_trait]
pub(crate) trait MemberStore: Send + Sync {
    /// Records `key_id` as the key that seals from now on, if no key is recorded, or one of `old`. Returns the id that
    /// is recorded afterwards.
    async fn adopt_key(&self, key_id: &str, old: &[&str]) -> Result<String, StoreError>;

    /// Saves a login without its session in one transaction: subject, member, grant, consent and the outcome of the
    /// claim.
    ///
    /// Saves the grant unless it would replace a valid `auth_user` grant with an `auth_base` one: a silent login must
    /// not discard the user's consent. A grant is valid as long as one of its tokens is; if the platform gave no
    /// expiry, it counts as valid.
    async fn save_login(&self, login: Arc<Login>) -> Judged<SavedLogin>;

    /// Returns the owner of a subject's sessions; `None` if it was erased or has no grant any more, and so no session.
    async fn owner(&self, subject: SubjectId) -> Result<Option<Owner>, StoreError>;

    /// Returns the tokens of a user's grant, if there is one.
    async fn tokens(&self, subject: SubjectId) -> Result<Option<SealedTokens>, StoreError>;

    /// Replaces the tokens of a user's grant by those of an answer that names the user by `ids`. Returns `false` if
    /// there is no grant any more, because the user was erased or withdrew consent in the meantime.
    async fn renew_grant(&self, subject: SubjectId, ids: UserIds, grant: SealedGrant) -> Judged<bool>;

    /// Marks the tokens of a grant as unusable, after the platform refused its refresh token for good. Leaves tokens
    /// that replaced them in the meantime.
    async fn end_tokens(&self, subject: SubjectId, refresh_token: &[u8], now: Timestamp) -> Result<(), StoreError>;

    /// Saves what the platform says now about a member; `None` if the member was erased in the meantime, and stays so.
    async fn refresh_member(
        &self,
        subject: SubjectId,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Judged<Option<StoredMember>>;

    /// Returns the consents that a user's clients reported, the newest first, at most 200.
    async fn consents(&self, subject: SubjectId) -> Result<Vec<ReportedConsent>, StoreError>;

    /// Erases everything stored about a user of an app: all ids, member, phone number, tokens, sessions and consents.
    /// Hashes of used codes stay, because a code must never be exchanged twice; they identify nobody. The audit stays
    /// too, and gets a row for each id.
    async fn erase(&self, subject: SubjectId, entry: AuditEntry) -> Result<Erasure, StoreError>;

    /// Ends what a user consented to before the withdrawal, in one transaction, and records it in case a later answer
    /// links one of these ids to a user.
    async fn withdraw(&self, withdrawal: Arc<Withdrawal>) -> Result<WithdrawalResult, StoreError>;

    /// Ends again what a user consented to by a given time, because a restored database has it again. Returns whether
    /// there was anything.
    async fn withdraw_again(
        &self,
        subject: SubjectId,
        at: Timestamp,
        after: AfterWithdrawal,
        entry: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Returns whether there is such a subject.
    async fn knows(&self, subject: SubjectId) -> Result<bool, StoreError>;

    /// Tries again to overwrite the bytes of erased data; `true` when that is done.
    async fn complete_erasures(&self) -> Result<bool, StoreError>;

    /// Deletes up to `limit` grants whose tokens and sessions all expired before a given time. Returns their number.
    /// Subjects and members stay.
    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Deletes up to `limit` withdrawals that were received before a given time. Returns their number.
    async fn forget_withdrawals(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Checks that the database can be read.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Checks that the database can be written.
    async fn probe_write(&self) -> Result<(), StoreError>;

    /// Finishes pending work and closes the database.
    async fn close(&self);

    /// Returns the state of the connection pool, if there is one.
    fn connections(&self) -> Option<Lending> {
        None
    }
}
