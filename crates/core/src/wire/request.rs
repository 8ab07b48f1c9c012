//! The request to log in.

use super::{AuthCode, LoginId};
use crate::{
    consent::Purpose,
    error_code::ErrorCode,
    scope::Scope,
    time::{LARGEST, Timestamp},
};
use serde::{
    Serialize, Serializer,
    de::{Deserialize, Deserializer, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

/// The largest body that any endpoint accepts, in bytes: 16 KiB.
pub const MAXIMUM_BODY_BYTES: usize = 16 * 1024;

/// The body of `POST /auth`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthRequest {
    /// The platform's auth code for the page. In JSON `authcode`; `authCode` is accepted too.
    pub authcode: AuthCode,
    /// The scope of the code; `auth_base` if absent.
    #[cfg_attr(feature = "openapi", schema(required = false, default = "auth_base"))]
    pub scope: Scope,
    /// Identifies this attempt, so that a retry gets the same session.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub login_id: Option<LoginId>,
    /// What the user was asked, as the client reports it. In a form, a JSON text.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub consent: Option<ConsentReport>,
}

/// A consent as the client reports it: the server cannot verify it and stores it as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Consent))]
pub struct ConsentReport {
    /// What the user was told.
    pub purpose: Purpose,
    /// When the user agreed, by the phone's clock, in milliseconds since the Unix epoch.
    pub at: Timestamp,
}

/// Writes the form that [`from_json`](Self::from_json) reads, without absent fields.
impl Serialize for AuthRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("authcode", self.authcode.expose())?;
        map.serialize_entry("scope", self.scope.as_str())?;
        if let Some(login_id) = &self.login_id {
            map.serialize_entry("login_id", login_id.expose())?;
        }
        if let Some(consent) = &self.consent {
            map.serialize_entry("consent", consent)?;
        }
        map.end()
    }
}

/// Writes a map, like [`AuthRequest`].
impl Serialize for ConsentReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("purpose", self.purpose.as_str())?;
        map.serialize_entry("at", &self.at)?;
        map.end()
    }
}

/// Why a body was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not JSON, not a form, or not an object.
    #[error("the body is not {0}")]
    Malformed(&'static str),
    /// A field that this endpoint does not have.
    #[error("unknown field {0}")]
    Unknown(String),
    /// The auth code, under the name that other interfaces use.
    #[error("unknown field {0}: send the code of my.getAuthCode as authcode")]
    MisnamedCode(String),
    /// A field with a name for display information.
    #[error("display-only field {0}: the server stores only what it fetched itself")]
    DisplayOnly(String),
    /// A field that is missing, repeated or out of bounds.
    #[error("field {field}: {expected}")]
    Invalid {
        /// The field.
        field: String,
        /// Its valid values.
        expected: &'static str,
    },
}

impl RequestError {
    /// Returns the code of the problem document.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(_) => ErrorCode::BodyMalformed,
            Self::Unknown(_) | Self::MisnamedCode(_) => ErrorCode::FieldUnknown,
            Self::DisplayOnly(_) => ErrorCode::DisplayOnlyForwarded,
            Self::Invalid { .. } => ErrorCode::FieldInvalid,
        }
    }

    /// Returns the wrong field, as a path like `profile.nickName`. At most 64 characters, because the client chose the
    /// text.
    pub fn field(&self) -> Option<String> {
        match self {
            Self::Malformed(_) => None,
            Self::Unknown(field)
            | Self::MisnamedCode(field)
            | Self::DisplayOnly(field)
            | Self::Invalid { field, .. } => Some(field.chars().take(64).collect()),
        }
    }
}

impl AuthRequest {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// A [`RequestError`] that names the wrong field. Display fields are reported first.
    pub fn from_json(body: &[u8]) -> Result<Self, RequestError> {
        Self::from_fields(Fields::from_json(body)?)
    }

    /// Reads a form body (`application/x-www-form-urlencoded`), in which `consent` is a JSON text.
    ///
    /// # Errors
    /// Like [`AuthRequest::from_json`].
    pub fn from_form(body: &[u8]) -> Result<Self, RequestError> {
        let mut fields = Vec::new();
        for (name, text) in form_urlencoded::parse(body) {
            let value = if name == "consent" {
                serde_json::from_str(&text).map_err(|_| invalid("consent", "a JSON object with purpose and at"))?
            } else {
                Value::String(text.into_owned())
            };
            fields.push((name.into_owned(), value));
        }
        Self::from_fields(Fields(fields))
    }

