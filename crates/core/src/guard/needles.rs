//! What is searched for, built once when display information is learnt.

use super::{Reason, escapes::Kinds, known::Known, utf16};
use crate::display::REDACTION;
use memchr::memmem::Finder;

/// An encoded value is at most this many times as long as the value: `\u0041` is six bytes for one, and what is encoded
/// twice has its outer escapes near one another.
const MAXIMUM_EXPANSION: usize = 8;

/// The shortest text that has both a name of display information and a value, `nick` and one letter.
const SHORTEST_NAMED: usize = 5;

/// A value in one form.
pub(super) struct Needle {
    text: String,
    finder: Finder<'static>,
    in_utf16: [Finder<'static>; 2],
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
pub(super) struct Needles {
    pub(super) all: Vec<Needle>,
    /// The shortest, in bytes, in whatever encoding of characters it is shortest.
    pub(super) shortest: usize,
    /// The same of those that count anywhere.
    shortest_telling: usize,
    /// How far around an escape a value can reach, in bytes.
    pub(super) reach: usize,
    /// The sets of escapes to undo together.
    pub(super) kinds: Vec<Kinds>,
}

impl Needle {
    fn new(text: &str, reason: Reason, counts: Counts, user: usize) -> Self {
        Self {
            text: text.to_owned(),
            finder: Finder::new(text).into_owned(),
            in_utf16: utf16::ORDERS.map(|order| Finder::new(&utf16::encode(text, order)).into_owned()),
            reason,
            counts,
            user,
        }
    }

    /// Whether the value stands in `text`. A common one has to stand as a word: `Bob` is not in `Bobsled`.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        if !matches!(self.counts, Counts::Named { .. }) {
            return self.finder.find(text).is_some();
        }
        let letter_at = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let value = self.text.as_bytes();
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        self.finder.find_iter(text).any(|at| {
            let continues_before = is_letter(value.first()) && letter_at(at.checked_sub(1));
            let continues_after = is_letter(value.last()) && letter_at(Some(at + value.len()));
            !continues_before && !continues_after
        })
    }

    /// Whether the value's UTF-16 stands in `bytes`.
    pub(super) fn is_in_utf16(&self, bytes: &[u8]) -> bool {
        self.in_utf16.iter().any(|finder| finder.find(bytes).is_some())
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn shortest(&self) -> usize {
        self.text.len().min(self.text.encode_utf16().count() * 2)
    }
}

impl Needles {
    pub(super) fn new(known: &[Known]) -> Self {
        let mut all = vec![Needle::new(REDACTION, Reason::DisplayObject, Counts::Anywhere, 0)];
        for (user, known) in known.iter().enumerate() {
            // Avatars first: nobody types one.
            let avatar = if known.is_default_avatar { Counts::WithNickName } else { Counts::Anywhere };
            all.extend(known.avatar.iter().map(|form| Needle::new(form, Reason::Avatar, avatar, user)));
            let nick_name = if known.is_common {
                Counts::Named { or_with_avatar: known.is_default_avatar }
            } else {
                Counts::Anywhere
            };
            all.extend(known.nick_name.iter().map(|form| Needle::new(form, Reason::NickName, nick_name, user)));
        }
        let shortest = |which: fn(&&Needle) -> bool| all.iter().filter(which).map(Needle::shortest).min().unwrap_or(1);
        Self {
            shortest: shortest(|_| true),
            shortest_telling: shortest(|needle| !matches!(needle.counts, Counts::Named { or_with_avatar: false })),
            reach: all.iter().map(|needle| needle.text.len()).max().unwrap_or(0) * MAXIMUM_EXPANSION,
            kinds: kinds(&all),
            all,
        }
    }

    /// Whether there is anything that an encoding could hide.
    pub(super) fn has_values(&self) -> bool {
        self.all.len() > 1
    }

    /// Whether there are values that count only under a name.
    pub(super) fn has_named(&self) -> bool {
        self.all.iter().any(|needle| matches!(needle.counts, Counts::Named { .. }))
    }

    /// The fewest base64 digits that can hold a value, where one stands under a name or elsewhere.
    pub(super) fn shortest_run(&self, named: bool) -> usize {
        let bytes = match (named, self.has_named()) {
            (true, _) => self.shortest,
            (false, true) => self.shortest_telling.min(SHORTEST_NAMED),
            (false, false) => self.shortest_telling,
        };
        (bytes * 4).div_ceil(3)
    }
}

/// Undoing all kinds at once is right unless a value itself looks like an escape, and a `+` means a space only in a value
/// that has one.
fn kinds(all: &[Needle]) -> Vec<Kinds> {
    let values = || all.iter().skip(1);
    let mut kinds = vec![Kinds::ALL];
    if values().any(|needle| needle.text.contains(['\\', '%', '&'])) {
        kinds.extend([Kinds::JSON, Kinds::PERCENT, Kinds::HTML]);
    }
    if values().any(|needle| needle.text.contains(' ')) {
        let with_plus: Vec<Kinds> =
            kinds.iter().filter(|kinds| kinds.has(Kinds::PERCENT)).map(|kinds| kinds.with(Kinds::PLUS)).collect();
        kinds.extend(with_plus);
    }
    kinds
}
