//! What is searched for, built once when display information is learnt.

use super::{
    Reason, digits,
    encoding::Limits,
    escapes, names,
    pattern::{Pattern, is_joint, variants},
};
use crate::display::REDACTION;

/// An encoded value is at most this many times as long as the value: `\u0041` is six bytes for one, and what is encoded
/// twice has its outer escapes near one another.
const MAXIMUM_EXPANSION: usize = 8;

/// The shortest name of display information, in bytes: `nick`, or `昵称` in UTF-16.
const SHORTEST_NAME: usize = 4;

/// What may begin with a byte, seen with the one behind it, as flags.
pub(super) mod sign {
    /// A value.
    pub(in super::super) const VALUE: u8 = 1;
    /// A value in UTF-16.
    pub(in super::super) const UTF16: u8 = 2;
    /// A name of display information.
    pub(in super::super) const NAME: u8 = 4;
    /// An escape.
    pub(in super::super) const ESCAPE: u8 = 8;
    /// A run of digits of base64, or of hexadecimal.
    pub(in super::super) const DIGIT: u8 = 16;
    /// What may stand inside a run of digits.
    pub(in super::super) const LINE_BREAK: u8 = 32;
    /// What follows in a list of numbers.
    pub(in super::super) const LIST: u8 = 64;
    /// ASCII in UTF-16, without which nothing encoded is: a character's zero, and the one behind it.
    pub(in super::super) const ZERO: u8 = 128;
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
    /// The signs of every two bytes. Empty while nothing is known.
    signs: Vec<u8>,
    /// The shortest, in bytes.
    shortest: usize,
    /// The shortest of those that count anywhere.
    shortest_telling: usize,
    /// The longest, in bytes.
    pub(super) longest: usize,
    /// Whether there is anything that an encoding could hide.
    pub(super) has_values: bool,
    /// Whether there are values that count only under a name.
    has_named: bool,
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
        // The table costs a start of the app several milliseconds where WebAssembly is interpreted.
        let signs = if has_values { signs(&all, has_named) } else { Vec::new() };
        Self { signs, shortest, shortest_telling, longest, has_values, has_named, all }
    }

    /// What may begin with `first`. Each byte that is searched comes by here.
    #[inline(always)]
    pub(super) fn signs(&self, first: u8, second: u8) -> u8 {
        self.signs[usize::from(u16::from_be_bytes([first, second]))]
    }

    /// Whether a name of display information stands anywhere in a text.
    pub(super) fn has_name_in(&self, text: &[u8]) -> bool {
        self.has_named
            && text.windows(2).enumerate().any(|(at, pair)| {
                self.signs(pair[0], pair[1]) & sign::NAME != 0 && names::display_name_at(text, at).is_some()
            })
    }

    /// How far encodings are looked into, where something stands under a name or elsewhere.
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

/// The signs of encodings of every two bytes, a row for each first one: beyond the digits most have them whatever
/// follows.
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

/// The signs of encodings.
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
