//! The pattern of a value. It matches in either case, in full or half width, with other blanks or none, and with emoji,
//! without them, or with something in their place.

/// Any blanks, what stands for them in URLs and names, or nothing.
const BLANKS: char = ' ';
/// In place of a symbol: the symbol, nothing, or up to [`MAXIMUM_GAP`] bytes of something else.
const GAP: char = '\0';
/// The length of `[emoji]`, `:smile:` or an entity.
const MAXIMUM_GAP: usize = 16;

/// The distance from ASCII to its full-width forms.
const WIDE: u32 = 0xfee0;

/// Returns the character at `at` of a UTF-8 text, and its length in bytes.
pub(super) fn utf8(text: &[u8], at: usize) -> Option<(char, usize)> {
    let first = u32::from(*text.get(at)?);
    let (length, bits) = match first {
        0..0x80 => (1, first),
        0xc0..0xe0 => (2, first & 0x1f),
        0xe0..0xf0 => (3, first & 0xf),
        0xf0..0xf8 => (4, first & 7),
        _ => return None,
    };
    let following = text.get(at + 1..at + length)?;
    if following.iter().any(|byte| !matches!(byte, 0x80..0xc0)) {
        return None;
    }
    let code_point = following.iter().fold(bits, |bits, byte| bits << 6 | u32::from(byte & 0x3f));
    Some((char::from_u32(code_point)?, length))
}

/// Returns the character that ends at `at`, and its length in bytes.
pub(super) fn utf8_before(text: &[u8], at: usize) -> Option<(char, usize)> {
    (1..=at.min(4)).find_map(|length| utf8(text, at - length).filter(|(_, whole)| *whole == length))
}

/// A folded value: characters, with [`BLANKS`] and [`GAP`] between them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<char>);

impl Pattern {
    /// Returns the pattern of a value without the blanks around it.
    pub(super) fn whole(value: &[u8]) -> Self {
        Self::new(value, |_| false)
    }

    /// Returns the pattern of a value without its symbols.
    pub(super) fn bare(value: &[u8]) -> Self {
        Self::new(value, is_symbol)
    }

    fn new(value: &[u8], is_gap: fn(char) -> bool) -> Self {
        let mut folded: Vec<char> = Vec::new();
        let mut at = 0;
        while let Some((character, length)) = utf8(value, at) {
            at += length;
            let character = match fold(character) {
                symbol if is_gap(symbol) => GAP,
                blank if is_blank(blank) => BLANKS,
                other => other,
            };
            match folded.last_mut() {
                Some(last) if is_joint(*last) && is_joint(character) => *last = character.min(*last),
                None if is_joint(character) => {}
                _ => folded.push(character),
            }
        }
        if folded.last().copied().is_some_and(is_joint) {
            folded.pop();
        }
        Self(folded)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of its characters, including blanks.
    pub(super) fn length(&self) -> usize {
        self.0.iter().filter(|character| **character != GAP).count()
    }

    /// Returns its characters, with the blanks and gaps between them.
    pub(super) fn characters(&self) -> &[char] {
        &self.0
    }

    /// Returns the length in bytes of its characters in the shorter of UTF-8 and UTF-16, without blanks and gaps.
    pub(super) fn shortest(&self) -> usize {
        self.0
            .iter()
            .filter(|character| !is_joint(**character))
            .map(|character| character.len_utf8().min(2 * character.len_utf16()))
            .sum()
    }

    /// Returns the most bytes that it can match.
    pub(super) fn longest(&self) -> usize {
        self.0.iter().map(|character| if is_joint(*character) { MAXIMUM_GAP } else { 4 }).sum()
    }

    /// Returns the end of its match in a text at `at`.
    pub(super) fn end_at(&self, text: &[u8], at: usize) -> Option<usize> {
        end_of(&self.0, text, at)
    }
}

/// Returns the ways to write a folded character.
pub(super) fn variants(character: char) -> [char; 4] {
    let upper = character.to_ascii_uppercase();
    [character, upper, wide(character), wide(upper)]
}

/// Returns an ASCII character in full width, and any other unchanged.
fn wide(character: char) -> char {
    let is_wide = matches!(character, '!'..='~');
    if is_wide { char::from_u32(character as u32 + WIDE).unwrap_or(character) } else { character }
}

/// Folds an ASCII character to lower case and half width.
pub(super) fn fold(character: char) -> char {
    let half = match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - WIDE).unwrap_or(character),
        _ => character,
    };
    half.to_ascii_lowercase()
}

pub(super) fn is_joint(character: char) -> bool {
    matches!(character, BLANKS | GAP)
}

