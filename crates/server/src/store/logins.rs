//! The data that a login saves.

use super::grants::SealedGrant;
use crate::crypto::{CodeHash, SessionHash};
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, SubjectId},
};
use miniauth_openplatform::{UserIds, VerifiedMember};
use std::num::NonZeroU32;

/// A successful login, saved in one transaction.
pub(crate) struct Login {
    pub(crate) app_id: String,
    pub(crate) code: CodeHash,
    /// All ids that the answers of this login have for the user.
    pub(crate) ids: UserIds,
    /// The subject's id if the user is new.
    pub(crate) new_subject: SubjectId,
    pub(crate) grant: SealedGrant,
    pub(crate) member: Option<VerifiedMember>,
    pub(crate) consent: Option<ConsentReport>,
    pub(crate) session: NewSession,
    /// When the code was posted.
    pub(crate) arrived_at: Timestamp,
    pub(crate) now: Timestamp,
}

/// The session that a login creates.
pub(crate) struct NewSession {
    pub(crate) hash: SessionHash,
    pub(crate) expires_at: Timestamp,
    /// The latest time that its expiry can be extended to.
    pub(crate) longest: Timestamp,
    /// The session that it replaces, if that is the same user's.
    pub(crate) replaces: Option<SessionHash>,
    /// How many sessions the user may have, including this one; the oldest end.
    pub(crate) per_user: NonZeroU32,
}
