//! What is searched for, built once when display information is learnt.

use super::{Reason, digits, known::Known, names, utf16};
use crate::display::REDACTION;

/// An encoded value is at most this many times as long as the value: `\u0041` is six bytes for one, and what is encoded
/// twice has its outer escapes near one another.
const MAXIMUM_EXPANSION: usize = 8;

/// The shortest name of display information, in bytes: `nick`, or `昵称` in UTF-16.
const SHORTEST_NAME: usize = 4;

/// What one byte can be a part of, as flags.
pub(super) mod part {
    /// The first byte of a value.
    pub(in super::super) const START: u8 = 1;
    /// The second byte of a value.
    pub(in super::super) const SECOND: u8 = 2;
    /// The first byte of a name of display information.
    pub(in super::super) const NAME: u8 = 4;
    /// The second byte of such a name.
    pub(in super::super) const NAME_SECOND: u8 = 8;
    /// The first byte of an escape.
    pub(in super::super) const ESCAPE: u8 = 16;
    /// A digit of base64, and so of hexadecimal.
    pub(in super::super) const DIGIT: u8 = 32;
    /// A line break, which may stand inside a run of digits.
    pub(in super::super) const LINE_BREAK: u8 = 64;
    /// A zero, without which nothing encoded is UTF-16.
    pub(in super::super) const ZERO: u8 = 128;
}

/// A value in one form and in one encoding of characters.
#[derive(Clone)]
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    pub(super) is_utf16: bool,
    pub(super) reason: Reason,
    pub(super) counts: Counts,
    /// Whose it is.
    pub(super) user: usize,
}

/// Where a value counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Anywhere,
    /// Under a name of display information, or in one request with the user's default avatar, if that is what they have.
    Named {
        or_with_avatar: bool,
    },
    /// Nowhere by itself.
    WithNickName,
}

/// All values.
#[derive(Clone)]
pub(super) struct Needles {
    pub(super) all: Vec<Needle>,
    pub(super) parts: Parts,
    /// The shortest, in bytes.
    pub(super) shortest: usize,
    /// The shortest of those that count anywhere.
    shortest_telling: usize,
    /// How far around an escape a value can reach, in bytes.
    pub(super) reach: usize,
    /// Whether a `+` can stand for a space of a value.
    pub(super) has_spaces: bool,
    /// Whether base64 of some value could be nothing but decimal digits, as ids are. Of anything encoded, it cannot: three
    /// ASCII characters in a row always need a letter, and so does a name.
    pub(super) can_be_decimal: bool,
    /// How many ASCII characters in a row could be something encoded.
    telling_characters: usize,
    /// Whether there is anything that an encoding could hide.
    pub(super) has_values: bool,
    /// Whether there are values that count only under a name.
    pub(super) has_named: bool,
}

/// What each byte can be a part of.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) of_text: [u8; 256],
    /// Where values can stand in UTF-16 too.
    pub(super) of_bytes: [u8; 256],
}

impl Needle {
    /// Whether the value stands at `at`. A common one has to stand as a word: `Bob` is not in `Bobsled`.
    pub(super) fn is_at(&self, text: &[u8], at: usize) -> bool {
        text[at..].starts_with(&self.bytes) && (!self.is_common() || self.is_utf16 || self.is_word(text, at))
    }

    const fn is_common(&self) -> bool {
        matches!(self.counts, Counts::Named { .. })
    }

    fn is_word(&self, text: &[u8], at: usize) -> bool {
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        let after = text.get(at + self.bytes.len());
        let continues_before = is_letter(self.bytes.first()) && is_letter(before);
        let continues_after = is_letter(self.bytes.last()) && is_letter(after);
        !continues_before && !continues_after
    }
}

impl Needles {
    pub(super) fn new(known: &[Known]) -> Self {
        let mut all = Vec::new();
        add(&mut all, REDACTION, Reason::DisplayObject, Counts::Anywhere, 0);
        for (user, known) in known.iter().enumerate() {
            // Avatars first: nobody types one.
            let avatar = if known.is_default_avatar { Counts::WithNickName } else { Counts::Anywhere };
            for form in &known.avatar {
                add(&mut all, form, Reason::Avatar, avatar, user);
            }
            let nick_name = match known.is_common {
                true => Counts::Named { or_with_avatar: known.is_default_avatar },
                false => Counts::Anywhere,
            };
            for form in &known.nick_name {
                add(&mut all, form, Reason::NickName, nick_name, user);
            }
        }
        Self::from_all(all, !known.is_empty())
    }

