//! Signed tokens for back-ends: short-lived JWTs (RFC 7519) that name the user of a session.
//!
//! The page can read a token, so it contains only what the page may know: the user, the app and the scope of the
//! session. It contains the platform's ids only for audiences that the configuration grants them to.

use crate::{
    api_error::ApiError, clocks::CLOCKS_DIFFER_BY_MILLIS, session::Session, shared::Shared, token_keys::TokenKeys,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use miniauth_core::{
    error_code::ErrorCode,
    scope::Scope,
    wire::{SubjectId, TokenAnswer},
};
use miniauth_openplatform::UserIds;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{str::FromStr, time::Duration};

/// The audiences of tokens, and how long tokens and keys are valid.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenRules {
    /// The issuer, the claim `iss`: `miniauth` by default. Use different names for servers whose users must not be confused.
    pub issuer: String,
    /// The back-ends that get tokens. By default there are none, and then there are no tokens and no keys.
    pub audiences: Vec<Audience>,
    /// How long a token is valid: by default, and at most, [`TokenRules::LONGEST_LIFETIME`]. A token stays valid even if its session
    /// ends.
    pub lifetime: Duration,
    /// How long a key signs before the next one replaces it. 30 days by default.
    pub key_period: Duration,
}

impl TokenRules {
    /// The longest lifetime of a token: five minutes. A logout or an erasure takes this long to reach every back-end.
    pub const LONGEST_LIFETIME: Duration = Duration::from_secs(300);

    /// Returns the audience of that name.
    fn audience(&self, name: &str) -> Option<&Audience> {
        self.audiences.iter().find(|audience| audience.name.0 == name)
    }
}

impl Default for TokenRules {
    fn default() -> Self {
        Self {
            issuer: "miniauth".to_owned(),
            audiences: Vec::new(),
            lifetime: Self::LONGEST_LIFETIME,
            key_period: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// A back-end that gets tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The claim `aud`.
    pub name: AudienceName,
    /// Whether its tokens carry the platform's ids of the user (the claim `ids`), which the page can then read. For back-ends with
    /// an existing user table.
    pub ids: bool,
}

/// The name of an audience or issuer: a word, or a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceName(String);

impl AudienceName {
    /// The name as it is in a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AudienceName {
    type Err = AudienceNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\');
        if (1..=200).contains(&name.len()) && name.bytes().all(is_plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(AudienceNameError)
        }
    }
}

/// The text cannot be the name of an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a name like shop or https://shop.example: 1 to 200 visible ASCII characters without comma, quotes and backslash"
)]
pub struct AudienceNameError;

/// Issues tokens.
pub(crate) struct Tokens {
    pub(crate) rules: TokenRules,
    pub(crate) keys: TokenKeys,
}

impl Tokens {
    pub(crate) fn new(rules: TokenRules) -> Self {
        Self { rules, keys: TokenKeys::default() }
    }
}

/// The claims of a token.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: SubjectId,
    aud: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    app: &'a str,
    scope: Scope,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    previous_subjects: &'a [SubjectId],
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<PlatformIds<'a>>,
}

/// All ids that the platform has used for a user, as a granted claim.
pub(crate) struct PlatformIds<'a>(pub(crate) &'a UserIds);

impl Serialize for PlatformIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let ids = [("open_id", self.0.open_id()), ("user_id", self.0.user_id()), ("union_id", self.0.union_id())];
        for (kind, id) in ids {
            if let Some(id) = id {
                map.serialize_entry(kind, id)?;
            }
        }
        map.end()
    }
}

impl Shared {
    /// Issues a token for a session and an audience.
    pub(crate) async fn token(&self, session: &Session, audience: &str) -> Result<TokenAnswer, ApiError> {
        let Tokens { rules, keys } = &self.tokens;
        let Some(audience) = rules.audience(audience) else {
            let error = ApiError::new(ErrorCode::FieldInvalid).of_field("audience");
            return Err(error.with_detail("field audience: not one of the configured audiences"));
        };
        let keys = keys.present(self).await?;
        let now = self.clock.now();
        let key = keys.signing(now).ok_or_else(|| ApiError::new(ErrorCode::Internal).because("no key signs tokens"))?;
        let lifetime = rules.lifetime.min(TokenRules::LONGEST_LIFETIME).min(session.expires_in());
        let mut jti = [0; 16];
        self.random.fill(&mut jti);
        let claims = Claims {
            iss: &rules.issuer,
            sub: session.subject(),
            aud: audience.name.as_str(),
            iat: now.as_seconds(),
            exp: now.as_seconds() + lifetime.as_secs(),
            jti: URL_SAFE_NO_PAD.encode(jti),
            app: session.app_id(),
            scope: session.scope(),
            previous_subjects: session.previous_subjects(),
            ids: audience.ids.then(|| PlatformIds(session.platform_ids())),
        };
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims, &key.secret)
            .map_err(|error| ApiError::new(ErrorCode::Internal).because_of(&error))?;
        self.metrics.token(audience.name.as_str());
        Ok(TokenAnswer { token, expires_in: lifetime.as_secs() })
    }
}

/// How long a public key stays published after its last signature: as long as a token of it may be valid.
pub(crate) const KEPT_MILLIS: u64 = TokenRules::LONGEST_LIFETIME.as_millis() as u64 + 2 * CLOCKS_DIFFER_BY_MILLIS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_a_word_or_an_address() {
        for name in ["shop", "https://shop.example/api", "urn:shop:orders", &"a".repeat(200)] {
            assert_eq!(name.parse::<AudienceName>().unwrap().as_str(), name);
        }
        for name in ["", "a b", "a,b", "a\"b", "a\\b", "商店", "a\n", &"a".repeat(201)] {
            assert!(name.parse::<AudienceName>().is_err(), "{name:?}");
        }
    }
}
