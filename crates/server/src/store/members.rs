//! Members, what the open platform said about users who agreed to it, with their consents.
//!
//! Three types keep the page's word out. A store saves a [`VerifiedMember`], which only a verified answer of the gateway
//! makes; [`StoredMember`] is made only by the stores; [`MemberView`] is what a client sees.

use super::{
    StoreError,
    grants::{GrantId, SealedGrant, SealedTokens},
    logins::Login,
};
use async_trait::async_trait;
use miniauth_core::{scope::Scope, time::Timestamp, wire::MemberView};
use miniauth_openplatform::VerifiedMember;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A member that stands in the database.
#[derive(Debug, Clone)]
pub struct StoredMember(MemberView);

impl StoredMember {
    pub(super) fn new(view: MemberView) -> Self {
        Self(view)
    }

    /// The member as it stands in the database once `member` is saved. Without NUL characters, which PostgreSQL's texts
    /// cannot hold.
    pub(super) fn of(member: &VerifiedMember, now: Timestamp) -> Self {
        let text = |text: Option<&str>| text.map(|text| text.replace('\0', "\u{fffd}"));
        let subject = member.ids();
        Self(MemberView {
            open_id: text(subject.open_id()),
            user_id: text(subject.user_id()),
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
    pub(crate) grant: GrantId,
    pub(crate) member: Option<StoredMember>,
}

/// Whose a grant is, and how far it reaches.
pub(crate) struct GrantOwner {
    pub(crate) app_id: String,
    /// The user's open_id, or the user_id where there is no open_id.
    pub(crate) subject: String,
    pub(crate) scope: Scope,
    pub(crate) member: Option<StoredMember>,
}

/// The longest list of reported consents that is answered: the newest.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const LONGEST_LIST: usize = 200;

/// A consent as a client reported it: a record for the team, never a basis for a decision.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportedConsent {
    #[schema(value_type = Scope)]
    pub(crate) scope: String,
    pub(crate) purpose: String,
    /// The client's time, as reported.
    pub(crate) reported_at: Timestamp,
    /// The server's own time.
    pub(crate) received_at: Timestamp,
}

/// What an erasure did.
pub(crate) struct Erasure {
    /// The user's grant, whose sessions are to end where they are kept elsewhere.
    pub(crate) grant: Option<GrantId>,
    /// Whether the bytes are gone as well, as far as the database can tell.
    pub(crate) complete: bool,
}

/// Keeps members, their grants and their consents, each app's apart.
#[async_trait]
pub(crate) trait MemberStore: Send + Sync {
    /// Writes down a login without its session: member, grant, consent and the outcome of the claim, all or nothing.
    ///
    /// The grant is saved unless that would replace a living `auth_user` grant with an `auth_base` one: the user's consent
    /// is not thrown away for a silent login. A grant lives as long as one of its tokens does; where the platform said
    /// nothing about that, it is taken to live.
    async fn save_login(&self, login: Arc<Login>) -> Result<SavedLogin, StoreError>;

    /// Whose a grant is; `None` when there is none any more, and so no session of it.
    async fn owner(&self, grant: GrantId) -> Result<Option<GrantOwner>, StoreError>;

    /// The tokens of a user's grant, if the user has one.
    async fn tokens(&self, app_id: &str, subject: &str) -> Result<Option<SealedTokens>, StoreError>;

    /// Puts new tokens into the grant that a user has; `false` when the user was erased meanwhile and has none.
    async fn renew_grant(&self, grant: SealedGrant) -> Result<bool, StoreError>;

    /// Saves what the platform says now about a member; `None` when the member was erased meanwhile, and stays so.
    async fn refresh_member(
        &self,
        app_id: &str,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Result<Option<StoredMember>, StoreError>;

    /// What a user's clients reported about consent, the newest first, at most 200 reports.
    async fn consents(&self, app_id: &str, subject: &str) -> Result<Vec<ReportedConsent>, StoreError>;

    /// Erases everything that is kept about a user of an app, at once: member, tokens, sessions and consents. Hashes of
    /// spent codes stay, for a code must never be exchanged twice; they name nobody.
    async fn erase(&self, app_id: &str, subject: &str) -> Result<Erasure, StoreError>;

    /// Tries again to remove the bytes of what was erased; `true` when that is done.
    async fn complete_erasures(&self) -> Result<bool, StoreError>;

    /// Forgets up to `limit` grants whose tokens and sessions were all over before a moment; gives how many. Members stay.
    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Whether the database reads and writes.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Finishes and lets go of the database.
    async fn close(&self);
}