    fn from_fields(fields: Fields) -> Result<Self, RequestError> {
        let mut authcode = None;
        let mut scope = None;
        let mut login_id = None;
        let mut consent = None;
        for (name, value) in fields.without_display()? {
            let repeated = match name.as_str() {
                "authcode" | "authCode" => authcode.replace(auth_code(value)?).is_some(),
                "scope" => scope.replace(parse_scope(value)?).is_some(),
                "login_id" => login_id.replace(parse_login_id(value)?).is_some(),
                "consent" => consent.replace(parse_consent(value)?).is_some(),
                "code" | "auth_code" => return Err(RequestError::MisnamedCode(name)),
                _ => return Err(RequestError::Unknown(name)),
            };
            if repeated {
                return Err(RequestError::Invalid { field: name, expected: "must occur only once" });
            }
        }
        let authcode = authcode.ok_or_else(|| invalid("authcode", "is required: the code of my.getAuthCode"))?;
        Ok(Self { authcode, scope: scope.unwrap_or_default(), login_id, consent })
    }
}

fn refuse_display_fields(path: &str, value: &Value) -> Result<(), RequestError> {
    let name = path.rsplit('.').next().unwrap_or(path);
    if is_display_field(name) {
        return Err(RequestError::DisplayOnly(path.to_owned()));
    }
    match value {
        Value::Object(fields) => {
            fields.iter().try_for_each(|(name, value)| refuse_display_fields(&format!("{path}.{name}"), value))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| refuse_display_fields(&format!("{path}[{index}]"), item)),
        _ => Ok(()),
    }
}

pub(super) fn invalid(field: &str, expected: &'static str) -> RequestError {
    RequestError::Invalid { field: field.to_owned(), expected }
}

fn auth_code(value: Value) -> Result<AuthCode, RequestError> {
    text(value)
        .and_then(|text| AuthCode::parse(text).ok())
        .ok_or_else(|| invalid("authcode", "the code of my.getAuthCode, 1 to 128 characters"))
}

fn parse_scope(value: Value) -> Result<Scope, RequestError> {
    text(value).and_then(|text| text.parse().ok()).ok_or_else(|| invalid("scope", "auth_base or auth_user"))
}

fn parse_login_id(value: Value) -> Result<LoginId, RequestError> {
    text(value)
        .and_then(|text| LoginId::parse(text).ok())
        .ok_or_else(|| invalid("login_id", "16 to 64 letters, digits, - or _"))
}

