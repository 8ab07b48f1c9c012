//! What the server answers when all is well.

use crate::{scope::Scope, time::Timestamp, wire::SessionToken};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

/// The answer to `POST /auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthAnswer {
    /// The bearer for requests to this server.
    pub session: SessionToken,
    /// How long the session lives from now, in seconds.
    #[serde(with = "crate::number")]
    pub expires_in: u64,
    /// The member as stored, when there is one.
    pub member: Option<MemberView>,
}

/// The answer to `GET /session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAnswer {
    /// How long the session lives from now, in seconds.
    #[serde(with = "crate::number")]
    pub expires_in: u64,
    /// The scope of the grant that the session rests on.
    pub scope: Scope,
    /// The member as stored, when there is one.
    pub member: Option<MemberView>,
}

/// A member as the server stored it: what the open platform said, never what a page sent.
///
/// `alipay.user.info.share` leaves out nickname and avatar when the user has set none; real name, phone and certificate
/// number never come this way.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MemberView {
    /// The user's id for this app, where the platform gives one (new apps).
    #[serde(default)]
    pub open_id: Option<String>,
    /// The user's id on the platform, where the app still gets it (older apps).
    #[serde(default)]
    pub user_id: Option<String>,
    /// The nickname, if the user has one.
    pub nick_name: Option<String>,
    /// The avatar's address, if the user has one.
    pub avatar: Option<String>,
    /// `F` or `M`, if known.
    pub gender: Option<String>,
    /// The province, if known.
    pub province: Option<String>,
    /// The city, if known.
    pub city: Option<String>,
    /// When the server stored this, in milliseconds since the Unix epoch.
    pub stored_at: Timestamp,
}

/// As a map: for the names of a struct's fields serde-wasm-bindgen keeps a cache, which weighs 1 KB in the package.
impl Serialize for MemberView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, id) in [("open_id", &self.open_id), ("user_id", &self.user_id)] {
            if id.is_some() {
                map.serialize_entry(name, id)?;
            }
        }
        for (name, text) in [
            ("nick_name", &self.nick_name),
            ("avatar", &self.avatar),
            ("gender", &self.gender),
            ("province", &self.province),
            ("city", &self.city),
        ] {
            map.serialize_entry(name, text)?;
        }
        map.serialize_entry("stored_at", &self.stored_at)?;
        map.end()
    }
}

impl std::fmt::Debug for MemberView {
    /// Personal data does not belong into logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MemberView(redacted)")
    }
}
