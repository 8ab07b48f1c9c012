//! What a login writes down.

use super::grants::{GrantId, SealedGrant};
use crate::crypto::{CodeHash, SessionHash};
use miniauth_core::{time::Timestamp, wire::ConsentReport};
use miniauth_openplatform::VerifiedMember;
use std::num::NonZeroU32;

/// A login that went well, to be written down all at once.
pub(crate) struct Login {
    pub(crate) code: CodeHash,
    pub(crate) grant: SealedGrant,
    /// The id of the user's grant, if this is the first.
    pub(crate) new_grant: GrantId,
    pub(crate) member: Option<VerifiedMember>,
    pub(crate) consent: Option<ConsentReport>,
    pub(crate) session: NewSession,
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