pub(super) fn is_blank(character: char) -> bool {
    character <= ' '
        || character.is_whitespace()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn is_letter(character: char) -> bool {
    let is_sign = is_symbol(character) || is_blank(character) || character >= '\u{e000}';
    character.is_ascii_alphanumeric() || !character.is_ascii() && !is_sign
}

/// Returns whether a character is an emoji, a part of one, or a symbol that is sent for one.
fn is_symbol(character: char) -> bool {
    matches!(character,
        '\u{a9}' | '\u{ae}' | '\u{2010}'..='\u{2bff}' | '\u{3008}'..='\u{303f}' | '\u{3297}' | '\u{3299}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1fbff}' | '\u{e0000}'..='\u{e0fff}')
}

fn end_of(pattern: &[char], text: &[u8], mut at: usize) -> Option<usize> {
    for (index, wanted) in pattern.iter().enumerate() {
        match *wanted {
            GAP => {
                let rest = &pattern[index + 1..];
                // A replacement that begins with a letter does not stand for an emoji.
                let is_letter = utf8(text, at).is_some_and(|(character, _)| is_letter(character));
                return (0..=if is_letter { 0 } else { MAXIMUM_GAP })
                    .find_map(|skipped| end_of(rest, text, at + skipped));
            }
            BLANKS => {
                // The value's own next character does not count as a blank.
                let next = pattern.get(index + 1);
                while let Some((character, length)) = utf8(text, at)
                    && (is_blank(character) || matches!(character, '+' | '_' | '-') && next != Some(&character))
                {
                    at += length;
                }
            }
            wanted => {
                let (character, length) = utf8(text, at)?;
                if fold(character) != wanted {
                    return None;
                }
                at += length;
            }
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(pattern: &Pattern, text: &str) -> bool {
        !pattern.is_empty() && (0..text.len()).any(|at| pattern.end_at(text.as_bytes(), at).is_some())
    }

    #[test]
    fn a_character_is_read_from_its_beginning_and_from_its_end_and_not_from_its_middle() {
        for character in ["a", "é", "…", "张", "😀"] {
            let (text, end) = (format!("{character}!"), character.len());
            let whole = character.chars().next().map(|only| (only, end));
            assert_eq!(utf8(text.as_bytes(), 0), whole);
            assert_eq!(utf8_before(text.as_bytes(), end), whole, "{character}");
            for at in 1..end {
                assert_eq!(utf8(text.as_bytes(), at), None, "{character} at {at}");
                assert_eq!(utf8_before(text.as_bytes(), at), None, "{character} before {at}");
            }
        }
    }

    #[test]
    fn a_value_is_itself_however_it_is_written() {
        let cases: [(&str, &[&str]); 7] = [
            (
                " Tom  Lee ",
                &["tom lee", "TomLee", "x TOM\u{3000}LEE", "Ｔｏｍ　Ｌｅｅ", "tom+lee", "Tom\u{200b}Lee", "tom_lee"],
            ),
            (
                "星辰🌊大海🌊",
                &[
                    "星辰🌊大海🌊",
                    "星辰大海",
                    "星辰?大海",
                    "星辰[海浪]大海",
                    "星辰\u{fffd}\u{fffd}大海",
                    "星辰 大海",
                    "星辰☀大海",
                ],
            ),
            ("阿May", &["阿may", "阿ＭＡＹ"]),
            ("Зоя é", &["Зоя é", "Зояé", "Зоя_é"]),
            ("1:2", &["1：2", "１:２"]),
            ("Tom - Lee", &["Tom - Lee", "tom-lee", "tom_-_lee", "Tom-  Lee"]),
            ("tom _cat+ ", &["Tom _cat+", "tom_cat+"]),
        ];
        for (value, forms) in cases {
            for form in forms {
                assert!(is_in(&Pattern::bare(value.as_bytes()), form), "{form}");
            }
        }
        for (value, other) in [
            ("Tom Lee", "Tom and Lee"),
            ("星辰大海", "星辰🌊大海"),
            ("星辰🌊大海", "星辰和大海"),
            ("Tom🌊Lee", "Tomas Lee"),
            ("Lily", "Li ly"),
            ("小张", "小 张"),
        ] {
            assert!(!is_in(&Pattern::bare(value.as_bytes()), other), "{other}");
        }
    }

    #[test]
    fn gaps_are_kept_only_between_characters() {
        for (value, folded) in [("🌊 A 🌊 b🌊", "a\0b"), (" 🌊 ", ""), ("x\u{3000} y", "x y"), ("", "")] {
            assert_eq!(Pattern::bare(value.as_bytes()).0, folded.chars().collect::<Vec<_>>());
        }
    }
}
