//! The encodings that write bytes as digits: base64 and hexadecimal.

use super::{
    Encoding,
    encoding::{Decoded, Limits, Outcome, Read},
};
use std::borrow::Cow;

/// The class of a byte that is not a digit; the class of a digit is its value.
const OTHER: u8 = 0xff;
/// A line break does not end a run.
const LINE_BREAK: u8 = 0xfe;

/// The value of each byte as a digit of base64 or base64url.
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

/// Returns whether a byte is a base64 or base64url digit. All hexadecimal digits are.
pub(super) fn is_digit(byte: u8) -> bool {
    class(byte) < LINE_BREAK
}

/// Decodes the runs of digits of a text, at every alignment.
pub(super) fn decode(text: &[u8], limits: Limits, read: Read<'_>) -> Outcome {
    let shortest = limits.shortest_run();
    let mut decoded = Vec::new();
    runs(text, shortest, &mut |at, run| {
        // In base64, three consecutive ASCII characters need a letter, and so does almost everything else: this is an
        // id.
        let is_id = run.iter().all(u8::is_ascii_digit);
        for skip in 0..if is_id { 0 } else { 4.min(run.len() + 1 - shortest) } {
            base64(&run[skip..], &mut decoded);
            read(Decoded::whole(at, &decoded, &[Encoding::Base64]))?;
        }
        // Hexadecimal has two digits per byte.
        for digits in hexadecimal_runs(run, 2 * limits.shortest) {
            for skip in 0..2 {
                hexadecimal(&digits[skip..], &mut decoded);
                read(Decoded::whole(at, &decoded, &[Encoding::Hexadecimal]))?;
            }
        }
        Ok(())
    })
}

/// Passes the longest runs of base64 digits in `text`, of at least `shortest` digits and without their line breaks, to
/// `read` with their positions, until something is found.
fn runs(text: &[u8], shortest: usize, read: &mut dyn FnMut(usize, &[u8]) -> Outcome) -> Outcome {
    let mut at = 0;
    for stretch in text.split(|byte| class(*byte) == OTHER) {
        if stretch.len() >= shortest {
            let run = without_line_breaks(stretch);
            if run.len() >= shortest {
                read(at, &run)?;
            }
        }
        at += stretch.len() + 1;
    }
    Ok(())
}

fn without_line_breaks(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\r') && !text.contains(&b'\n') {
        return Cow::Borrowed(text);
    }
    text.iter().copied().filter(|byte| is_digit(*byte)).collect()
}

/// Returns the runs of at least `shortest` hexadecimal digits in a run.
fn hexadecimal_runs(run: &[u8], shortest: usize) -> impl Iterator<Item = &[u8]> {
    run.split(|byte| !byte.is_ascii_hexdigit()).filter(move |digits| digits.len() >= shortest)
}

/// Decodes a run of base64 digits from its first digit into `decoded`.
fn base64(run: &[u8], decoded: &mut Vec<u8>) {
    join(run, 6, decoded);
}

/// Decodes hexadecimal digits from the first one into `decoded`.
fn hexadecimal(digits: &[u8], decoded: &mut Vec<u8>) {
    join(digits, 4, decoded);
}

/// Joins digits of six or four bits.
fn join(digits: &[u8], width: usize, decoded: &mut Vec<u8>) {
    decoded.clear();
    decoded.reserve(digits.len() * width / 8);
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits {
        let value = match width {
            6 => class(*digit),
            // A letter's low bits count from one.
            _ => (digit & 15) + if *digit > b'9' { 9 } else { 0 },
        };
        bits = bits << width | u32::from(value);
        count += width;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Reason;
    use ::base64::{Engine, engine::general_purpose};
    use proptest::prelude::*;

    /// Returns whether any alignment of a run decodes to bytes that contain `plain`.
    fn holds(run: &[u8], decode: fn(&[u8], &mut Vec<u8>), plain: &[u8]) -> bool {
        (0..4).any(|skip| {
            let mut decoded = vec![7];
            decode(run.get(skip..).unwrap_or_default(), &mut decoded);
            decoded.windows(plain.len()).any(|here| here == plain)
        })
    }

    fn any_run(text: &str, holds: impl Fn(&[u8]) -> bool) -> bool {
        let found = |run: &[u8]| if holds(run) { Err(Reason::NickName) } else { Ok(()) };
        runs(text.as_bytes(), 6, &mut |_, run| found(run)).is_err()
    }

    fn in_base64(text: &str, plain: &str) -> bool {
        any_run(text, |run| holds(run, base64, plain.as_bytes()))
    }

    fn in_hexadecimal(text: &str, plain: &str) -> bool {
        any_run(text, |run| hexadecimal_runs(run, 6).any(|digits| holds(digits, hexadecimal, plain.as_bytes())))
    }

    #[test]
    fn short_runs_are_left_out_and_line_breaks_do_not_count() {
        let mut found = Vec::new();
        let _ = runs(b"a-b (abcdef) ab\r\ncd\nef!\n12345!ab\rcdef", 6, &mut |_, run| {
            found.push(String::from_utf8_lossy(run).into_owned());
            Ok(())
        });
        assert_eq!(found, ["abcdef", "abcdef", "abcdef"]);
    }

    proptest! {
        #[test]
        fn decimal_digits_are_no_base64_of_ascii(digits in "[0-9]{4,40}") {
            let mut decoded = Vec::new();
            base64(digits.as_bytes(), &mut decoded);
            prop_assert!(!decoded.windows(3).any(|three| three.iter().all(|byte| matches!(byte, 0 | 0x20..0x7f))));
        }

        #[test]
        fn standard_encodings_are_decoded(plain in "\\PC{6,40}", before in "[A-Za-z0-9]{0,5}", after in "[A-Za-z0-9]{0,5}") {
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
            let _ = runs(&text, 1, &mut |_, run| {
                base64(run, &mut decoded);
                assert!(decoded.len() < run.len());
                for digits in hexadecimal_runs(run, 1) {
                    hexadecimal(digits, &mut decoded);
                    assert_eq!(decoded.len(), digits.len() / 2);
                }
                Ok(())
            });
        }
    }
}
