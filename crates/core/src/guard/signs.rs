//! What a host can look for with its engine's own text search, before it copies anything to where the guard is.

use super::{known::Known, names, needles::Needles};
use crate::display::REDACTION;

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
    /// What names of display information begin with, in lower case and as a regular expression, where there are values
    /// that count only under one.
    pub names: Option<&'static str>,
    /// Whether a `+` can stand for a space of a value.
    pub plus: bool,
}

impl Signs {
    pub(super) fn new(known: &[Known], needles: &Needles) -> Self {
        let mut literals = vec![REDACTION.to_owned()];
        for known in known {
            literals.extend_from_slice(&known.avatar);
            // A common nickname counts by itself only under a name.
            if !known.is_common || known.is_default_avatar {
                literals.extend_from_slice(&known.nick_name);
            }
        }
        let encoded = needles.has_values.then(|| EncodedSigns {
            shortest_run: needles.shortest_run(false),
            names: needles.has_named.then_some(names::PATTERN),
            plus: needles.has_spaces,
        });
        Self { literals, encoded }
    }
}
