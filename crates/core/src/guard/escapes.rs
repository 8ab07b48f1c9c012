//! The encodings that replace single characters: JSON, percent and HTML.
//!
//! Escapes occur anywhere between plain characters, and one text may mix their kinds, so one pass undoes all kinds.
//! Only the surroundings of an escape are decoded: elsewhere decoding would change nothing.

use super::{
    Encoding,
    encoding::{Decoded, Limits, Outcome, Read},
};

/// A form of escape that contains a number.
struct Numeric {
    kind: Encoding,
    /// Its prefix, in either case.
    prefix: &'static [u8],
    radix: u32,
    /// The fewest and the most digits: a number of more than eight is no code point, unless it begins with zeros.
    digits: [usize; 2],
    /// Its optional end: browsers accept that it is missing.
    close: u8,
    /// Whether the number is a byte rather than a character, or half a character.
    is_byte: bool,
}

const fn numeric(kind: Encoding, prefix: &'static [u8], radix: u32, digits: [usize; 2], close: u8) -> Numeric {
    Numeric { kind, prefix, radix, digits, close, is_byte: digits[1] == 2 }
}

/// All numeric forms; of those with a common prefix, the longer one first.
const NUMERIC: [Numeric; 7] = [
    numeric(Encoding::Json, b"\\u{", 16, [1, 8], b'}'),
    numeric(Encoding::Json, b"\\u", 16, [4, 4], 0),
    numeric(Encoding::Json, b"\\x", 16, [2, 2], 0),
    numeric(Encoding::Percent, b"%u", 16, [4, 4], 0),
    numeric(Encoding::Percent, b"%", 16, [2, 2], 0),
    numeric(Encoding::Html, b"&#x", 16, [1, 8], b';'),
    numeric(Encoding::Html, b"&#", 10, [1, 8], b';'),
];

/// The other forms with their characters: what JSON and JavaScript escape, and what HTML functions write.
const NAMED: [(Encoding, &[u8], char); 18] = [
    (Encoding::Json, b"\\\"", '"'),
    (Encoding::Json, b"\\\\", '\\'),
    (Encoding::Json, b"\\/", '/'),
    (Encoding::Json, b"\\'", '\''),
    (Encoding::Json, b"\\`", '`'),
    (Encoding::Json, b"\\n", '\n'),
    (Encoding::Json, b"\\r", '\r'),
    (Encoding::Json, b"\\t", '\t'),
    (Encoding::Json, b"\\b", '\u{8}'),
    (Encoding::Json, b"\\f", '\u{c}'),
    (Encoding::Json, b"\\v", '\u{b}'),
    (Encoding::Json, b"\\0", '\0'),
    (Encoding::Html, b"&amp", '&'),
    (Encoding::Html, b"&lt", '<'),
    (Encoding::Html, b"&gt", '>'),
    (Encoding::Html, b"&quot", '"'),
    (Encoding::Html, b"&apos", '\''),
    (Encoding::Html, b"&nbsp", '\u{a0}'),
];

/// Returns whether an escape may begin with these two bytes.
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    match first {
        b'\\' | b'&' => {
            let begins = |form: &[u8]| form.starts_with(&[first, second]);
            NUMERIC.iter().any(|form| begins(form.prefix)) || NAMED.iter().any(|(_, form, _)| begins(form))
        }
        b'%' => second.is_ascii_hexdigit() || matches!(second, b'u' | b'U'),
        _ => false,
    }
}

/// Undoes the escapes of a text.
///
/// If several kinds are near one another, one may be inside the other, so each kind is also undone by itself. This also
/// names the right one.
pub(super) fn decode(text: &[u8], limits: Limits, read: Read<'_>) -> Outcome {
    windows(text, None, limits.reach, &mut |window| {
        let Window { at, ref decoded, source, ref used, is_cut } = window;
        let is_cut = [is_cut[0] || limits.is_cut[0], is_cut[1] || limits.is_cut[1]];
        for kind in used.iter().filter(|_| used.len() > 1) {
            windows(source, Some(*kind), source.len(), &mut |window| {
                read(Decoded { at, bytes: &window.decoded, encodings: &[*kind], is_cut })
            })?;
        }
        read(Decoded { at, bytes: decoded, encodings: used, is_cut })
    })
}

/// A part of a text around nearby escapes, with these escapes undone.
struct Window<'text> {
    /// The position of its first escape in the text.
    at: usize,
    decoded: Vec<u8>,
    source: &'text [u8],
    /// The kinds that were undone.
    used: Vec<Encoding>,
    /// Whether the text continues before or after it.
    is_cut: [bool; 2],
}

/// Passes every window of `text` to `read`, until something is found. A window reaches `reach` bytes beyond its
/// outermost escapes; windows do not overlap, so the work is linear.
fn windows<'text>(
    text: &'text [u8],
    only: Option<Encoding>,
    reach: usize,
    read: &mut dyn FnMut(Window<'text>) -> Outcome,
) -> Outcome {
    let mut next = next_escape(text, 0, only);
    while let Some((first, mut escape)) = next {
        let start = first.saturating_sub(reach);
        let mut decoded = text[start..first].to_vec();
        let mut used = Vec::new();
        let mut at = first;
        let end = loop {
            decoded.extend_from_slice(&escape.bytes[..escape.length]);
            if !used.contains(&escape.kind) {
                used.push(escape.kind);
            }
            at += escape.consumed;
            next = next_escape(text, at, only);
            match next {
                Some((following, next_escape)) if following - at <= 2 * reach => {
                    decoded.extend_from_slice(&text[at..following]);
                    at = following;
                    escape = next_escape;
                }
                _ => break text.len().min(at + reach),
            }
        };
        decoded.extend_from_slice(&text[at..end]);
        let is_cut = [start > 0, end < text.len()];
        read(Window { at: first, decoded, source: &text[start..end], used, is_cut })?;
    }
    Ok(())
}

