//! The opaque strings of the wire: parsed once, bounded, and not printed.

use serde::Serialize;
use std::fmt;

macro_rules! opaque {
    ($(#[$meta:meta])* $name:ident, $minimum:literal..=$maximum:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The lengths that are accepted, in bytes.
            pub const LENGTHS: std::ops::RangeInclusive<usize> = $minimum..=$maximum;

            /// Takes the text when its length fits and it has only ASCII letters, digits, `-`, `_` and `.`.
            ///
            /// # Errors
            /// [`MalformedTokenError`] otherwise.
            pub fn parse(text: impl Into<String>) -> Result<Self, MalformedTokenError> {
                let text = text.into();
                let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
                if plain && Self::LENGTHS.contains(&text.len()) { Ok(Self(text)) } else { Err(MalformedTokenError) }
            }

            /// The text itself. It is a secret or leads to one: do not log it.
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
    /// The platform's auth code: single-use, lives 3 minutes to 24 hours.
    AuthCode, 1..=128
}
opaque! {
    /// A random name for one attempt to log in, repeated only when the same post is repeated.
    ///
    /// It is a replay key, not a secret: page logic has no strong random source.
    LoginId, 16..=64
}
opaque! {
    /// A session's bearer token: 32 random-looking bytes in base64url without padding.
    SessionToken, 43..=43
}

/// The text is not of the form that this kind of token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this kind: wrong length, or characters other than A-Z a-z 0-9 - _ .")]
pub struct MalformedTokenError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_nothing_prints() {
        assert!(AuthCode::parse("").is_err());
        assert!(AuthCode::parse("a".repeat(129)).is_err());
        assert!(AuthCode::parse("a b").is_err());
        assert!(AuthCode::parse("码").is_err());
        let code = AuthCode::parse("2e4248c2f50b4653bf18ecee3466UC18").unwrap();
        assert!(!format!("{code:?}").contains("2e42"));
    }
}
