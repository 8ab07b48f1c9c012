//! The encodings that replace single characters: JSON, percent and HTML.
//!
//! Escapes stand anywhere between plain characters, and one text may mix their kinds, so all kinds are undone in one
//! pass. Only the surroundings of an escape are decoded: elsewhere decoding would change nothing.

use super::{Encoding, Reason};

/// A set of kinds of escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const JSON: Self = Self(1);
    pub(super) const PERCENT: Self = Self(2);
    pub(super) const HTML: Self = Self(4);
    pub(super) const ALL: Self = Self(1 | 2 | 4);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds one by one, each with the encoding that it belongs to.
    pub(super) fn each(self) -> impl Iterator<Item = (Self, Encoding)> {
        [(Self::JSON, Encoding::Json), (Self::PERCENT, Encoding::Percent), (Self::HTML, Encoding::Html)]
            .into_iter()
            .filter(move |(kind, _)| self.has(*kind))
    }
}

/// A part of a text around escapes that are near one another, with these escapes undone.
pub(super) struct Window<'text> {
    /// Where its first escape stands in the text.
    pub(super) first: usize,
    pub(super) decoded: Vec<u8>,
    pub(super) source: &'text [u8],
    /// The kinds that were undone.
    pub(super) used: Kinds,
    /// Whether the text goes on before it or behind it.
    pub(super) is_cut: [bool; 2],
}

/// Hands every window of `text` to `read`, until one is a hit. A window reaches `reach` bytes beyond its outermost
/// escapes; windows do not overlap, so that the work is linear.
pub(super) fn windows<'text>(
    text: &'text [u8],
    kinds: Kinds,
    reach: usize,
    read: &mut dyn FnMut(Window<'text>) -> Option<Reason>,
) -> Option<Reason> {
    let mut next = next_escape(text, 0, kinds);
    while let Some((first, mut escape)) = next {
        let start = first.saturating_sub(reach);
        let mut decoded = text[start..first].to_vec();
        let mut used = Kinds::NONE;
        let mut at = first;
        let end = loop {
            decoded.extend_from_slice(&escape.bytes[..escape.length]);
            used = used.with(escape.kind);
            at += escape.consumed;
            next = next_escape(text, at, kinds);
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
        let hit = read(Window { first, decoded, source: &text[start..end], used, is_cut });
        if hit.is_some() {
            return hit;
        }
    }
    None
}

/// One escape and the bytes that it stands for.
struct Escape {
    kind: Kinds,
    /// The escape's own length, in bytes.
    consumed: usize,
    bytes: [u8; 4],
    length: usize,
}

impl Escape {
    const fn byte(kind: Kinds, consumed: usize, byte: u8) -> Self {
        Self { kind, consumed, bytes: [byte, 0, 0, 0], length: 1 }
    }

    fn character(kind: Kinds, consumed: usize, code_point: u32) -> Self {
        let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self { kind, consumed, bytes, length }
    }
}

fn next_escape(text: &[u8], from: usize, kinds: Kinds) -> Option<(usize, Escape)> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| matches!(byte, b'\\' | b'%' | b'&'))?;
        if let Some(escape) = read_escape(&text[at..], kinds) {
            return Some((at, escape));
        }
        at += 1;
    }
}

fn read_escape(text: &[u8], kinds: Kinds) -> Option<Escape> {
    match text[0] {
        b'\\' if kinds.has(Kinds::JSON) => json(text),
        b'%' if kinds.has(Kinds::PERCENT) => percent(text),
        b'&' if kinds.has(Kinds::HTML) => html(text),
        _ => None,
    }
}

fn json(text: &[u8]) -> Option<Escape> {
    let byte = |byte| Some(Escape::byte(Kinds::JSON, 2, byte));
    match *text.get(1)? {
        b'n' => byte(b'\n'),
        b't' => byte(b'\t'),
        b'r' => byte(b'\r'),
        b'b' => byte(8),
        b'f' => byte(12),
        b'v' => byte(11),
        b'0' => byte(0),
        b'x' => Some(Escape::byte(Kinds::JSON, 4, number(text.get(2..4)?, 16)? as u8)),
        b'u' if text.get(2) == Some(&b'{') => {
            let length = text.iter().take(12).position(|byte| *byte == b'}')?;
            Some(Escape::character(Kinds::JSON, length + 1, number(&text[3..length], 16)?))
        }
        b'u' => utf16(Kinds::JSON, text, |text| Some((text.strip_prefix(b"\\u").and_then(four_digits)?, 6))),
        itself @ (b'"' | b'\\' | b'/' | b'\'' | b'`') => byte(itself),
        _ => None,
    }
}

