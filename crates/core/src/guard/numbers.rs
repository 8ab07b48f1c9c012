//! Lists of numbers that stand for bytes or characters, as arrays are written in JSON.

/// Fewer numbers than this hold no value.
const SHORTEST: usize = 3;

/// Hands what each list of numbers in `text` stands for to `read`, with the place where it begins, until one is a hit.
pub(super) fn lists<T>(text: &[u8], mut read: impl FnMut(usize, &[u8]) -> Option<T>) -> Option<T> {
    let mut at = 0;
    while let Some(comma) = text[at..].iter().position(|byte| *byte == b',').map(|length| at + length) {
        let before = text[at..comma].iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
        let start = comma - before;
        let (numbers, end) = list(text, start);
        at = end.max(comma + 1);
        if numbers.len() >= SHORTEST
            && let hit @ Some(_) = read(start, &stood_for(&numbers))
        {
            return hit;
        }
    }
    None
}

/// The numbers of the list that begins at `at`, and where it ends.
fn list(text: &[u8], mut at: usize) -> (Vec<i32>, usize) {
    let mut numbers = Vec::new();
    while let Some((number, length)) = number(&text[at..]) {
        numbers.push(number);
        at += length;
        match separator(&text[at..]) {
            Some(length) => at += length,
            None => break,
        }
    }
    (numbers, at)
}

fn number(text: &[u8]) -> Option<(i32, usize)> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits = text[sign..].iter().take(8).take_while(|byte| byte.is_ascii_digit());
    let (value, length) =
        digits.fold((0, 0), |(value, length), digit| (value * 10 + i32::from(digit - b'0'), length + 1));
    (1..8).contains(&length).then_some((if sign == 1 { -value } else { value }, sign + length))
}

/// The length of what stands between two numbers: a comma with blanks, and the index where the list is written as an object.
fn separator(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b",")?.trim_ascii_start();
    let index = rest.strip_prefix(b"\"").and_then(|index| {
        let index = index.trim_ascii_start();
        let digits = index.iter().take_while(|byte| byte.is_ascii_digit()).count();
        index[digits..].strip_prefix(b"\":")
    });
    Some(text.len() - index.unwrap_or(rest).trim_ascii_start().len())
}

/// Characters, and before them bytes where all can be bytes, signed or not.
pub(super) fn stood_for(numbers: &[i32]) -> Vec<u8> {
    let mut decoded = Vec::new();
    if numbers.iter().all(|number| (-128..256).contains(number)) {
        decoded.extend(numbers.iter().map(|number| *number as u8));
        // Of ASCII, both are the same.
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

    fn read(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        lists::<()>(text.as_bytes(), |_, bytes| {
            all.push(String::from_utf8_lossy(bytes).into_owned());
            None
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

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "[-0-9,\": ]{0,60}") {
            lists::<()>(text.as_bytes(), |_, _| None);
        }
    }
}
