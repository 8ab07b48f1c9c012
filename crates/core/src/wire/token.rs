//! `POST /session/token`: a signed token for a back-end, in exchange for a session.

use super::{
    RequestError,
    request::{Fields, invalid},
};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// The body of `POST /session/token`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRequest {
    /// The back-end that the token is for: one of the configured audiences.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, example = "shop"))]
    pub audience: String,
}

impl TokenRequest {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// A [`RequestError`] that names the wrong field. Display fields are reported first.
    pub fn from_json(body: &[u8]) -> Result<Self, RequestError> {
        let mut audience = None;
        for (name, value) in Fields::from_json(body)?.without_display()? {
            let repeated = match (name.as_str(), value) {
                ("audience", Value::String(text)) => audience.replace(text).is_some(),
                ("audience", _) => return Err(invalid("audience", "the name of a back-end, a text")),
                _ => return Err(RequestError::Unknown(name)),
            };
            if repeated {
                return Err(invalid("audience", "must occur only once"));
            }
        }
        let audience = audience.ok_or_else(|| invalid("audience", "is required: the name of a back-end"))?;
        Ok(Self { audience })
    }
}

/// The answer to `POST /session/token`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenAnswer {
    /// A JWT signed with ES256: the bearer for requests to the back-end. `/.well-known/jwks.json` has the keys.
    pub token: String,
    /// How long the token is valid from now, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 300, maximum = 300))]
    pub expires_in: u64,
}

impl fmt::Debug for TokenAnswer {
    /// Hides the token, which is a bearer.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenAnswer(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_code::ErrorCode;

    #[test]
    fn only_the_field_audience_is_accepted() {
        let read = |body: &str| TokenRequest::from_json(body.as_bytes());
        assert_eq!(read(r#"{"audience":"shop"}"#).unwrap().audience, "shop");
        for (body, code, field) in [
            ("[]", ErrorCode::BodyMalformed, None),
            ("{}", ErrorCode::FieldInvalid, Some("audience")),
            (r#"{"audience":["shop"]}"#, ErrorCode::FieldInvalid, Some("audience")),
            (r#"{"audience":null}"#, ErrorCode::FieldInvalid, Some("audience")),
            (r#"{"audience":"a","audience":"b"}"#, ErrorCode::FieldInvalid, Some("audience")),
            (r#"{"audience":"a","subject":"b"}"#, ErrorCode::FieldUnknown, Some("subject")),
            (r#"{"audience":"a","nickName":"b"}"#, ErrorCode::DisplayOnlyForwarded, Some("nickName")),
        ] {
            let error = read(body).unwrap_err();
            assert_eq!((error.code(), error.field().as_deref()), (code, field), "{body}");
        }
    }

    #[test]
    fn a_token_does_not_print() {
        let answer = TokenAnswer { token: "a.b.c".to_owned(), expires_in: 300 };
        assert_eq!(format!("{answer:?}"), "TokenAnswer(redacted)");
    }
}
