//! The messages between client and server: tokens, requests, answers, and problem documents (RFC 9457).
//!
//! Tokens are parsed once, have a maximum length, and do not print.
//!
//! ```
//! use miniauth_core::wire::{AuthRequest, RequestError};
//! let request = AuthRequest::from_json(br#"{ "authcode": "2e4248c2f50b4653", "scope": "auth_user" }"#)?;
//! assert_eq!(request.authcode.expose(), "2e4248c2f50b4653");
//! assert_eq!(format!("{:?}", request.authcode), "AuthCode(redacted)");
//!
//! let refused = AuthRequest::from_json(br#"{ "authcode": "2e4248c2f50b4653", "nickName": "Wei" }"#).unwrap_err();
//! assert_eq!(refused.field().as_deref(), Some("nickName"));
//! # Ok::<_, RequestError>(())
//! ```

mod phone;
mod request;
mod token;

pub use phone::{PhoneAnswer, PhoneRequest};
pub use request::{AuthRequest, ConsentReport, MAXIMUM_BODY_BYTES, RequestError, is_display_field};
pub use token::{TokenAnswer, TokenRequest};

use crate::{error_code::ErrorCode, random::Random, scope::Scope, time::Timestamp};
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! opaque {
    ($(#[$meta:meta])* $name:ident, $minimum:literal..=$maximum:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The accepted lengths, in bytes.
            pub const LENGTHS: std::ops::RangeInclusive<usize> = $minimum..=$maximum;

            /// Accepts a text of a valid length that consists of ASCII letters, digits, `-`, `_` and `.`.
            ///
            /// # Errors
            /// [`MalformedTokenError`] otherwise.
            pub fn parse(text: impl Into<String>) -> Result<Self, MalformedTokenError> {
                let text = text.into();
                let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
                if plain && Self::LENGTHS.contains(&text.len()) { Ok(Self(text)) } else { Err(MalformedTokenError) }
            }

            /// Returns the text. It is a secret, or can be exchanged for one: do not log it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}(redacted)", stringify!($name))
            }
        }
    };
}

opaque! {
    /// The platform's auth code. It can be used once, and is valid for 3 minutes to 24 hours.
    AuthCode, 1..=128
}
opaque! {
    /// A random id of a login attempt. Only a retry of the same request repeats it.
    ///
    /// It only identifies retries. It is not a secret, because page code has no strong random source.
    LoginId, 16..=64
}
opaque! {
    /// A session's bearer token: 32 random-looking bytes in base64url without padding.
    SessionToken, 43..=43
}

/// The text is not in the form of this kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this kind: wrong length, or characters other than A-Z a-z 0-9 - _ .")]
pub struct MalformedTokenError;

/// The server's id for a user of an app, whichever ids the platform uses: a random number, in JSON 16 hexadecimal
/// digits. It is not secret, and nothing can be derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Subject, value_type = String, pattern = "^[0-9a-f]{16}$"))]
pub struct SubjectId(i64);

impl SubjectId {
    /// Generates a new id. It is random, so that no id is ever reused, even if a database lost its last transactions.
    /// Otherwise a session in Redis could lead to another user.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        // Never negative, which is easier to read in the tables.
        Self(i64::from_le_bytes(bytes) & i64::MAX)
    }

    /// Reads the number in the database.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number for the database.
    pub const fn stored(self) -> i64 {
        self.0
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl Serialize for SubjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The answer to `POST /auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthAnswer<Member = MemberView, Subject = SubjectId> {
    /// The bearer for requests to this server.
    pub session: SessionToken,
    /// How long the session is valid from now, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 604_800))]
    pub expires_in: u64,
    /// The user.
    pub subject: Subject,
    /// The member as stored, if there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub member: Option<Member>,
}

/// The answer to `GET /session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Session))]
pub struct SessionAnswer {
    /// How long the session is valid from now, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 604_800))]
    pub expires_in: u64,
    /// The scope of the grant that the session depends on.
    pub scope: Scope,
    /// The user.
    pub subject: SubjectId,
    /// Earlier ids of the same user, from before the platform proved that they belong together. Other systems may still
    /// have rows under these.
    pub previous_subjects: Vec<SubjectId>,
    /// The member as stored, if there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub member: Option<MemberView>,
    /// The user's phone number, masked, if there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone: Option<PhoneAnswer>,
}

