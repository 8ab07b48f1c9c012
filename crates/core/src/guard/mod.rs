//! The display-only guard: finds display information in what is about to leave the page.
//!
//! It searches the URL, the headers and the data of a request, at any depth, as they are and through the encodings of
//! [`Encoding`], two inside one another. Texts are decoded rather than values encoded, so that a value is found too when
//! only a part of it is escaped. A value is looked for in the forms that the host gives, such as its Unicode normal forms.
//!
//! What counts:
//! - An avatar's address (without its scheme), wherever it stands; an address that many users share only together with
//!   the nickname.
//! - A nickname, wherever it stands. One that is shorter than [`SHORT_NICKNAME_CHARACTERS`], or an everyday word such as
//!   `user`, only as a word under a name like `nickName` or `avatar`, or together with the user's default avatar. The
//!   host of a request's own address does not count: the platform allows only the app's own.
//! - Not a nickname in a field that the app declared as typed by the user.
//!
//! How often it is wrong (`tests/guard/false_alarms.rs`, 16,000 ordinary requests of 16 users): 3.2 % of them are refused
//! when nothing is declared, nearly all of them forms in which the user typed what they are called; 0.06 % when typed
//! fields are declared, where one user's nickname is a part of another's name (`Lily`, `Lily Wang`).
//!
//! Work is bounded: at most 32 MiB of decoded text for one request, beyond which it is refused
//! ([`Reason::TooMuchToSearch`]).
//!
//! What it cannot see: encryption, compression and hashes; a value that is split over several fields or requests, cut,
//! reversed or otherwise rewritten; numbers, and arrays of numbers that stand for characters; charsets other than UTF-8
//! and UTF-16; encodings other than those of [`Encoding`], and three or more inside one another; a text in more than one
//! normal form at once. It stops mistakes and shortcuts, not a page that is determined to smuggle.

mod digits;
mod encoding;
mod escapes;
mod known;
mod names;
mod needles;
mod outgoing;
mod search;
mod signs;
mod utf16;

pub use encoding::Encoding;
pub use known::SHORT_NICKNAME_CHARACTERS;
pub use outgoing::{Outgoing, Value};
pub use signs::{EncodedSigns, Signs};

use crate::{display::DisplayInfo, text::joined};
use escapes::Kinds;
use known::Known;
use needles::Needles;
use outgoing::Piece;
use search::Search;
use std::fmt;

/// How many different users' display information one client remembers: a phone has one user, tests have a few.
const MAXIMUM_KNOWN: usize = 16;

/// Knows the display information that the page learnt.
#[derive(Clone)]
pub struct Guard {
    known: Vec<Known>,
    needles: Needles,
}

impl Default for Guard {
    fn default() -> Self {
        Self { known: Vec::new(), needles: Needles::new(&[]) }
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
    /// Remembers display information that the page is about to learn. `normal_forms` gives the other forms in which a
    /// value can appear: its Unicode normal forms, where the host can make them.
    pub fn remember(&mut self, info: &DisplayInfo, normal_forms: impl Fn(&str) -> Vec<String>) {
        let known = info.render(|shown| Known::new(shown, normal_forms));
        if known.is_empty() || self.known.contains(&known) {
            return;
        }
        if self.known.len() == MAXIMUM_KNOWN {
            self.known.remove(0);
        }
        self.known.push(known);
        self.needles = Needles::new(&self.known);
    }

    /// Searches what is about to be sent. `typed` names the fields (as `data.receiver`) that the user typed and that may
    /// hold the nickname; an avatar is never typed.
    ///
    /// Returns the typed fields that did hold it, for the record.
    ///
    /// # Errors
    /// The first [`GuardError`] in the order URL, headers, data.
    pub fn check(&self, outgoing: &Outgoing, typed: &[String]) -> Result<Vec<String>, GuardError> {
        let mut search = Search::new(&self.needles);
        let mut used: Vec<String> = Vec::new();
        outgoing.visit(&mut |piece| match search_piece(&mut search, &piece, "url") {
            Err(refusal) if refusal.reason == Reason::NickName && typed.iter().any(|place| place == piece.place) => {
                if used.last().is_none_or(|last| last != piece.place) {
                    used.push(piece.place.to_owned());
                }
                search.typed_piece(&piece)
            }
            outcome => outcome,
        })?;
        used.extend(search.finish(typed)?);
        Ok(used)
    }

    /// Searches what page code passes to another of the platform's calls. Places begin with the call's name.
    ///
    /// # Errors
    /// The first [`GuardError`].
    pub fn check_call(&self, name: &str, passed: &Value) -> Result<(), GuardError> {
        let mut search = Search::new(&self.needles);
        let url = joined(&[name, ".url"]);
        passed.visit(&mut name.to_owned(), false, &mut |piece| search_piece(&mut search, &piece, &url))?;
        search.finish(&[]).map(drop)
    }

    /// What a host can look for before it copies a text.
    pub fn signs(&self) -> Signs {
        Signs::new(&self.known, &self.needles)
    }

    /// A quick first look at data, from its texts and names joined by something that is in no value and is no digit of
    /// base64. Where the answer is no, [`check`](Self::check) would find nothing there.
    pub fn could_hold(&self, joined: &[u8]) -> bool {
        Search::new(&self.needles).could_hold(joined)
    }

    /// As [`could_hold`](Self::could_hold), with the data as JSON.
    pub fn could_hold_json(&self, json: &[u8]) -> bool {
        let mut whole = None;
        escapes::windows(json, Kinds::JSON, json.len(), &mut |window| {
            whole = Some(window.decoded);
            None
        });
        self.could_hold(whole.as_deref().unwrap_or(json))
    }
}

/// Searches one text; `url` is the place of the request's own address, in whose host a nickname does not count.
fn search_piece(search: &mut Search<'_>, piece: &Piece<'_>, url: &str) -> Result<(), GuardError> {
    let outcome = search.piece(piece);
    let is_nick_name = matches!(&outcome, Err(refusal) if refusal.reason == Reason::NickName);
    if piece.place == url && is_nick_name {
        return search.piece(&Piece { text: after_host(piece.text), ..*piece });
    }
    outcome
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
