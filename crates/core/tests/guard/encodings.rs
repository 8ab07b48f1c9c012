//! Encoders, written independently of the guard's decoders.

use base64::{Engine, engine::general_purpose};

/// Says which optional characters of a text are encoded: one bit for each character, from the lowest bit, repeated.
pub(crate) type Mask = u64;

/// The encoders. The results of those that make bytes are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoder {
    Json,
    JsonUpper,
    JavaScript,
    Slashes,
    Percent,
    PercentLower,
    Form,
    OldEscape,
    HtmlNamed,
    HtmlDecimal,
    HtmlHexadecimal,
    Base64,
    Base64Url,
    Base64Lines,
    Hexadecimal,
    HexadecimalUpper,
    Utf16Le,
    Utf16Be,
}

use Encoder::*;

pub(crate) const ENCODERS: [Encoder; 18] = [
    Json,
    JsonUpper,
    JavaScript,
    Slashes,
    Percent,
    PercentLower,
    Form,
    OldEscape,
    HtmlNamed,
    HtmlDecimal,
    HtmlHexadecimal,
    Base64,
    Base64Url,
    Base64Lines,
    Hexadecimal,
    HexadecimalUpper,
    Utf16Le,
    Utf16Be,
];

impl Encoder {
    pub(crate) const fn makes_bytes(self) -> bool {
        matches!(self, Utf16Le | Utf16Be)
    }

    /// Whether any bytes can be encoded, rather than only text.
    pub(crate) const fn takes_bytes(self) -> bool {
        matches!(self, Percent | PercentLower | Base64 | Base64Url | Base64Lines | Hexadecimal | HexadecimalUpper)
    }

    pub(crate) fn encode(self, plain: &[u8], mask: Mask) -> Vec<u8> {
        let text = || String::from_utf8(plain.to_vec()).expect("a text");
        match self {
            Json => {
                by_character(&text(), mask, |c| matches!(c, '"' | '\\'), |c| units(c, |unit| format!("\\u{unit:04x}")))
            }
            JsonUpper => {
                by_character(&text(), mask, |c| matches!(c, '"' | '\\'), |c| units(c, |unit| format!("\\u{unit:04X}")))
            }
            JavaScript => {
                by_character(&text(), mask, |c| matches!(c, '"' | '\\'), |c| format!("\\u{{{:x}}}", c as u32))
            }
            Slashes => by_character(&text(), 0, |c| matches!(c, '"' | '\\' | '/'), |c| format!("\\{c}")),
            Percent => by_byte(plain, mask, |byte| byte == b'%', |byte| format!("%{byte:02X}")),
            PercentLower => by_byte(plain, mask, |byte| byte == b'%', |byte| format!("%{byte:02x}")),
            Form => by_byte(
                plain,
                mask,
                |byte| matches!(byte, b'%' | b'+'),
                |byte| {
                    if byte == b' ' { "+".to_owned() } else { format!("%{byte:02X}") }
                },
            ),
            OldEscape => by_character(
                &text(),
                mask,
                |c| c == '%',
                |c| {
                    if c.is_ascii() { format!("%{:02X}", c as u32) } else { units(c, |unit| format!("%u{unit:04X}")) }
                },
            ),
            HtmlNamed => by_character(
                &text(),
                0,
                |c| matches!(c, '&' | '<' | '>' | '"' | '\''),
                |c| {
                    match c {
                        '&' => "&amp;",
                        '<' => "&lt;",
                        '>' => "&gt;",
                        '"' => "&quot;",
                        _ => "&apos;",
                    }
                    .to_owned()
                },
            ),
            HtmlDecimal => by_character(&text(), mask, |c| c == '&', |c| format!("&#{};", c as u32)),
            HtmlHexadecimal => by_character(&text(), mask, |c| c == '&', |c| format!("&#x{:x};", c as u32)),
            Base64 => general_purpose::STANDARD.encode(plain).into(),
            Base64Url => general_purpose::URL_SAFE_NO_PAD.encode(plain).into(),
            Base64Lines => {
                general_purpose::STANDARD.encode(plain).as_bytes().chunks(19).collect::<Vec<_>>().join(&b"\r\n"[..])
            }
            Hexadecimal => plain.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
            HexadecimalUpper => plain.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into(),
            Utf16Le => text().encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Utf16Be => text().encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

fn chosen(mask: Mask, index: usize) -> bool {
    mask >> (index % 64) & 1 == 1
}

fn by_character(text: &str, mask: Mask, must: fn(char) -> bool, encode: impl Fn(char) -> String) -> Vec<u8> {
    let encoded: String = text
        .chars()
        .enumerate()
        .map(|(index, c)| if must(c) || chosen(mask, index) { encode(c) } else { c.to_string() })
        .collect();
    encoded.into()
}

fn by_byte(plain: &[u8], mask: Mask, must: fn(u8) -> bool, encode: impl Fn(u8) -> String) -> Vec<u8> {
    plain
        .iter()
        .enumerate()
        // A single byte of a non-ASCII character is not text.
        .flat_map(|(index, byte)| {
            let encoded = must(*byte) || !byte.is_ascii() || chosen(mask, index);
            if encoded { encode(*byte).into_bytes() } else { vec![*byte] }
        })
        .collect()
}

fn units(c: char, encode: impl Fn(u16) -> String) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| encode(*unit)).collect()
}
