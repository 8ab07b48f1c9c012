//! The values to search for, prepared once when display information is learnt.

use super::{
    Reason, digits,
    encoding::Limits,
    escapes, names,
    pattern::{Pattern, is_joint, variants},
};
use crate::display::REDACTION;

/// The maximum ratio of the length of an encoded value to that of the value: `\u0041` has six bytes for one, and a
/// value that is encoded twice has its outer escapes near one another.
const MAXIMUM_EXPANSION: usize = 8;

/// The shortest name of display information, in bytes: `nick`, or `昵称` in UTF-16.
const SHORTEST_NAME: usize = 4;

/// What may begin with a byte, judged with the next byte, as flags.
pub(super) mod sign {
    /// A value.
    pub(in super::super) const VALUE: u8 = 1;
    /// A value in UTF-16.
    pub(in super::super) const UTF16: u8 = 2;
    /// A name of display information.
    pub(in super::super) const NAME: u8 = 4;
    /// An escape.
    pub(in super::super) const ESCAPE: u8 = 8;
    /// A run of base64 or hexadecimal digits.
    pub(in super::super) const DIGIT: u8 = 16;
    /// A byte that may be inside a run of digits.
    pub(in super::super) const LINE_BREAK: u8 = 32;
    /// A byte that follows in a list of numbers.
    pub(in super::super) const LIST: u8 = 64;
    /// ASCII in UTF-16, which all encoded text needs: a character's zero byte, and the byte after it.
    pub(in super::super) const ZERO: u8 = 128;
}

/// A value in one form.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) pattern: Pattern,
    pub(super) reason: Reason,
    pub(super) counts: Counts,
    /// Whether letters around it make it part of a word instead of a value: `Jack` in `Jackets`.
    pub(super) is_word: bool,
}

/// Where a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Anywhere,
    /// In a field with a name of display information, or in the same request as a default avatar, if the user has one.
    Named {
        or_with_avatar: bool,
    },
    /// Only together with the nickname.
    WithNickName,
}

/// All values.
pub(super) struct Needles {
    pub(super) all: Vec<Needle>,
    /// The flags of every pair of bytes. Empty while nothing is known.
    signs: Vec<u8>,
    /// The shortest value, in bytes.
    shortest: usize,
    /// The shortest value that counts anywhere.
    shortest_telling: usize,
    /// The longest value, in bytes.
    pub(super) longest: usize,
    /// Whether there is anything that an encoding could hide.
    pub(super) has_values: bool,
    /// Whether some values count only in a field with such a name.
    has_named: bool,
}

impl Needles {
    /// Prepares the values, and the mark of the display object itself.
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
        // Building the table delays the app's start by several milliseconds where WebAssembly is interpreted.
        let signs = if has_values { signs(&all, has_named) } else { Vec::new() };
        Self { signs, shortest, shortest_telling, longest, has_values, has_named, all }
    }

    /// Returns what may begin with `first`. Called for each byte searched.
    #[inline(always)]
    pub(super) fn signs(&self, first: u8, second: u8) -> u8 {
        self.signs[usize::from(u16::from_be_bytes([first, second]))]
    }

    /// Returns whether a text contains a name of display information.
    pub(super) fn has_name_in(&self, text: &[u8]) -> bool {
        self.has_named
            && text.windows(2).enumerate().any(|(at, pair)| {
                self.signs(pair[0], pair[1]) & sign::NAME != 0 && names::display_name_at(text, at).is_some()
            })
    }

    /// Returns the limits of decoding, in a named field or elsewhere.
    pub(super) fn limits(&self, named: bool, is_cut: [bool; 2]) -> Limits {
        let shortest = match (named, self.has_named) {
            (true, _) => self.shortest,
            // A common value has a name before it.
            (false, true) => self.shortest_telling.min(SHORTEST_NAME + self.shortest),
            (false, false) => self.shortest_telling,
        };
        Limits { shortest, reach: self.longest * MAXIMUM_EXPANSION, is_cut }
    }
}

fn signs(all: &[Needle], has_named: bool) -> Vec<u8> {
    let mut signs = encodings();
    let mut mark = |pair: [u8; 2], sign| signs[usize::from(u16::from_be_bytes(pair))] |= sign;
    for needle in all {
        let [first, following @ ..] = needle.pattern.characters() else { continue };
        for first in variants(*first) {
            let unit = first.encode_utf16(&mut [0; 2])[0];
            mark(unit.to_le_bytes(), sign::UTF16);
            mark(unit.to_be_bytes(), sign::UTF16);
            let mut bytes = [0; 4];
            match (first.encode_utf8(&mut bytes).as_bytes(), following.first()) {
                ([first, second, ..], _) => mark([*first, *second], sign::VALUE),
                ([first], Some(second)) if !is_joint(*second) => {
                    for second in variants(*second) {
                        mark([*first, second.encode_utf8(&mut [0; 4]).as_bytes()[0]], sign::VALUE);
                    }
                }
                ([first, ..], _) => (0..=u8::MAX).for_each(|second| mark([*first, second], sign::VALUE)),
                ([], _) => {}
            }
        }
    }
    for [first, second] in names::DISPLAY.iter().filter(|_| has_named).map(|name| names::beginning(name)) {
        for first in [first, first.to_ascii_uppercase()] {
            mark([first, second], sign::NAME);
            mark([first, second.to_ascii_uppercase()], sign::NAME);
        }
    }
    signs
}

/// Returns the flags of encodings for every pair of bytes, a row for each first byte. Most bytes that are no digits
/// have the same flags whatever follows.
fn encodings() -> Vec<u8> {
    let mut signs = Vec::with_capacity(1 << 16);
    for first in 0..=u8::MAX {
        if first <= b'9' || first == b'\\' {
            signs.extend((0..=u8::MAX).map(|second| sign_of(first, second)));
        } else {
            signs.resize(signs.len() + 256, sign_of(first, u8::MAX));
        }
    }
    signs
}

/// Returns the flags of encodings for a pair of bytes.
fn sign_of(first: u8, second: u8) -> u8 {
    let mut signs = match first {
        b'\r' | b'\n' => sign::LINE_BREAK,
        b'0'..=b'9' if second == b',' => sign::LIST,
        0 if second.is_ascii_graphic() => sign::ZERO,
        _ if escapes::may_begin(first, second) => sign::ESCAPE,
        _ => 0,
    };
    if digits::is_digit(first) {
        signs |= sign::DIGIT;
    }
    signs
}
