//! The search for known values in one text.

use super::{Encoding, Reason, Refusal, SHORT_NICKNAME_CHARACTERS};
use crate::display::{REDACTION, Shown};
use memchr::memmem;

/// How many encodings inside one another are looked through.
const MAXIMUM_DEPTH: usize = 2;

/// The most bytes of decoded text that one request may cost. Text of this size is far beyond what a login or an order
/// sends; a request that passes it is refused rather than half searched.
const MAXIMUM_DECODED_BYTES: usize = 16 * 1024 * 1024;

/// One user's display information.
#[derive(PartialEq, Eq)]
pub(super) struct Known {
    nick_name: Option<String>,
    avatar: Option<String>,
}

impl Known {
    pub(super) fn new(shown: Shown<'_>) -> Self {
        Self { nick_name: shown.nick_name.map(str::to_owned), avatar: shown.avatar.map(str::to_owned) }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.nick_name.is_none() && self.avatar.is_none()
    }
}

/// A value that was found, and the encodings around it.
struct Hit {
    encodings: Vec<Encoding>,
    reason: Reason,
}

struct Needle<'known> {
    finder: memmem::Finder<'known>,
    reason: Reason,
    /// Counts only where a name says that display information follows.
    only_named: bool,
}

/// One request's search, with its bound on work.
pub(super) struct Search<'known> {
    needles: Vec<Needle<'known>>,
    /// Whether there is anything that an encoding could hide.
    knows_values: bool,
    remaining: usize,
}

impl<'known> Search<'known> {
    pub(super) fn new(known: &'known [Known]) -> Self {
        let needle =
            |text: &'known str, reason, only_named| Needle { finder: memmem::Finder::new(text), reason, only_named };
        let mut needles = vec![needle(REDACTION, Reason::DisplayObject, false)];
        for known in known {
            if let Some(avatar) = &known.avatar {
                needles.push(needle(avatar, Reason::Avatar, false));
            }
            if let Some(nick_name) = &known.nick_name {
                let short = nick_name.chars().count() < SHORT_NICKNAME_CHARACTERS;
                needles.push(needle(nick_name, Reason::NickName, short));
            }
        }
        Self { needles, knows_values: !known.is_empty(), remaining: MAXIMUM_DECODED_BYTES }
    }

    /// Searches the text at `place`. `named` says that a name on the way to it speaks of display information.
    pub(super) fn at(&mut self, place: &str, text: &[u8], named: bool) -> Result<(), Refusal> {
        match self.layer(text, named, 0) {
            None => Ok(()),
            Some(Hit { encodings, reason }) => Err(Refusal { place: place.to_owned(), encodings, reason }),
        }
    }

    fn layer(&mut self, text: &[u8], named: bool, depth: usize) -> Option<Hit> {
        let named = named || mentions_display(text);
        let found = self
            .needles
            .iter()
            .find(|needle| (named || !needle.only_named) && needle.finder.find(text).is_some())
            .map(|needle| Hit { encodings: Vec::new(), reason: needle.reason });
        if found.is_some() || depth == MAXIMUM_DEPTH || !self.knows_values {
            return found;
        }
        Encoding::ALL.into_iter().find_map(|encoding| {
            encoding.readings(text, |decoded| {
                let Some(remaining) = self.remaining.checked_sub(decoded.len()) else {
                    return Some(Hit { encodings: vec![encoding], reason: Reason::TooMuchToSearch });
                };
                self.remaining = remaining;
                let mut hit = self.layer(decoded, named, depth + 1)?;
                hit.encodings.insert(0, encoding);
                Some(hit)
            })
        })
    }
}

/// Whether a text has a name in it under which display information travels.
pub(super) fn mentions_display(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"nick", b"avatar", b"userinfo", b"user_info"];
    text.iter().enumerate().any(|(start, first)| {
        matches!(first.to_ascii_lowercase(), b'n' | b'a' | b'u')
            && NAMES
                .iter()
                .any(|name| text[start..].get(..name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name)))
    })
}
