//! The encodings that a text can hide in.

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
    /// The encoding's name.
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