fn percent(text: &[u8]) -> Option<Escape> {
    if text.get(1).is_some_and(|letter| letter.eq_ignore_ascii_case(&b'u')) {
        return utf16(Kinds::PERCENT, text, |text| {
            let digits = text.strip_prefix(b"%u").or_else(|| text.strip_prefix(b"%U"))?;
            Some((four_digits(digits)?, 6))
        });
    }
    Some(Escape::byte(Kinds::PERCENT, 3, number(text.get(1..3)?, 16)? as u8))
}

fn html(text: &[u8]) -> Option<Escape> {
    /// The names that escaping functions write.
    const NAMES: [(&[u8], char); 6] =
        [(b"amp", '&'), (b"lt", '<'), (b"gt", '>'), (b"quot", '"'), (b"apos", '\''), (b"nbsp", '\u{a0}')];
    // What escapes by code unit writes two entities for one emoji.
    if text.get(1) == Some(&b'#') {
        return utf16(Kinds::HTML, text, numeric_entity);
    }
    let (name, character) = NAMES.into_iter().find(|(name, _)| text[1..].starts_with(name))?;
    let consumed = 1 + name.len();
    Some(Escape::character(Kinds::HTML, consumed + semicolon(text, consumed), character.into()))
}

/// The number of an entity such as `&#24352;` or `&#x5f20;`, and the entity's length. Browsers forgive a missing `;`.
fn numeric_entity(text: &[u8]) -> Option<(u32, usize)> {
    /// More digits than any code point has; beyond stand only zeros.
    const MAXIMUM_DIGITS: usize = 8;
    let text_after = text.strip_prefix(b"&#")?;
    let hexadecimal = text_after.first().is_some_and(|letter| letter.eq_ignore_ascii_case(&b'x'));
    let (radix, start) = if hexadecimal { (16, 3) } else { (10, 2) };
    let is_digit = |byte: &u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let length = text[start..].iter().take(MAXIMUM_DIGITS).take_while(|byte| is_digit(byte)).count();
    let end = start + length;
    Some((number(&text[start..end], radix)?, end + semicolon(text, end)))
}

fn semicolon(text: &[u8], at: usize) -> usize {
    usize::from(text.get(at) == Some(&b';'))
}

/// Reads one escape with `read`, and a second one where the first is half of a surrogate pair.
fn utf16(kind: Kinds, text: &[u8], read: fn(&[u8]) -> Option<(u32, usize)>) -> Option<Escape> {
    let (first, consumed) = read(text)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some((second @ 0xdc00..0xe000, more)) = read(&text[consumed..])
    {
        let code_point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some(Escape::character(kind, consumed + more, code_point));
    }
    Some(Escape::character(kind, consumed, first))
}

fn four_digits(text: &[u8]) -> Option<u32> {
    number(text.get(..4)?, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str, kinds: Kinds) -> String {
        let mut all = None;
        windows(text.as_bytes(), kinds, 1000, &mut |window| {
            all = Some(String::from_utf8_lossy(&window.decoded).into_owned());
            None
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
            ("100% & \\q &copy; %zz &#; %u12 \\u12 &#xffffffff;+", "100% & \\q &copy; %zz &#; %u12 \\u12 \u{fffd}+"),
        ];
        for (text, plain) in cases {
            assert_eq!(decoded(text, Kinds::ALL), plain);
        }
        assert_eq!(decoded(r"%41\x41&#65;", Kinds::PERCENT), r"A\x41&#65;");
    }

    #[test]
    fn a_window_reaches_around_its_escapes_and_no_further() {
        let text = format!("{}%41{}%42{}", "-".repeat(50), "-".repeat(21), "-".repeat(50));
        let mut found = Vec::new();
        windows(text.as_bytes(), Kinds::ALL, 10, &mut |window| {
            found.push((window.source.len(), window.decoded.len(), window.used));
            None
        });
        assert_eq!(found, [(23, 21, Kinds::PERCENT), (23, 21, Kinds::PERCENT)]);
        let mut count = 0;
        windows(text.as_bytes(), Kinds::ALL, 11, &mut |window| {
            assert_eq!(window.decoded.len(), 11 + 1 + 21 + 1 + 11);
            count += 1;
            None
        });
        assert_eq!(count, 1, "windows that would touch are one");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail_or_grow(text in proptest::collection::vec(any::<u8>(), 0..300), reach in 0_usize..20) {
            let mut total = 0;
            windows(&text, Kinds::ALL, reach, &mut |window| {
                total += window.decoded.len();
                None
            });
            prop_assert!(total <= text.len());
        }
    }
}
