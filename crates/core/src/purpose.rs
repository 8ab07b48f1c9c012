//! Why consent is asked for.

use serde::Serialize;

/// The longest purpose, in characters: it is shown on one or two lines of a phone and stored with every consent.
pub const MAXIMUM_PURPOSE_CHARACTERS: usize = 100;

/// A purpose that a person can read, for instance 用于显示会员等级.
///
/// Holds 1 to [`MAXIMUM_PURPOSE_CHARACTERS`] characters after trimming, at least one of them a letter or an ideograph,
/// and no control characters.
///
/// ```
/// use miniauth_core::purpose::Purpose;
/// assert_eq!(Purpose::parse(" 用于显示会员等级 ").unwrap().as_str(), "用于显示会员等级");
/// assert!(Purpose::parse("...").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Purpose(String);

impl Purpose {
    /// Reads a purpose.
    ///
    /// # Errors
    /// [`PurposeError`] when there is nothing in it that a person could read, or too much.
    pub fn parse(text: &str) -> Result<Self, PurposeError> {
        let text = text.trim();
        let readable = text.chars().any(char::is_alphabetic)
            && !text.chars().any(char::is_control)
            && text.chars().count() <= MAXIMUM_PURPOSE_CHARACTERS;
        if readable { Ok(Self(text.to_owned())) } else { Err(PurposeError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The purpose is empty, unreadable or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a purpose is 1 to {MAXIMUM_PURPOSE_CHARACTERS} characters that a person can read")]
pub struct PurposeError;
