//! Members, what the open platform said about users who agreed to it, with their consents.
//!
//! Three types keep the page's word out. A store saves a [`VerifiedMember`], which only a verified answer of the gateway
//! makes; [`StoredMember`] is made only by the stores; [`MemberView`] is what a client sees.

use super::{
    StoreError,
    audit::AuditEntry,
    grants::{SealedGrant, SealedTokens},
    logins::Login,
    subjects::Judged,
    withdrawals::{AfterWithdrawal, TakenBack, Withdrawal, WithdrawnSessions},
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

    /// The member of a subject with these ids, as stored once `member` is saved. Without NUL characters,
    /// which PostgreSQL's texts cannot hold.
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

    /// The member as clients see it.
    pub fn view(&self) -> &MemberView {
        &self.0
    }

    /// The same, for good.
    pub fn into_view(self) -> MemberView {
        self.0
    }
}

/// What the database holds after a login.
pub(crate) struct SavedLogin {
    pub(crate) subject: SubjectId,
    /// The retired ids of the same user.
    pub(crate) previous: Vec<SubjectId>,
    pub(crate) member: Option<StoredMember>,
    /// Sessions of before that are to end where they are kept elsewhere.
    pub(crate) ended: Option<WithdrawnSessions>,
}

/// Whose a session is, and how far it reaches.
pub(crate) struct Owner {
    pub(crate) app_id: String,
    pub(crate) subject: SubjectId,
    /// The retired ids of the same user.
    pub(crate) previous: Vec<SubjectId>,
    pub(crate) ids: UserIds,
    pub(crate) scope: Scope,
    pub(crate) member: Option<StoredMember>,
    /// Whether a phone number is kept: most users have none, and need not be asked for it.
    pub(crate) has_phone: bool,
}

impl Owner {
    /// The user's id, and the retired ones.
    pub(crate) fn every_subject(&self) -> impl Iterator<Item = SubjectId> {
        std::iter::once(self.subject).chain(self.previous.iter().copied())
    }
}

/// The longest list of reported consents that is answered: the newest.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const LONGEST_LIST: usize = 200;

/// A consent as a client reported it: a record for the team, never a basis for a decision.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportedConsent {
    /// `phoneNumber` for the phone number; else the scope of the auth code.
    #[schema(value_type = ConsentScope)]
    pub(crate) scope: String,
    pub(crate) purpose: String,
    /// The client's time, as reported.
    pub(crate) reported_at: Timestamp,
    /// The server's own time.
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

/// What an erasure did.
pub(crate) struct Erasure {
    /// All ids that the user had here, whose sessions are to end where they are kept elsewhere.
    pub(crate) subjects: Vec<SubjectId>,
    /// Whether the bytes are gone as well, as far as the database can tell.
    pub(crate) complete: bool,
}

/// The first key is written down.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const FIRST_KEY: &str = "INSERT INTO server_key (only_row, key_id) VALUES (1, $1) ON CONFLICT DO NOTHING";

/// The key `$1` takes the place of `$2`.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const NEXT_KEY: &str = "UPDATE server_key SET key_id = $1 WHERE key_id = $2";

/// How many connections to the database are lent at present, and how many can be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lending {
    pub(crate) lent: usize,
    pub(crate) most: usize,
}

/// Keeps subjects, with their members, grants and consents, each app's apart. A subject is named by its own id or by a
/// retired one.
#[async_trait]
pub(crate) trait MemberStore: Send + Sync {
    /// Writes down that `key_id` names the key that seals from now on, if no other key did, or one of `old`. Gives the id that is
    /// written down then.
    async fn adopt_key(&self, key_id: &str, old: &[&str]) -> Result<String, StoreError>;

    /// Writes down a login without its session: subject, member, grant, consent and the outcome of the claim, all or nothing.
    ///
    /// The grant is saved unless that would replace a living `auth_user` grant with an `auth_base` one: the user's consent
    /// is not thrown away for a silent login. A grant lives as long as one of its tokens does; where the platform said
    /// nothing about that, it is taken to live.
    async fn save_login(&self, login: Arc<Login>) -> Judged<SavedLogin>;

    /// Whose the sessions of a subject are; `None` when it was erased or has no grant any more, and so no session.
    async fn owner(&self, subject: SubjectId) -> Result<Option<Owner>, StoreError>;

    /// The tokens of a user's grant, if the user has one.
    async fn tokens(&self, subject: SubjectId) -> Result<Option<SealedTokens>, StoreError>;

    /// Puts new tokens, of an answer that names the user by `ids`, into the grant that the user has; `false` when the user
    /// was erased or took the consent back meanwhile, and has none.
    async fn renew_grant(&self, subject: SubjectId, ids: UserIds, grant: SealedGrant) -> Judged<bool>;

    /// Ends the tokens of the grant that a user has, since the platform refuses its refresh token for good: it is not asked
    /// with them again. Tokens that took their place meanwhile stay.
    async fn end_tokens(&self, subject: SubjectId, refresh_token: &[u8], now: Timestamp) -> Result<(), StoreError>;

    /// Saves what the platform says now about a member; `None` when the member was erased meanwhile, and stays so.
    async fn refresh_member(
        &self,
        subject: SubjectId,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Judged<Option<StoredMember>>;

    /// What a user's clients reported about consent, the newest first, at most 200 reports.
    async fn consents(&self, subject: SubjectId) -> Result<Vec<ReportedConsent>, StoreError>;

    /// Erases everything that is kept about a user of an app, at once: all ids, member, phone number, tokens, sessions and
    /// consents. Hashes
    /// of spent codes stay, for a code must never be exchanged twice; they name nobody. The audit stays too; it has a row for each id.
    async fn erase(&self, subject: SubjectId, entry: AuditEntry) -> Result<Erasure, StoreError>;

    /// Ends what a user consented to before the withdrawal, all or nothing, and takes note of it for answers that link one of
    /// these ids to a user later.
    async fn withdraw(&self, withdrawal: Arc<Withdrawal>) -> Result<TakenBack, StoreError>;

    /// Ends what a user had consented to at a moment or before, for it was ended before and a restored database has it again; gives
    /// whether there was anything.
    async fn withdraw_again(
        &self,
        subject: SubjectId,
        at: Timestamp,
        after: AfterWithdrawal,
        entry: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Whether there is such a subject, by its own id or by a retired one.
    async fn knows(&self, subject: SubjectId) -> Result<bool, StoreError>;

    /// Tries again to remove the bytes of what was erased; `true` when that is done.
    async fn complete_erasures(&self) -> Result<bool, StoreError>;

    /// Forgets up to `limit` grants whose tokens and sessions were all over before a moment; gives how many. Subjects and
    /// members stay.
    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Forgets up to `limit` withdrawals that were heard of before a moment; gives how many.
    async fn forget_withdrawals(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Whether the database can be read.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Whether it takes what is written.
    async fn probe_write(&self) -> Result<(), StoreError>;

    /// Finishes and lets go of the database.
    async fn close(&self);

    /// How its connections are lent, where there is a number of them that requests wait for.
    fn connections(&self) -> Option<Lending> {
        None
    }
}
