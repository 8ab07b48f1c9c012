//! What a login writes down.

use super::grants::SealedGrant;
use crate::crypto::{CodeHash, SessionHash};
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, SubjectId},
};
use miniauth_openplatform::{UserIds, VerifiedMember};
use std::num::NonZeroU32;

/// A login that went well, to be written down all at once.
pub(crate) struct Login {
    pub(crate) app_id: String,
    pub(crate) code: CodeHash,
    /// All ids by which the answers of this login name the user.
    pub(crate) ids: UserIds,
    /// The id of a user who has none yet.
    pub(crate) new_subject: SubjectId,
    pub(crate) grant: SealedGrant,
    pub(crate) member: Option<VerifiedMember>,
    pub(crate) consent: Option<ConsentReport>,
    pub(crate) session: NewSession,
    /// When its code was posted.
    pub(crate) arrived_at: Timestamp,
    pub(crate) now: Timestamp,
}

/// The session that a login begins.
pub(crate) struct NewSession {
    pub(crate) hash: SessionHash,
    pub(crate) expires_at: Timestamp,
    /// The latest end that it can be prolonged to.
    pub(crate) longest: Timestamp,
    /// The session in whose place it comes, if that is the same user's.
    pub(crate) replaces: Option<SessionHash>,
    /// How many sessions the user keeps, this one included; the oldest end.
    pub(crate) per_user: NonZeroU32,
}