    fn from_all(all: Vec<Needle>, has_values: bool) -> Self {
        let (mut shortest, mut shortest_telling, mut longest) = (usize::MAX, usize::MAX, 0);
        let (mut has_named, mut has_spaces, mut can_be_decimal) = (false, false, false);
        for needle in &all {
            let length = needle.bytes.len();
            shortest = shortest.min(length);
            if needle.counts != (Counts::Named { or_with_avatar: false }) {
                shortest_telling = shortest_telling.min(length);
            }
            if !needle.is_utf16 {
                longest = longest.max(length);
                has_spaces |= needle.reason != Reason::DisplayObject && needle.bytes.contains(&b' ');
            }
            has_named |= needle.is_common();
            can_be_decimal |= length < 3 || digits::could_be_decimal(&needle.bytes);
        }
        let parts = |with_utf16| parts(&all, with_utf16, has_named, has_spaces);
        Self {
            parts: Parts { of_text: parts(false), of_bytes: parts(true) },
            shortest,
            shortest_telling,
            reach: longest * MAXIMUM_EXPANSION,
            has_spaces,
            can_be_decimal,
            telling_characters: (shortest * 4).div_ceil(3).min(3),
            has_values,
            has_named,
            all,
        }
    }

    /// Whether bytes that digits may stand for are worth a search. Where a value stands as it is, its first two bytes
    /// do, and where something is encoded, at least three ASCII characters follow one another, between zeros in UTF-16.
    /// Most of what is no encoding has neither.
    pub(super) fn could_be_in(&self, decoded: &[u8]) -> bool {
        let mut in_a_row = 0;
        decoded.iter().enumerate().any(|(at, byte)| {
            in_a_row = if matches!(byte, 0 | 0x20..0x7f) { in_a_row + 1 } else { 0 };
            let first = self.parts.of_bytes[*byte as usize];
            let second = || decoded.get(at + 1).map_or(part::SECOND, |next| self.parts.of_bytes[*next as usize]);
            in_a_row == self.telling_characters
                || (first & part::START != 0 && second() & part::SECOND != 0)
                || (first & part::NAME != 0 && second() & part::NAME_SECOND != 0)
        })
    }

    /// The fewest base64 digits that can hold a value, where one stands under a name or elsewhere.
    pub(super) fn shortest_run(&self, named: bool) -> usize {
        let bytes = match (named, self.has_named) {
            (true, _) => self.shortest,
            // A common value has a name before it.
            (false, true) => self.shortest_telling.min(SHORTEST_NAME + self.shortest),
            (false, false) => self.shortest_telling,
        };
        (bytes * 4).div_ceil(3)
    }
}

/// A value in UTF-8 and in UTF-16 of both byte orders.
fn add(all: &mut Vec<Needle>, text: &str, reason: Reason, counts: Counts, user: usize) {
    for order in [None, Some(utf16::ORDERS[0]), Some(utf16::ORDERS[1])] {
        let bytes = order.map_or_else(|| text.into(), |order| utf16::encode(text, order));
        all.push(Needle { bytes, is_utf16: order.is_some(), reason, counts, user });
    }
}

fn parts(all: &[Needle], with_utf16: bool, has_named: bool, has_spaces: bool) -> [u8; 256] {
    let mut parts = [0; 256];
    for (byte, parts) in (0..=u8::MAX).zip(&mut parts) {
        *parts = match byte {
            b'\\' | b'%' | b'&' => part::ESCAPE,
            b'\r' | b'\n' => part::LINE_BREAK,
            0 => part::ZERO,
            _ => 0,
        };
        if digits::is_digit(byte) {
            *parts |= part::DIGIT;
        }
        if byte == b'+' && has_spaces {
            *parts |= part::ESCAPE;
        }
    }
    let mut add = |byte: Option<&u8>, flag| {
        if let Some(byte) = byte {
            parts[*byte as usize] |= flag;
        }
    };
    for needle in all.iter().filter(|needle| with_utf16 || !needle.is_utf16) {
        add(needle.bytes.first(), part::START);
        add(needle.bytes.get(1), part::SECOND);
        if needle.bytes.len() == 1 {
            (0..=u8::MAX).for_each(|byte| add(Some(&byte), part::SECOND));
        }
    }
    if has_named {
        for name in names::BEGINNINGS {
            for (byte, flag) in name.bytes().zip([part::NAME, part::NAME_SECOND]) {
                add(Some(&byte), flag);
                add(Some(&byte.to_ascii_uppercase()), flag);
            }
        }
    }
    parts
}