/// A member as the server stored it: what the open platform said, never what a page sent.
///
/// `alipay.user.info.share` omits nickname and avatar if the user has set none. Other fields that the platform approved
/// for the app are not stored; the phone number comes through `POST /phone`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Member))]
pub struct MemberView {
    /// The user.
    pub subject: SubjectId,
    /// The user's id for this app, if the platform gives one (new apps).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub open_id: Option<String>,
    /// The user's id on the platform, if the app still gets it (older apps).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub user_id: Option<String>,
    /// The nickname, if the user has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub nick_name: Option<String>,
    /// The avatar's URL, if the user has one.
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
    /// When the server stored it, in milliseconds since the Unix epoch.
    pub stored_at: Timestamp,
}

impl fmt::Debug for MemberView {
    /// Hides personal data from logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MemberView(redacted)")
    }
}

/// The body of every error answer, sent as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:miniauth:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in English.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// The stable code.
    pub code: ErrorCode,
    /// Whether a new auth code could help.
    pub reauthorize: bool,
    /// What happened this time, if there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub detail: Option<String>,
    /// The field of the request that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub field: Option<String>,
    /// What to do, in both languages.
    pub advice: ProblemAdvice,
}

/// What to do about an error, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Advice))]
pub struct ProblemAdvice {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Problem {
    /// Creates the problem document of a code. A code without a status is the server's fault: 500.
    pub fn new(code: ErrorCode) -> Self {
        let advice = code.advice();
        Self {
            kind: format!("urn:miniauth:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status().unwrap_or(500),
            code,
            reauthorize: code.reauthorize(),
            detail: None,
            field: None,
            advice: ProblemAdvice { zh: advice.zh.to_owned(), en: advice.en.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that repeats one byte.
    struct Same(u8);

    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_subject_is_63_random_bits_in_sixteen_digits() {
        for (byte, written) in [(0xff, "7fffffffffffffff"), (0x80, "0080808080808080"), (0x01, "0101010101010101")] {
            let subject = SubjectId::generate(&Same(byte));
            assert_eq!(subject.to_string(), written);
            assert_eq!(serde_json::to_value(subject).unwrap(), written);
            assert_eq!(SubjectId::from_stored(subject.stored()), subject);
            assert_eq!(i64::from_str_radix(written, 16), Ok(subject.stored()));
        }
    }

    #[test]
    fn a_problem_document_has_the_fields_of_its_code() {
        let problem = Problem::new(ErrorCode::SessionExpired);
        assert_eq!((problem.kind.as_str(), problem.status), ("urn:miniauth:problem:session_expired", 401));
        assert!(problem.reauthorize && problem.advice.zh == ErrorCode::SessionExpired.advice().zh);
        assert_eq!(Problem::new(ErrorCode::TapUsed).status, 500, "a client-only code");
    }

    #[test]
    fn a_member_does_not_print() {
        let subject = SubjectId::from_stored(1);
        let text = || Some("张伟".to_owned());
        let member = MemberView {
            subject,
            open_id: text(),
            user_id: text(),
            nick_name: text(),
            avatar: text(),
            gender: text(),
            province: text(),
            city: text(),
            stored_at: Timestamp::from_seconds(1),
        };
        assert_eq!(format!("{member:?}"), "MemberView(redacted)");
    }

    #[test]
    fn wire_types_check_their_bounds_and_do_not_print() {
        assert!(AuthCode::parse("").is_err());
        assert!(AuthCode::parse("a".repeat(129)).is_err());
        assert!(AuthCode::parse("a b").is_err());
        assert!(AuthCode::parse("码").is_err());
        let code = AuthCode::parse("2e4248c2f50b4653bf18ecee3466UC18").unwrap();
        assert!(!format!("{code:?}").contains("2e42"));
    }
}
