//! What the server answers when all is well.

use crate::{scope::Scope, time::Timestamp, wire::SessionToken};
use serde::Serialize;

/// The answer to `POST /auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthAnswer<Member = MemberView> {
    /// The bearer for requests to this server.
    pub session: SessionToken,
    /// How long the session lives from now, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 604_800))]
    pub expires_in: u64,
    /// The member as stored, when there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub member: Option<Member>,
}

/// The answer to `GET /session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Session))]
pub struct SessionAnswer {
    /// How long the session lives from now, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 604_800))]
    pub expires_in: u64,
    /// The scope of the grant that the session rests on.
    pub scope: Scope,
    /// The member as stored, when there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub member: Option<MemberView>,
}

/// A member as the server stored it: what the open platform said, never what a page sent.
///
/// `alipay.user.info.share` leaves out nickname and avatar when the user has set none; real name, phone and certificate
/// number never come this way.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Member))]
pub struct MemberView {
    /// The user's id for this app, where the platform gives one (new apps).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub open_id: Option<String>,
    /// The user's id on the platform, where the app still gets it (older apps).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub user_id: Option<String>,
    /// The nickname, if the user has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub nick_name: Option<String>,
    /// The avatar's address, if the user has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub avatar: Option<String>,
    /// `F` or `M`, if known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub gender: Option<String>,
    /// The province, if known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub province: Option<String>,
    /// The city, if known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub city: Option<String>,
    /// When the server stored this, in milliseconds since the Unix epoch.
    pub stored_at: Timestamp,
}

impl std::fmt::Debug for MemberView {
    /// Personal data does not belong into logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MemberView(redacted)")
    }
}
