//! What is searched for, built once when display information is learnt.

use super::{
    Reason, digits, names,
    pattern::{Pattern, READINGS, is_joint, variants},
};
use crate::display::REDACTION;

/// An encoded value is at most this many times as long as the value: `\u0041` is six bytes for one, and what is encoded
/// twice has its outer escapes near one another.
const MAXIMUM_EXPANSION: usize = 8;

/// The shortest name of display information, in bytes: `nick`, or `昵称` in UTF-16.
const SHORTEST_NAME: usize = 4;

/// What one byte can be a part of, as flags.
pub(super) mod part {
    /// The first byte of a value.
    pub(in super::super) const START: u16 = 1;
    /// The second byte of a value.
    pub(in super::super) const SECOND: u16 = 2;
    /// The first byte of a name of display information.
    pub(in super::super) const NAME: u16 = 4;
    /// The second byte of such a name.
    pub(in super::super) const NAME_SECOND: u16 = 8;
    /// The first byte of an escape.
    pub(in super::super) const ESCAPE: u16 = 16;
    /// A digit of base64, and so of hexadecimal.
    pub(in super::super) const DIGIT: u16 = 32;
    /// A line break, which may stand inside a run of digits.
    pub(in super::super) const LINE_BREAK: u16 = 64;
    /// A zero, without which nothing encoded is UTF-16.
    pub(in super::super) const ZERO: u16 = 128;
    /// What stands between the numbers of a list.
    pub(in super::super) const COMMA: u16 = 256;
}

/// A value in one form.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) pattern: Pattern,
    pub(super) reason: Reason,
    pub(super) counts: Counts,
    /// Whether letters around it make it part of a word, and no value: `Jack` in `Jackets`.
    pub(super) is_word: bool,
}

/// Where a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Anywhere,
    /// Under a name of display information, or in one request with a default avatar, if that is what the user has.
    Named {
        or_with_avatar: bool,
    },
    /// Nowhere by itself.
    WithNickName,
}

/// All values.
pub(super) struct Needles {
    pub(super) all: Vec<Needle>,
    pub(super) parts: Parts,
    /// The shortest, in bytes.
    pub(super) shortest: usize,
    /// The shortest of those that count anywhere.
    shortest_telling: usize,
    /// How far around an escape a value can reach, in bytes.
    pub(super) reach: usize,
    /// How many ASCII characters in a row could be something encoded.
    telling_characters: usize,
    /// Whether there is anything that an encoding could hide.
    pub(super) has_values: bool,
    /// Whether there are values that count only under a name.
    pub(super) has_named: bool,
}

/// What each byte can be a part of.
pub(super) struct Parts {
    pub(super) of_text: [u16; 256],
    /// Where values can stand in UTF-16 too.
    pub(super) of_bytes: [u16; 256],
}

impl Needles {
    /// Those that are known, and the sign of the display object itself.
    pub(super) fn new(mut all: Vec<Needle>) -> Self {
        all.retain(|needle| needle.reason != Reason::DisplayObject);
        let has_values = !all.is_empty();
        let pattern = Pattern::whole(REDACTION.as_bytes());
        let counts = Counts::Anywhere;
        all.insert(0, Needle { pattern, reason: Reason::DisplayObject, counts, is_word: false });
        let (mut shortest, mut shortest_telling, mut longest) = (usize::MAX, usize::MAX, 0);
        let mut has_named = false;
        for Needle { pattern, counts, .. } in &all {
            let length = pattern.shortest();
            shortest = shortest.min(length);
            if *counts != (Counts::Named { or_with_avatar: false }) {
                shortest_telling = shortest_telling.min(length);
            }
            longest = longest.max(pattern.longest());
            has_named |= matches!(counts, Counts::Named { .. });
        }
        Self {
            parts: Parts { of_text: parts(&all, false, has_named), of_bytes: parts(&all, true, has_named) },
            shortest,
            shortest_telling,
            reach: longest * MAXIMUM_EXPANSION,
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

    /// The fewest bytes that can hold a value, where one stands under a name or elsewhere.
    pub(super) fn shortest(&self, named: bool) -> usize {
        match (named, self.has_named) {
            (true, _) => self.shortest,
            // A common value has a name before it.
            (false, true) => self.shortest_telling.min(SHORTEST_NAME + self.shortest),
            (false, false) => self.shortest_telling,
        }
    }

    /// The fewest base64 digits that can.
    pub(super) fn shortest_run(&self, named: bool) -> usize {
        (self.shortest(named) * 4).div_ceil(3)
    }
}

fn parts(all: &[Needle], with_utf16: bool, has_named: bool) -> [u16; 256] {
    let mut parts = [0; 256];
    for (byte, parts) in (0..=u8::MAX).zip(&mut parts) {
        *parts = match byte {
            b'\\' | b'%' | b'&' => part::ESCAPE,
            b'\r' | b'\n' => part::LINE_BREAK,
            b',' => part::COMMA,
            0 => part::ZERO,
            _ => 0,
        };
        if digits::is_digit(byte) {
            *parts |= part::DIGIT;
        }
    }
    let readings = if with_utf16 { &READINGS[..] } else { &READINGS[..1] };
    for needle in all {
        let [first, following @ ..] = needle.pattern.characters() else { continue };
        for first in variants(*first) {
            for reading in readings {
                let mut bytes = Vec::new();
                reading.encode(first, &mut bytes);
                add_beginning(&mut parts, &bytes, following.first().copied());
            }
        }
    }
    if has_named {
        for [first, second] in names::display_beginnings() {
            for case in [first, first.to_ascii_uppercase()] {
                parts[case as usize] |= part::NAME;
            }
            for case in [second, second.to_ascii_uppercase()] {
                parts[case as usize] |= part::NAME_SECOND;
            }
        }
    }
    parts
}

/// Marks the first two bytes of a value that begins with the bytes `first`.
fn add_beginning(parts: &mut [u16; 256], first: &[u8], following: Option<char>) {
    parts[first[0] as usize] |= part::START;
    match (first.get(1), following) {
        (Some(second), _) => parts[*second as usize] |= part::SECOND,
        (None, Some(following)) if !is_joint(following) => {
            for variant in variants(following) {
                let mut bytes = [0; 4];
                variant.encode_utf8(&mut bytes);
                parts[bytes[0] as usize] |= part::SECOND;
            }
        }
        _ => parts.iter_mut().for_each(|parts| *parts |= part::SECOND),
    }
}
