//! The encodings that write bytes as digits: base64 and hexadecimal.

use std::borrow::Cow;

/// What a byte is in [`CLASSES`] when it is no digit; digits are their values.
const OTHER: u8 = 0xff;
/// A line break inside a run does not end it.
const LINE_BREAK: u8 = 0xfe;

/// Every byte's value as a digit of base64 or base64url.
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut classes = [OTHER; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        classes[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    classes[b'-' as usize] = 62;
    classes[b'_' as usize] = 63;
    classes[b'\r' as usize] = LINE_BREAK;
    classes[b'\n' as usize] = LINE_BREAK;
    classes
}

fn class(byte: u8) -> u8 {
    CLASSES[byte as usize]
}

/// Hands the longest stretches of base64 digits in `text`, of at least `shortest` digits and without their line breaks,
/// to `read`, until one is a hit. Every digit of hexadecimal is one of base64.
pub(super) fn runs<T>(text: &[u8], shortest: usize, mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    let mut at = 0;
    while let Some(length) = text[at..].iter().position(|byte| class(*byte) < 64) {
        let start = at + length;
        let length = text[start..].iter().position(|byte| class(*byte) == OTHER).unwrap_or(text.len() - start);
        at = start + length;
        if length < shortest {
            continue;
        }
        let run = without_line_breaks(&text[start..at]);
        if run.len() >= shortest
            && let hit @ Some(_) = read(&run)
        {
            return hit;
        }
    }
    None
}

fn without_line_breaks(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', text).is_none() {
        return Cow::Borrowed(text);
    }
    text.iter().copied().filter(|byte| class(*byte) < 64).collect()
}

/// The bytes that a run of base64 digits stands for, from its first digit on.
pub(super) fn base64(run: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(run.len() / 4 * 3 + 3);
    let groups = run.chunks_exact(4);
    let rest = groups.remainder();
    let bits = |group: &[u8]| group.iter().fold(0, |bits, digit| bits << 6 | u32::from(class(*digit) & 63));
    for group in groups {
        let [_, bytes @ ..] = bits(group).to_be_bytes();
        decoded.extend_from_slice(&bytes);
    }
    if rest.len() > 1 {
        let bits = bits(rest) << (6 * (4 - rest.len()));
        decoded.extend_from_slice(&bits.to_be_bytes()[1..rest.len()]);
    }
    decoded
}

/// Hands the bytes of every stretch of at least `shortest` hexadecimal digits in a run, at both alignments, to `read`,
/// until one is a hit.
pub(super) fn hexadecimal<T>(run: &[u8], shortest: usize, mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    let value = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
    run.split(|byte| !byte.is_ascii_hexdigit()).filter(|digits| digits.len() >= shortest).find_map(|digits| {
        (0..2).find_map(|skip| {
            let bytes: Vec<u8> =
                digits[skip..].chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect();
            read(&bytes)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::{Engine, engine::general_purpose};
    use proptest::prelude::*;

    fn contains(bytes: &[u8], plain: &[u8]) -> Option<()> {
        memchr::memmem::find(bytes, plain).map(|_| ())
    }

    fn in_base64(text: &str, plain: &[u8]) -> bool {
        runs(text.as_bytes(), 6, |run| (0..4).find_map(|skip| contains(&base64(&run[skip..]), plain))).is_some()
    }

    #[test]
    fn short_runs_are_left_out_and_line_breaks_do_not_count() {
        let mut found = Vec::new();
        runs::<()>(b"a-b (abcdef) ab\r\ncd\nef!\n12345", 6, |run| {
            found.push(String::from_utf8_lossy(run).into_owned());
            None
        });
        assert_eq!(found, ["abcdef", "abcdef"]);
    }

    proptest! {
        #[test]
        fn what_others_encode_is_read(plain in "\\PC{6,40}", before in "[A-Za-z0-9]{0,5}", after in "[A-Za-z0-9]{0,5}") {
            let inner = [before.as_bytes(), plain.as_bytes(), after.as_bytes()].concat();
            for engine in [&general_purpose::STANDARD, &general_purpose::URL_SAFE_NO_PAD] {
                let encoded = engine.encode(&inner);
                prop_assert!(in_base64(&encoded, plain.as_bytes()));
                let shifted = format!("{before}{encoded}");
                prop_assert!(in_base64(&shifted, plain.as_bytes()));
                let lines: Vec<_> = encoded.as_bytes().chunks(7).map(|line| String::from_utf8_lossy(line)).collect();
                prop_assert!(in_base64(&lines.join("\r\n"), plain.as_bytes()));
            }
            let digits: String = inner.iter().map(|byte| format!("{byte:02X}")).collect();
            for text in [digits.to_lowercase(), format!("f{digits}"), format!("id_{digits}")] {
                let found = runs(text.as_bytes(), 6, |run| hexadecimal(run, 6, |bytes| contains(bytes, plain.as_bytes())));
                prop_assert!(found.is_some());
            }
        }

        #[test]
        fn no_text_makes_it_fail_or_grow(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            runs::<()>(&text, 1, |run| {
                assert!(base64(run).len() < run.len());
                hexadecimal::<()>(run, 1, |bytes| { assert!(bytes.len() <= run.len() / 2); None })
            });
        }
    }
}
