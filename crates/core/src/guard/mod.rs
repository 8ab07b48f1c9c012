//! The display-only guard: finds display information in what is about to leave the page.
//!
//! It searches the URL, the headers and the data of a request, at any depth, as they are and through the encodings of
//! [`Encoding`], two inside one another. Texts are decoded rather than values encoded, so that a value is found too when
//! only a part of it is escaped. A value is one pattern, which is what it is however it is written: in either case, in full or
//! half width, with other blanks or none, with its emoji, without them or with something in their place.
//!
//! What counts:
//! - An avatar's address without what may differ (scheme, host, query, size), down to the last part of its path where that
//!   has 16 characters; an address that many users share only together with the nickname.
//! - A nickname, wherever it stands, letters of ASCII only as words of their own: `Jack` is not in `Jackets`. One that is
//!   shorter than [`SHORT_NICKNAME_CHARACTERS`], a number, or an everyday word such as `user`, only under a name like
//!   `nickName` or `avatar`, or together with a default avatar. A word of ASCII letters does not count in lower case where the
//!   app's own words stand (names of fields, paths, identifiers), nor in the protocol's headers. The host of a request's own
//!   address does not count: the platform allows only the app's own.
//! - A value of few bytes only where it is not there by chance, as in a picture: the more is searched, the more text has to be
//!   around it (`telling` in `search.rs`).
//! - Not a nickname in a field that the app declared as typed by the user, nor in a field for a person's name that stands beside
//!   what else people write (`receiver` beside `mobile`).
//!
//! What is found is told by its place. A name of a field that holds a value itself stands there as `*`.
//!
//! A request of more than [`MAXIMUM_BYTES`] is refused unsearched ([`Reason::TooMuchToSearch`]), and no other is: the work
//! grows with the size alone. How often the guard is wrong is in `tests/guard/false_alarms.rs`.
//!
//! What it cannot see: encryption, compression and hashes; a value that is split over several fields or requests, cut,
//! reversed or otherwise rewritten; charsets other than UTF-8 and UTF-16; encodings other than those of [`Encoding`], and three
//! or more inside one another; a text in more than one normal form at once. It stops mistakes and shortcuts, not a page that is
//! determined to smuggle.

mod digits;
mod encoding;
mod escapes;
mod known;
mod names;
mod needles;
mod numbers;
mod outgoing;
mod pattern;
mod search;
mod utf16;

pub use encoding::Encoding;
pub use known::SHORT_NICKNAME_CHARACTERS;
pub use outgoing::{Outgoing, Value};
pub use search::MAXIMUM_BYTES;

use crate::{display::DisplayInfo, text::joined};
use known::known;
use needles::{Needle, Needles};
use outgoing::{Context, Piece, Visitor};
use search::Search;
use std::fmt;

/// How many values are remembered, the newest: a phone has one user, with a few, tests have some users.
const MAXIMUM_VALUES: usize = 256;

/// Knows the display information that the page learnt.
pub struct Guard {
    needles: Needles,
}

impl Default for Guard {
    fn default() -> Self {
        Self { needles: Needles::new(Vec::new()) }
    }
}

/// A request holds display information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardError {
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
    /// It is larger than [`MAXIMUM_BYTES`].
    TooMuchToSearch,
}

impl Reason {
    /// In English, for the message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NickName => "the nickname",
            Self::Avatar => "the avatar's address",
            Self::DisplayObject => "the display information itself",
            Self::TooMuchToSearch => "more than the 12 MB that are searched",
        }
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl GuardError {
    /// What was found and where, in English.
    pub fn message(&self) -> String {
        let found = joined(&[&self.place, " holds ", self.reason.as_str()]);
        if self.encodings.is_empty() { found } else { joined(&[&found, " (encoded: ", &self.encoding(), ")"]) }
    }

    /// The encodings as text: `plain`, or for instance `percent, base64`.
    pub fn encoding(&self) -> String {
        if self.encodings.is_empty() {
            return "plain".to_owned();
        }
        let mut names = String::new();
        for encoding in &self.encodings {
            if !names.is_empty() {
                names.push_str(", ");
            }
            names.push_str(encoding.as_str());
        }
        names
    }
}

