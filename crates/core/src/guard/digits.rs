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

/// Whether a byte is a digit of base64 or base64url. Every digit of hexadecimal is one.
pub(super) fn is_digit(byte: u8) -> bool {
    class(byte) < 64
}

/// Hands the longest stretches of base64 digits in `text`, of at least `shortest` digits and without their line breaks,
/// to `read`, each with the place where it begins, until one is a hit.
pub(super) fn runs<T>(text: &[u8], shortest: usize, mut read: impl FnMut(usize, &[u8]) -> Option<T>) -> Option<T> {
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
            && let hit @ Some(_) = read(start, &run)
        {
            return hit;
        }
    }
    None
}

fn without_line_breaks(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\r') && !text.contains(&b'\n') {
        return Cow::Borrowed(text);
    }
    text.iter().copied().filter(|byte| class(*byte) < 64).collect()
}

/// Puts the bytes that a run of base64 digits stands for, from its first digit on, into `decoded`.
pub(super) fn base64(run: &[u8], decoded: &mut Vec<u8>) {
    let bits = |group: &[u8]| group.iter().fold(0, |bits, digit| bits << 6 | u32::from(class(*digit) & 63));
    let groups = run.chunks_exact(4);
    let rest = groups.remainder();
    decoded.resize(run.len() / 4 * 3, 0);
    for (group, bytes) in groups.zip(decoded.chunks_exact_mut(3)) {
        bytes.copy_from_slice(&bits(group).to_be_bytes()[1..]);
    }
    if rest.len() > 1 {
        let bits = bits(rest) << (6 * (4 - rest.len()));
        decoded.extend_from_slice(&bits.to_be_bytes()[1..rest.len()]);
    }
}

/// The stretches of at least `shortest` hexadecimal digits in a run.
pub(super) fn hexadecimal_runs(run: &[u8], shortest: usize) -> impl Iterator<Item = &[u8]> {
    run.split(|byte| !byte.is_ascii_hexdigit()).filter(move |digits| digits.len() >= shortest)
}

/// Puts the bytes that hexadecimal digits stand for, from the first digit on, into `decoded`.
pub(super) fn hexadecimal(digits: &[u8], decoded: &mut Vec<u8>) {
    /// A letter's low bits count from one.
    const fn value(digit: u8) -> u8 {
        (digit & 15) + if digit > b'9' { 9 } else { 0 }
    }
    decoded.clear();
    decoded.extend(digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::{Engine, engine::general_purpose};
    use proptest::prelude::*;

    /// Whether any alignment of a run, decoded, holds `plain`.
    fn holds(run: &[u8], decode: fn(&[u8], &mut Vec<u8>), plain: &[u8]) -> bool {
        (0..4).any(|skip| {
            let mut decoded = vec![7];
            decode(run.get(skip..).unwrap_or_default(), &mut decoded);
            decoded.windows(plain.len()).any(|here| here == plain)
        })
    }

    fn in_base64(text: &str, plain: &str) -> bool {
        runs(text.as_bytes(), 6, |_, run| holds(run, base64, plain.as_bytes()).then_some(())).is_some()
    }

    fn in_hexadecimal(text: &str, plain: &str) -> bool {
        let holds = |run: &[u8]| hexadecimal_runs(run, 6).any(|digits| holds(digits, hexadecimal, plain.as_bytes()));
        runs(text.as_bytes(), 6, |_, run| holds(run).then_some(())).is_some()
    }

    #[test]
    fn short_runs_are_left_out_and_line_breaks_do_not_count() {
        let mut found = Vec::new();
        runs::<()>(b"a-b (abcdef) ab\r\ncd\nef!\n12345", 6, |_, run| {
            found.push(String::from_utf8_lossy(run).into_owned());
            None
        });
        assert_eq!(found, ["abcdef", "abcdef"]);
    }

    proptest! {
        #[test]
        fn decimal_digits_are_no_base64_of_ascii(digits in "[0-9]{4,40}") {
            let mut decoded = Vec::new();
            base64(digits.as_bytes(), &mut decoded);
            prop_assert!(!decoded.windows(3).any(|three| three.iter().all(|byte| matches!(byte, 0 | 0x20..0x7f))));
        }

        #[test]
        fn what_others_encode_is_read(plain in "\\PC{6,40}", before in "[A-Za-z0-9]{0,5}", after in "[A-Za-z0-9]{0,5}") {
            let inner = [before.as_bytes(), plain.as_bytes(), after.as_bytes()].concat();
            for engine in [&general_purpose::STANDARD, &general_purpose::URL_SAFE_NO_PAD] {
                let encoded = engine.encode(&inner);
                prop_assert!(in_base64(&encoded, &plain));
                let shifted = format!("{before}{encoded}");
                prop_assert!(in_base64(&shifted, &plain));
                let lines: Vec<_> = encoded.as_bytes().chunks(7).map(|line| String::from_utf8_lossy(line)).collect();
                prop_assert!(in_base64(&lines.join("\r\n"), &plain));
            }
            let digits: String = inner.iter().map(|byte| format!("{byte:02X}")).collect();
            for text in [digits.to_lowercase(), format!("f{digits}"), format!("id_{digits}")] {
                prop_assert!(in_hexadecimal(&text, &plain));
            }
        }

        #[test]
        fn no_text_makes_it_fail_or_grow(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut decoded = Vec::new();
            runs::<()>(&text, 1, |_, run| {
                base64(run, &mut decoded);
                assert!(decoded.len() < run.len());
                for digits in hexadecimal_runs(run, 1) {
                    hexadecimal(digits, &mut decoded);
                    assert_eq!(decoded.len(), digits.len() / 2);
                }
                None
            });
        }
    }
}
