//! The encodings in which a text can hide, with their signs and decoders.

use super::{Reason, digits, escapes, needles::sign, numbers, utf16};

/// An encoding that the guard looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The escapes of a JSON or JavaScript string: `\u5f20`, `\u{5f20}`, `\x41`, `\/`.
    Json,
    /// Percent-encoding, in either case, and JavaScript's old `escape` (`%u5F20`).
    Percent,
    /// HTML entities: `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;`, `&nbsp;`, decimal and hexadecimal ones.
    Html,
    /// Base64 or base64url, padded or not, broken into lines or not, at every alignment.
    Base64,
    /// Hexadecimal, in either case, at every alignment.
    Hexadecimal,
    /// UTF-16 bytes, of either byte order, at every alignment.
    Utf16,
    /// A list of numbers, each a byte or a character: `[229, 188, 160]`, a `Buffer` as JSON.
    Numbers,
}

impl Encoding {
    /// Returns the encoding's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Percent => "percent",
            Self::Html => "html",
            Self::Base64 => "base64",
            Self::Hexadecimal => "hexadecimal",
            Self::Utf16 => "utf-16",
            Self::Numbers => "numbers",
        }
    }
}

/// Nothing was found, or the reason to refuse.
pub(super) type Outcome = Result<(), Reason>;

/// The callback for each decoded part, until something is found.
pub(super) type Read<'read> = &'read mut dyn FnMut(Decoded<'_>) -> Outcome;

/// Decodes the encoded parts of a text.
type Decoder = fn(text: &[u8], limits: Limits, read: Read<'_>) -> Outcome;

/// Every decoder, with the sign that a text must have for it.
pub(super) const DECODERS: [(u8, Decoder); 4] = [
    (sign::ESCAPE, escapes::decode),
    (sign::DIGIT, digits::decode),
    (sign::LIST, numbers::decode),
    (sign::ZERO, utf16::decode),
];

/// Bounds for a decoder.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The fewest bytes that can contain a value.
    pub(super) shortest: usize,
    /// How far around an escape a value can reach, in bytes.
    pub(super) reach: usize,
    /// Whether the text itself is a part of a longer one, on either side.
    pub(super) is_cut: [bool; 2],
}

impl Limits {
    /// Returns the fewest base64 digits that can contain a value.
    pub(super) const fn shortest_run(self) -> usize {
        (self.shortest * 4).div_ceil(3)
    }
}

/// A decoded part of a text.
pub(super) struct Decoded<'text> {
    /// Its position in the text.
    pub(super) at: usize,
    pub(super) bytes: &'text [u8],
    pub(super) encodings: &'text [Encoding],
    /// Whether the text continues before or after it.
    pub(super) is_cut: [bool; 2],
}

impl<'text> Decoded<'text> {
    pub(super) const fn whole(at: usize, bytes: &'text [u8], encodings: &'text [Encoding]) -> Self {
        Self { at, bytes, encodings, is_cut: [false; 2] }
    }
}
