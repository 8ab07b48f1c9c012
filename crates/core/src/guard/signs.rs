//! What a host can look for with its engine's own text search, before it copies anything to where the guard is.

use super::{
    names,
    needles::{Counts, Needles},
};

/// The signs of display information in a text, as regular expressions for either case. A text with none of them need not
/// be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signs {
    /// Values that count wherever they stand.
    pub values: String,
    /// The fewest base64 digits in a row that can hold a value; `None` while nothing is known that they could hide.
    pub shortest_run: Option<usize>,
    /// Names of display information, where there are values that count only under one: `_` is any separator, or none.
    pub names: String,
}

impl Signs {
    pub(super) fn new(needles: &Needles) -> Self {
        let mut values = String::new();
        // A common nickname counts by itself only under a name.
        let is_sign = |counts| counts != Counts::Named { or_with_avatar: false };
        for needle in needles.all.iter().filter(|needle| is_sign(needle.counts)) {
            add(&mut values, |values| needle.pattern.regex(values));
        }
        let mut names = String::new();
        for name in names::DISPLAY.iter().filter(|_| needles.has_named) {
            add(&mut names, |names| names.push_str(name));
        }
        Self { values, shortest_run: needles.has_values.then(|| needles.shortest_run(false)), names }
    }
}

/// Adds an alternative to a regular expression.
fn add(regex: &mut String, add: impl FnOnce(&mut String)) {
    if !regex.is_empty() {
        regex.push('|');
    }
    add(regex);
}