impl Guard {
    /// A guard that also knows display information that the page is about to learn. `forms` gives those in which a value can
    /// appear, where the host can make them: its Unicode normal forms, in lower and in upper case; and of an avatar's address
    /// the parts that tell whose it is, without what may differ.
    #[must_use]
    pub fn knowing(&self, info: &DisplayInfo, forms: impl Fn(Reason, &str) -> Vec<String>) -> Self {
        let mut all: Vec<Needle> = self.needles.all.clone();
        for needle in info.render(|shown| known(shown, &forms)) {
            if !needle.pattern.is_empty() && !all.contains(&needle) {
                all.push(needle);
            }
        }
        all.drain(..all.len().saturating_sub(MAXIMUM_VALUES));
        Self { needles: Needles::new(all) }
    }

    /// As [`knowing`](Self::knowing), in place.
    pub fn remember(&mut self, info: &DisplayInfo, forms: impl Fn(Reason, &str) -> Vec<String>) {
        *self = self.knowing(info, forms);
    }

    /// Searches what is about to be sent. `typed` names the fields (as `data.receiver`) that the user typed and that may
    /// hold the nickname; an avatar is never typed.
    ///
    /// Returns the fields that the user typed and that did hold it, for the record.
    ///
    /// # Errors
    /// The first [`GuardError`] in the order URL, headers, data.
    pub fn check(&self, outgoing: &Outgoing, typed: &[String]) -> Result<Vec<String>, GuardError> {
        self.search("url", typed, &|visitor| outgoing.visit(visitor))
    }

    /// Searches what page code passes to another of the platform's calls. Places begin with the call's name.
    ///
    /// # Errors
    /// The first [`GuardError`].
    pub fn check_call(&self, name: &str, passed: &Value) -> Result<(), GuardError> {
        let visit = |visitor: &mut Visitor<'_>| passed.visit(&mut name.to_owned(), Context::default(), visitor);
        self.search(&joined(&[name, ".url"]), &[], &visit).map(drop)
    }

    /// Searches all texts that `visit` passes on; `url` is the place of the request's own address.
    fn search(
        &self,
        url: &str,
        typed: &[String],
        visit: &dyn Fn(&mut Visitor<'_>) -> bool,
    ) -> Result<Vec<String>, GuardError> {
        let mut search = Search::new(&self.needles);
        let mut used: Vec<String> = Vec::new();
        let mut refused = None;
        let mut visit_piece = |piece: Piece<'_>| {
            // The app says so, or it is a person's name in a form with what else people write.
            search.is_typed = piece.context.written || typed.iter().any(|place| place == piece.place);
            search.was_typed = false;
            let mut outcome = search.piece(&piece);
            if outcome == Err(Reason::NickName) && piece.place == url {
                outcome = search.piece(&Piece { text: after_host(piece.text), ..piece });
            }
            if search.was_typed && used.last().is_none_or(|last| last != piece.place) {
                used.push(piece.place.to_owned());
            }
            refused = outcome.err().map(|reason| search.refusal(piece.place, reason));
            refused.is_some()
        };
        let hides = |name: &str| Search::new(&self.needles).shows(name.as_bytes());
        visit(&mut Visitor { visit: &mut visit_piece, hides: &hides });
        if let Some(refusal) = refused {
            return Err(refusal);
        }
        used.extend(search.finish(typed)?);
        Ok(used)
    }

    /// A quick first look at data, from its texts and names joined by something that is in no value and is no digit of
    /// base64. Where the answer is no, [`check`](Self::check) would find nothing there.
    pub fn could_hold(&self, joined: &[u8]) -> bool {
        joined.len() > MAXIMUM_BYTES || Search::new(&self.needles).could_hold(joined)
    }
}

/// What follows scheme and host; all of it where these are not written plainly.
fn after_host(url: &[u8]) -> &[u8] {
    let rest = [&b"https://"[..], b"http://", b"wss://", b"ws://"].iter().find_map(|scheme| url.strip_prefix(*scheme));
    let Some(rest) = rest else { return url };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let is_plain = rest[..end].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-'));
    if is_plain { &rest[end..] } else { url }
}

#[cfg(test)]
mod tests;
