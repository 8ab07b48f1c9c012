//! Lists of numbers that are bytes or characters, like arrays in JSON.

use super::{
    Encoding,
    encoding::{Decoded, Limits, Outcome, Read},
};

/// A list with fewer numbers contains no value.
const SHORTEST: usize = 3;

/// Decodes every list of numbers in a text.
pub(super) fn decode(text: &[u8], _: Limits, read: Read<'_>) -> Outcome {
    let mut at = 0;
    for list in text.split(|byte| !is_in_list(*byte)) {
        if list.iter().filter(|byte| **byte == b',').count() + 1 >= SHORTEST {
            let numbers: Vec<i32> = list.split(|byte| *byte == b',').filter_map(number).collect();
            if numbers.len() >= SHORTEST {
                read(Decoded::whole(at, &stood_for(&numbers), &[Encoding::Numbers]))?;
            }
        }
        at += list.len() + 1;
    }
    Ok(())
}

/// Digits, signs and separators; also indices, for a list that is written as an object.
const fn is_in_list(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_whitespace() || matches!(byte, b',' | b'-' | b':' | b'"')
}

/// Parses a number with or without an index.
fn number(item: &[u8]) -> Option<i32> {
    let item = item.rsplit(|byte| *byte == b':').next()?.trim_ascii();
    let digits = item.strip_prefix(b"-").unwrap_or(item);
    if !(1..8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit & 15));
    Some(if digits.len() < item.len() { -value } else { value })
}

/// Returns the numbers as bytes (signed or not) if all can be bytes, followed by them as characters.
fn stood_for(numbers: &[i32]) -> Vec<u8> {
    let mut decoded = Vec::new();
    if numbers.iter().all(|number| (-128..256).contains(number)) {
        decoded.extend(numbers.iter().map(|number| *number as u8));
        // For ASCII, both are the same.
        if decoded.is_ascii() {
            return decoded;
        }
        decoded.push(b'\n');
    }
    for number in numbers {
        let character = char::from_u32(*number as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { shortest: 3, reach: 0, is_cut: [false; 2] };

    fn read(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        let _ = decode(text.as_bytes(), LIMITS, &mut |found| {
            all.push(String::from_utf8_lossy(found.bytes).into_owned());
            Ok(())
        });
        all
    }

    #[test]
    fn lists_are_read_however_they_are_written() {
        for text in [
            r#"{"type":"Buffer","data":[229,188,160,228,188,159]}"#,
            "229, 188, 160,\n228, 188, 159",
            "[-27,-68,-96,-28,-68,-97]",
            "[24352,20255,20255]",
            r#"{"0":229,"1":188,"2":160,"3":228,"4":188,"5":159}"#,
        ] {
            let found = read(text);
            assert!(found.len() == 1 && found[0].starts_with("张伟"), "{text}: {found:?}");
        }
        assert_eq!(read("1,2 and 3, or a,b,c,1,x"), [] as [String; 0]);
        assert_eq!(read("65,66,67;68,69,70"), ["ABC", "DEF"]);
    }

    #[test]
    fn a_list_is_reported_with_its_position() {
        let mut places = Vec::new();
        let _ = decode(b"x 65,66,67; y=1 [68,69,70]", LIMITS, &mut |found| {
            places.push(found.at);
            Ok(())
        });
        assert_eq!(places, [1, 17]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "[-0-9,\": ]{0,60}") {
            let _ = decode(text.as_bytes(), LIMITS, &mut |_| Ok(()));
        }
    }
}