pub(super) fn parse_consent(value: Value) -> Result<ConsentReport, RequestError> {
    let Value::Object(fields) = value else {
        return Err(invalid("consent", "an object with purpose and at"));
    };
    let mut purpose = None;
    let mut at = None;
    for (name, value) in fields {
        match name.as_str() {
            "purpose" => purpose = text(value).and_then(|text| Purpose::parse(&text).ok()),
            "at" => at = value.as_u64().filter(|at| *at <= LARGEST).map(Timestamp::from_millis),
            _ => return Err(RequestError::Unknown(format!("consent.{name}"))),
        }
    }
    Ok(ConsentReport {
        purpose: purpose.ok_or_else(|| invalid("consent.purpose", "a sentence of at most 100 characters"))?,
        at: at.ok_or_else(|| invalid("consent.at", "milliseconds since the Unix epoch"))?,
    })
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The fields of an object in order, including repeated ones, which `serde_json::Map` would drop.
pub(super) struct Fields(Vec<(String, Value)>);

impl Fields {
    pub(super) fn from_json(body: &[u8]) -> Result<Self, RequestError> {
        serde_json::from_slice(body).map_err(|_| RequestError::Malformed("a JSON object in UTF-8"))
    }

    /// Rejects display fields, at any depth, before any other check.
    pub(super) fn without_display(self) -> Result<Vec<(String, Value)>, RequestError> {
        self.0.iter().try_for_each(|(name, value)| refuse_display_fields(name, value))?;
        Ok(self.0)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// Returns whether a field's name means display information: `nickName`, `nick_name`, `avatar`, `avatarUrl`, `userInfo`
/// and the like, in upper or lower case, with or without `_` and `-`.
///
/// ```
/// use miniauth_core::wire::is_display_field;
/// assert!(is_display_field("nick_name"));
/// assert!(is_display_field("avatarUrl"));
/// assert!(!is_display_field("name"));
/// ```
pub fn is_display_field(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|character| !matches!(character, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    matches!(
        plain.as_str(),
        "nick"
            | "nickname"
            | "usernick"
            | "usernickname"
            | "avatar"
            | "avatarurl"
            | "useravatar"
            | "headimg"
            | "headimgurl"
            | "userinfo"
            | "authuserinfo"
            | "openuserinfo"
            | "displayinfo"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(body: &str) -> (ErrorCode, Option<String>) {
        let fault = AuthRequest::from_json(body.as_bytes()).unwrap_err();
        (fault.code(), fault.field())
    }

    #[test]
    fn json_and_form_say_the_same() {
        let json = AuthRequest::from_json(
            r#"{"authCode":"c0de","scope":"auth_user","login_id":"0123456789abcdef","consent":{"purpose":"显示等级","at":1}}"#
                .as_bytes(),
        );
        let form = AuthRequest::from_form(
            b"authcode=c0de&scope=auth_user&login_id=0123456789abcdef&consent=%7B%22purpose%22%3A%22%E6%98%BE%E7%A4%BA%E7%AD%89%E7%BA%A7%22%2C%22at%22%3A1%7D",
        );
        assert_eq!(json, form);
        let request = json.unwrap();
        assert_eq!(request.scope, Scope::AuthUser);
        assert_eq!(AuthRequest::from_json(&serde_json::to_vec(&request).unwrap()), Ok(request));
    }

    #[test]
    fn each_fault_is_named() {
        let field = |name: &str| Some(name.to_owned());
        assert_eq!(fault("[]"), (ErrorCode::BodyMalformed, None));
        assert_eq!(fault("{\"authcode\":\"a\"} x"), (ErrorCode::BodyMalformed, None));
        assert_eq!(fault("{}"), (ErrorCode::FieldInvalid, field("authcode")));
        assert_eq!(fault(r#"{"authcode":"a","authCode":"b"}"#), (ErrorCode::FieldInvalid, field("authCode")));
        assert_eq!(fault(r#"{"authcode":1}"#), (ErrorCode::FieldInvalid, field("authcode")));
        assert_eq!(fault(r#"{"authcode":"a","scope":"auth_all"}"#), (ErrorCode::FieldInvalid, field("scope")));
        assert_eq!(fault(r#"{"authcode":"a","x":1}"#), (ErrorCode::FieldUnknown, field("x")));
        for (body, name) in [(r#"{"code":"a"}"#, "code"), (r#"{"scope":"auth_base","auth_code":"a"}"#, "auth_code")] {
            assert_eq!(fault(body), (ErrorCode::FieldUnknown, field(name)));
            let told = AuthRequest::from_json(body.as_bytes()).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("as authcode"), "{told}");
        }
        assert_eq!(fault(r#"{"x":1,"nick_name":"张伟"}"#), (ErrorCode::DisplayOnlyForwarded, field("nick_name")));
        assert_eq!(
            fault(r#"{"authcode":"a","profile":[{"avatarUrl":"x"}]}"#),
            (ErrorCode::DisplayOnlyForwarded, field("profile[0].avatarUrl"))
        );
        assert_eq!(
            fault(r#"{"authcode":"a","consent":{"purpose":" ","at":1}}"#),
            (ErrorCode::FieldInvalid, field("consent.purpose"))
        );
        for at in ["-1", "1.5", "9007199254740992", "18446744073709551615", "\"1\"", "null"] {
            let body = format!(r#"{{"authcode":"a","consent":{{"purpose":"显示等级","at":{at}}}}}"#);
            assert_eq!(fault(&body), (ErrorCode::FieldInvalid, field("consent.at")), "{at}");
        }
    }
}
