//! Undoes what parsing and serializing a JSON text changes.

use std::fmt::Write as _;

/// Removes the white space between the parts.
pub(crate) fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    json.chars()
        .filter(|&character| {
            let keep = in_string || !matches!(character, ' ' | '\t' | '\r' | '\n');
            in_string ^= character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            keep
        })
        .collect()
}

/// Replaces escapes like `\u5f20` by the characters, except for ASCII.
pub(crate) fn unescaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find('\\') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let (units, length) = code_units(rest);
        match char::decode_utf16(units).next() {
            Some(Ok(character)) if !character.is_ascii() => {
                text.push(character);
                rest = &rest[length * character.len_utf16()..];
            }
            _ => {
                // Keep the backslash and what it escapes together.
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
                text.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// Returns the one or two UTF-16 units at the beginning of a text, and their length there.
fn code_units(text: &str) -> (Vec<u16>, usize) {
    const WRITTEN: usize = r"\u5f20".len();
    let unit = |place: usize| {
        let digits = text.get(place * WRITTEN..(place + 1) * WRITTEN)?.strip_prefix(r"\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    ((0..2).map_while(unit).collect(), WRITTEN)
}

/// Escapes every non-ASCII character like `\u5f20`.
pub(crate) fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(text, r"\u{unit:04x}").expect("writing to a String cannot fail");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_stands_between_the_parts_goes() {
        let pretty = "{\r\n\t\"a b\" : \"c\\\" d\\\\\" ,\n  \"e\": [ 1, 2 ]\n}";
        assert_eq!(compact(pretty), r#"{"a b":"c\" d\\","e":[1,2]}"#);
    }

    #[test]
    fn escapes_of_characters_come_and_go() {
        let raw = r#"{"n":"张伟🐻","s":"\u0041\\u5f20\"\/"}"#;
        let written = r#"{"n":"\u5f20\u4f1f\ud83d\udc3b","s":"\u0041\\u5f20\"\/"}"#;
        assert_eq!(escaped(raw), written);
        assert_eq!(unescaped(written), raw, "ASCII and a backslash that is itself escaped stay");
        for broken in [r"\u5f2", r"\ud83d", r"\ud83dx", r"\udc3b\ud83d", r"\", r"\张"] {
            assert_eq!(unescaped(broken), broken);
        }
    }

    proptest! {
        #[test]
        fn any_json_is_unchanged_by_escaping_and_unescaping(value in ".{0,40}") {
            let json = serde_json::json!({ "a": value }).to_string();
            prop_assert_eq!(unescaped(&escaped(&json)), json.as_str());
            prop_assert_eq!(compact(&json), json);
        }
    }
}
