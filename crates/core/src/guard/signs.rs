//! What a host can look for with its engine's own text search, before it copies anything to where the guard is.

use super::{
    names,
    needles::{Counts, Needles},
};

/// The signs of display information in a text. A text with none of them need not be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signs {
    /// Values that count wherever they stand.
    pub literals: Vec<String>,
    /// What encodings look like; `None` while nothing is known that they could hide.
    pub encoded: Option<EncodedSigns>,
}

/// What encoded values look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedSigns {
    /// The fewest base64 digits in a row that can hold a value.
    pub shortest_run: usize,
    /// What names of display information begin with, in lower case, where there are values that count only under one.
    pub names: &'static [&'static str],
    /// Whether a `+` can stand for a space of a value.
    pub plus: bool,
}

impl Signs {
    pub(super) fn new(needles: &Needles) -> Self {
        let literals = needles
            .all
            .iter()
            .filter(|needle| !needle.is_utf16 && needle.counts != Counts::Named { or_with_avatar: false })
            .map(|needle| String::from_utf8_lossy(&needle.bytes).into_owned())
            .collect();
        let encoded = needles.has_values.then(|| EncodedSigns {
            shortest_run: needles.shortest_run(false),
            names: if needles.has_named { &names::BEGINNINGS } else { &[] },
            plus: needles.has_spaces,
        });
        Self { literals, encoded }
    }
}
