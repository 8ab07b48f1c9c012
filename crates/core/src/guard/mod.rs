//! The display-only guard: finds display information in what is about to leave the page.
//!
//! It searches the URL, the headers and the data of a request, at any depth, as plain text and through the encodings of
//! [`Encoding`], two inside one another. What it cannot see: encryption, compression, values split over several fields
//! or requests, and other charsets. It stops mistakes and shortcuts, not a page that is determined to smuggle.

mod decode;
mod outgoing;
mod search;

pub use decode::Encoding;
pub use outgoing::{Outgoing, Value};

use crate::display::DisplayInfo;
use search::{Known, Search};
use std::fmt;

/// Nicknames shorter than this many characters are common words: they count only under a name like `nickName` or
/// `avatar`.
pub const SHORT_NICKNAME_CHARACTERS: usize = 4;

/// How many different users' display information one client remembers: a phone has one user, tests have a few.
const MAXIMUM_KNOWN: usize = 16;

/// Knows the display information that the page learnt.
#[derive(Default)]
pub struct Guard {
    known: Vec<Known>,
}

/// A request holds display information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where, as a path like `data.user.nickName`.
    pub place: String,
    /// The encodings around it, outermost first; empty when it stands there as it is.
    pub encodings: Vec<Encoding>,
    /// What was found.
    pub reason: Reason,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It holds the nickname.
    NickName,
    /// It holds the avatar's address.
    Avatar,
    /// It holds the display object itself.
    DisplayObject,
    /// It is so large and so often encoded that it cannot be searched within bounds.
    TooMuchToSearch,
}

impl Reason {
    /// In English, for the message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NickName => "the nickname",
            Self::Avatar => "the avatar's address",
            Self::DisplayObject => "the display information itself",
            Self::TooMuchToSearch => "more encoded text than can be searched for display information",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} holds {}", self.place, self.reason.as_str())?;
        if !self.encodings.is_empty() {
            write!(formatter, " (encoded: {})", self.encoding())?;
        }
        Ok(())
    }
}

impl Refusal {
    /// The encodings as text: `plain`, or for instance `percent, base64`.
    pub fn encoding(&self) -> String {
        if self.encodings.is_empty() {
            return "plain".to_owned();
        }
        self.encodings.iter().map(|encoding| encoding.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Guard {
    /// Remembers display information that the page is about to learn.
    pub fn remember(&mut self, info: &DisplayInfo) {
        let known = info.render(Known::new);
        if known.is_empty() || self.known.contains(&known) {
            return;
        }
        if self.known.len() == MAXIMUM_KNOWN {
            self.known.remove(0);
        }
        self.known.push(known);
    }

    /// Searches what is about to be sent. `typed` names the fields (as `data.receiver`) that the user typed and that may
    /// equal the nickname; an avatar is never typed.
    ///
    /// Returns the typed fields that did equal it, for the record.
    ///
    /// # Errors
    /// The first [`Refusal`] in the order URL, headers, data.
    pub fn check(&self, outgoing: &Outgoing, typed: &[String]) -> Result<Vec<String>, Refusal> {
        let mut search = Search::new(&self.known);
        let mut used = Vec::new();
        outgoing.visit(&mut |place, named, text| match search.at(place, text, named) {
            Err(refusal) if refusal.reason == Reason::NickName && typed.iter().any(|declared| declared == place) => {
                used.push(place.to_owned());
                Ok(())
            }
            outcome => outcome,
        })?;
        Ok(used)
    }

    /// Searches what page code passes to another of the platform's calls. Places begin with the call's name.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn check_call(&self, name: &str, passed: &Value) -> Result<(), Refusal> {
        let mut search = Search::new(&self.known);
        passed.visit(&mut name.to_owned(), false, &mut |place, named, text| search.at(place, text, named))
    }
}

#[cfg(test)]
mod tests;
