//! The encodings that a text can hide in, each with a lenient decoder of bounded output.

use std::borrow::Cow;

/// Base64 and hexadecimal runs shorter than this, in characters, cannot hold a value that counts.
const MINIMUM_RUN: usize = 8;

/// An encoding that the guard looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The escapes of a JSON string, `\u5f20` or `\/`.
    Json,
    /// Percent-encoding, in either case, with `+` for a space.
    Percent,
    /// Base64 or base64url, padded or not, at every alignment.
    Base64,
    /// Hexadecimal, in either case.
    Hexadecimal,
}

impl Encoding {
    pub(super) const ALL: [Self; 4] = [Self::Json, Self::Base64, Self::Hexadecimal, Self::Percent];

    /// The encoding's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Percent => "percent",
            Self::Base64 => "base64",
            Self::Hexadecimal => "hexadecimal",
        }
    }

    /// Hands every reading of `text` in this encoding to `read`, until one is a hit.
    pub(super) fn readings<T>(self, text: &[u8], mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
        match self {
            Self::Json => text.contains(&b'\\').then(|| json_unescape(text)).and_then(|decoded| read(&decoded)),
            Self::Percent => {
                if !text.contains(&b'%') && !text.contains(&b'+') {
                    return None;
                }
                let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
                match Cow::from(percent_encoding::percent_decode(&spaced)) {
                    Cow::Owned(decoded) => read(&decoded),
                    Cow::Borrowed(decoded) if decoded != text => read(decoded),
                    Cow::Borrowed(_) => None,
                }
            }
            Self::Base64 => runs(
                text,
                |byte| base64_digit(byte).is_some(),
                |run| (0..4).find_map(|skip| read(&base64_decode(&run[skip..]))),
            ),
            Self::Hexadecimal => runs(
                text,
                |byte| byte.is_ascii_hexdigit(),
                |run| (0..2).find_map(|skip| read(&hexadecimal_decode(&run[skip..]))),
            ),
        }
    }
}

/// The longest stretches of digits in `text`; a line break inside one does not end it.
fn runs<T>(text: &[u8], digit: impl Fn(u8) -> bool, mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    let mut run = Vec::new();
    for byte in text.iter().copied().chain([0]) {
        if digit(byte) {
            run.push(byte);
        } else if byte != b'\r' && byte != b'\n' {
            if run.len() >= MINIMUM_RUN
                && let Some(hit) = read(&run)
            {
                return Some(hit);
            }
            run.clear();
        }
    }
    None
}

const fn base64_digit(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    } as u32)
}

fn base64_decode(digits: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let bits = group.iter().filter_map(|byte| base64_digit(*byte)).fold(0, |bits, digit| bits << 6 | digit);
        let bits = bits << (6 * (4 - group.len()));
        decoded.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    decoded
}

fn hexadecimal_decode(digits: &[u8]) -> Vec<u8> {
    let value = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

fn json_unescape(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        decoded.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((escape, after)) = rest.split_first() else { break };
        rest = after;
        match escape {
            b'n' => decoded.push(b'\n'),
            b't' => decoded.push(b'\t'),
            b'r' => decoded.push(b'\r'),
            b'b' => decoded.push(8),
            b'f' => decoded.push(12),
            b'u' => rest = unicode_escape(rest, &mut decoded),
            other => decoded.push(*other),
        }
    }
    decoded.extend_from_slice(rest);
    decoded
}

/// Reads the four digits after `\u`, and a second escape where the first is half of a pair.
fn unicode_escape<'text>(rest: &'text [u8], decoded: &mut Vec<u8>) -> &'text [u8] {
    let Some((first, after_first)) = code_unit(rest) else { return rest };
    let second = after_first.strip_prefix(b"\\u").and_then(code_unit);
    if let Some((second, after_second)) = second
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
        && character.len_utf16() == 2
    {
        decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        return after_second;
    }
    let character = char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER);
    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    after_first
}

fn code_unit(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, after) = text.split_at_checked(4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let unit =
        digits.iter().fold(0, |unit, digit| unit << 4 | (*digit as char).to_digit(16).unwrap_or_default() as u16);
    Some((unit, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose};
    use proptest::prelude::*;

    fn found(encoding: Encoding, text: &[u8], plain: &[u8]) -> bool {
        encoding.readings(text, |decoded| memchr::memmem::find(decoded, plain).map(|_| ())).is_some()
    }

    proptest! {
        #[test]
        fn what_others_encode_is_read(plain in "\\PC{6,40}", before in "[A-Za-z0-9]{0,5}", after in "[A-Za-z0-9]{0,5}") {
            let inner = [before.as_bytes(), plain.as_bytes(), after.as_bytes()].concat();
            for engine in [&general_purpose::STANDARD, &general_purpose::URL_SAFE_NO_PAD] {
                prop_assert!(found(Encoding::Base64, engine.encode(&inner).as_bytes(), plain.as_bytes()));
                let shifted = format!("{before}{}", engine.encode(&inner));
                prop_assert!(found(Encoding::Base64, shifted.as_bytes(), plain.as_bytes()));
            }
            let percent: String = inner.iter().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert!(found(Encoding::Percent, percent.as_bytes(), plain.as_bytes()));
            let hexadecimal: String = inner.iter().map(|byte| format!("{byte:02X}")).collect();
            let shifted = format!("f{hexadecimal}");
            prop_assert!(found(Encoding::Hexadecimal, shifted.as_bytes(), plain.as_bytes()));
            let units: String = plain.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert!(found(Encoding::Json, units.as_bytes(), plain.as_bytes()));
        }

        #[test]
        fn no_text_makes_a_decoder_fail(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            for encoding in Encoding::ALL {
                encoding.readings(&text, |decoded| (decoded.len() > text.len()).then(|| panic!("it grew")));
            }
        }
    }
}
