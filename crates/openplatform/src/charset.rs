//! The two character sets that the gateway supports.

use encoding_rs::{Encoding, GBK, UTF_8};
use std::{borrow::Cow, fmt, str::FromStr};
use thiserror::Error;

/// The character set of a request, its signature and its answer: the parameter `charset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Charset {
    /// UTF-8, which has every character.
    #[default]
    Utf8,
    /// GBK, which older apps use.
    Gbk,
}

impl Charset {
    /// Returns the value of the parameter `charset`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "GBK",
        }
    }

    /// Encodes a text.
    ///
    /// # Errors
    /// [`EncodeError`] if GBK lacks one of the characters. Nothing is replaced.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, EncodeError> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().into()),
            Self::Gbk => match GBK.encode(text) {
                (bytes, _, false) => Ok(bytes),
                (_, _, true) => Err(EncodeError),
            },
        }
    }

    /// Decodes bytes; `None` if they are not in this character set. Nothing is replaced, and a byte order mark is an
    /// ordinary character.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            // The decoder also accepts the four-byte characters of GB18030, which would make the end of a string
            // ambiguous.
            Self::Gbk if !is_one_or_two_byte_text(bytes) => None,
            _ => self.encoding().decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// Returns a text of the same length for finding positions in JSON: each byte of a two-byte character becomes `x`,
    /// because the second may look like `\`, `{` or `}`.
    pub(crate) fn with_one_byte_characters(self, text: &[u8]) -> Cow<'_, [u8]> {
        match self {
            // No byte of a longer character looks like ASCII.
            Self::Utf8 => text.into(),
            Self::Gbk => {
                let mut second = false;
                let plain = text.iter().map(|&byte| {
                    let is_wide = second || !byte.is_ascii();
                    second = !second && is_lead_byte(byte);
                    if is_wide { b'x' } else { byte }
                });
                plain.collect()
            }
        }
    }

    /// Returns the other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Utf8 => Self::Gbk,
            Self::Gbk => Self::Utf8,
        }
    }

    /// Returns the character set that a `Content-Type` header declares: `Err` if it is neither of the two.
    pub(crate) fn declared(content_type: &str) -> Option<Result<Self, CharsetError>> {
        content_type.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').parse())
        })
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Gbk => GBK,
        }
    }
}

/// Returns whether a GBK byte begins a two-byte character.
const fn is_lead_byte(byte: u8) -> bool {
    matches!(byte, 0x81..=0xfe)
}

fn is_one_or_two_byte_text(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        if is_lead_byte(byte) && rest.next().is_none_or(|&trail| trail < 0x40) {
            return false;
        }
    }
    true
}

impl FromStr for Charset {
    type Err = CharsetError;

    /// Accepts the usual names in upper or lower case, also `gb2312`, which is a part of GBK.
    fn from_str(name: &str) -> Result<Self, CharsetError> {
        match Encoding::for_label(name.as_bytes()) {
            Some(encoding) if encoding == UTF_8 => Ok(Self::Utf8),
            Some(encoding) if encoding == GBK => Ok(Self::Gbk),
            _ => Err(CharsetError),
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The gateway does not support this character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the character set is utf-8 or gbk")]
pub struct CharsetError;

/// A text has a character that GBK lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a character of the text is not in GBK: use the character set utf-8")]
pub struct EncodeError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_character_sets_are_parsed_from_their_names() {
        for (name, charset) in [
            ("utf-8", Charset::Utf8),
            ("UTF8", Charset::Utf8),
            ("gbk", Charset::Gbk),
            ("GBK", Charset::Gbk),
            ("gb2312", Charset::Gbk),
        ] {
            assert_eq!(name.parse(), Ok(charset));
            assert_eq!(charset.to_string().parse(), Ok(charset));
        }
        for name in ["", "gb18030", "big5", "latin1", "utf-16"] {
            assert_eq!(name.parse::<Charset>(), Err(CharsetError), "{name}");
        }
    }

    #[test]
    fn trail_bytes_may_look_like_json() {
        // A backslash, an opening and a closing brace; and the lowest one.
        for bytes in [[0x95, 0x5c], [0x9e, 0x7b], [0x9e, 0x7d], [0x81, 0x40]] {
            let text = Charset::Gbk.decode(&bytes).unwrap();
            assert_eq!(text.chars().count(), 1);
            assert_eq!(Charset::Gbk.encode(&text).unwrap().as_ref(), bytes);
        }
    }

    #[test]
    fn trail_bytes_that_look_like_json_are_hidden() {
        let text = b"\"\x95\x5c\x80\x9e\x7b\x81\x81\\\"\"{";
        assert_eq!(Charset::Gbk.with_one_byte_characters(text).as_ref(), b"\"xxxxxxx\\\"\"{");
        assert_eq!(Charset::Utf8.with_one_byte_characters("诚{".as_bytes()).as_ref(), "诚{".as_bytes());
    }

    #[test]
    fn invalid_characters_are_errors_and_never_replaced() {
        assert_eq!(Charset::Gbk.encode("🐻"), Err(EncodeError));
        assert_eq!(Charset::Gbk.decode(&[0x81]), None);
        assert_eq!(Charset::Gbk.decode(&[0x81, 0x30, 0x81, 0x30]), None, "a character of GB18030");
        assert_eq!(Charset::Utf8.decode(&[0xd5, 0xc5]), None);
        assert_eq!(Charset::Utf8.decode("\u{feff}a".as_bytes()).as_deref(), Some("\u{feff}a"));
    }

    #[test]
    fn a_declared_character_set_is_found_in_its_header() {
        assert_eq!(Charset::declared("text/html;charset=GBK"), Some(Ok(Charset::Gbk)));
        assert_eq!(Charset::declared("text/html; Charset=\"utf-8\""), Some(Ok(Charset::Utf8)));
        assert_eq!(Charset::declared("text/html; charset=latin1"), Some(Err(CharsetError)));
        assert_eq!(Charset::declared("application/json"), None);
    }
}