/// An escape and its bytes.
struct Escape {
    kind: Encoding,
    /// The length of the escape, in bytes.
    consumed: usize,
    bytes: [u8; 4],
    length: usize,
}

impl Escape {
    fn character(kind: Encoding, consumed: usize, character: char) -> Self {
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self { kind, consumed, bytes, length }
    }
}

fn next_escape(text: &[u8], from: usize, only: Option<Encoding>) -> Option<(usize, Escape)> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| matches!(byte, b'\\' | b'%' | b'&'))?;
        let escape = read_escape(&text[at..]);
        match escape {
            Some(escape) if only.is_none_or(|only| only == escape.kind) => return Some((at, escape)),
            _ => at += 1,
        }
    }
}

fn read_escape(text: &[u8]) -> Option<Escape> {
    if let Some((kind, form, character)) =
        NAMED.iter().find(|(_, form, _)| form[0] == text[0] && text.starts_with(form))
    {
        let closed = usize::from(*kind == Encoding::Html && text.get(form.len()) == Some(&b';'));
        return Some(Escape::character(*kind, form.len() + closed, *character));
    }
    NUMERIC.iter().filter(|form| form.prefix[0] == text[0]).find_map(|form| {
        let (first, consumed) = number(text, form)?;
        if form.is_byte {
            return Some(Escape { kind: form.kind, consumed, bytes: [first as u8, 0, 0, 0], length: 1 });
        }
        // Half of a surrogate pair: escaping by code unit writes two for one emoji.
        let is_half = (0xd800..0xdc00).contains(&first);
        let (code_point, consumed) = match number(&text[consumed..], form) {
            Some((second @ 0xdc00..0xe000, more)) if is_half => {
                (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), consumed + more)
            }
            _ => (first, consumed),
        };
        let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
        Some(Escape::character(form.kind, consumed, character))
    })
}

/// Returns the number in an escape of that form, and the escape's length.
fn number(text: &[u8], form: &Numeric) -> Option<(u32, usize)> {
    let Numeric { prefix, radix, digits: [fewest, most], close, .. } = *form;
    let (start, rest) = text.split_at_checked(prefix.len())?;
    let digits = rest.iter().take(most).map_while(|digit| char::from(*digit).to_digit(radix));
    let (value, count) = digits.fold((0, 0), |(value, count), digit| (value * radix + digit, count + 1));
    let closed = usize::from(close != 0 && rest.get(count) == Some(&close));
    (start.eq_ignore_ascii_case(prefix) && count >= fewest).then_some((value, prefix.len() + count + closed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str, only: Option<Encoding>) -> String {
        let mut all = None;
        let _ = windows(text.as_bytes(), only, 1000, &mut |window| {
            all = Some(String::from_utf8_lossy(&window.decoded).into_owned());
            Ok(())
        });
        all.unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn every_form_of_escape_is_undone() {
        let cases = [
            (r"\u5f20\u4F1F", "张伟"),
            (r"\ud83d\ude00 \u{1f600}", "😀 😀"),
            (r#"\"\\\/\n\x41"#, "\"\\/\nA"),
            ("%E5%bc%A0%u4F1F%41", "张伟A"),
            ("%uD83D%uDE00", "😀"),
            ("&#24352;&#x4f1f;&#X4F1F&amp;&lt;&gt;&quot;&apos;&nbsp;", "张伟伟&<>\"'\u{a0}"),
            ("&#55357;&#56832;", "😀"),
            ("\\u5f20%E4%BC%9F&#65;", "张伟A"),
            (r"&ltA\n;&gt;;", "<A\n;>;"),
            (r"\u0041\udc00", "A\u{fffd}"),
            ("100% & \\q &copy; %zz &#; %u12 \\u12 &#xffffffff;+", "100% & \\q &copy; %zz &#; %u12 \\u12 \u{fffd}+"),
        ];
        for (text, plain) in cases {
            assert_eq!(decoded(text, None), plain);
        }
        assert_eq!(decoded(r"%41\x41&#65;", Some(Encoding::Percent)), r"A\x41&#65;");
    }

    #[test]
    fn a_window_extends_around_its_escapes_and_no_further() {
        let text = format!("{}%41{}%42{}", "-".repeat(50), "-".repeat(21), "-".repeat(50));
        let mut found = Vec::new();
        let _ = windows(text.as_bytes(), None, 10, &mut |window| {
            found.push((window.source.len(), window.decoded.len(), window.used));
            Ok(())
        });
        assert_eq!(found, [(23, 21, vec![Encoding::Percent]), (23, 21, vec![Encoding::Percent])]);
        let mut count = 0;
        let _ = windows(text.as_bytes(), None, 11, &mut |window| {
            assert_eq!(window.decoded.len(), 11 + 1 + 21 + 1 + 11);
            count += 1;
            Ok(())
        });
        assert_eq!(count, 1, "adjacent windows are merged");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail_or_grow(text in proptest::collection::vec(any::<u8>(), 0..300), reach in 0_usize..20) {
            let mut total = 0;
            let _ = windows(&text, None, reach, &mut |window| {
                total += window.decoded.len();
                Ok(())
            });
            prop_assert!(total <= text.len());
        }
    }
}
