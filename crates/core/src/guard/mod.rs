//! The display-only guard: finds nickname and avatar in what is about to leave the page.
//!
//! It searches the URL, the headers and the data of a request, at any depth, both as they are and decoded from up to
//! two nested encodings of [`Encoding`]. It decodes the text instead of encoding the value, so it also finds a value
//! that is only partly escaped. One pattern matches all spellings of a value: upper or lower case, full or half width,
//! other spaces or none, emoji removed or replaced.
//!
//! ```
//! use miniauth_core::{display::DisplayInfo, guard::{Guard, Outgoing, Value}};
//! let mut guard = Guard::default();
//! guard.remember(&DisplayInfo::new(Some("小熊 在路上".into()), None), |_, _| Vec::new());
//!
//! let data = |text: &str| Outgoing { data: Value::Text(text.into()), ..Outgoing::default() };
//! assert!(guard.check(&data("两件衬衫"), &[]).is_ok());
//! assert_eq!(guard.check(&data("小熊在路上"), &[]).unwrap_err().to_string(), "data holds the nickname");
//! // A field that the user typed may contain the nickname, if the app declares it.
//! let form = Outgoing { data: Value::Fields(vec![("note".into(), Value::Text("小熊 在路上".into()))]), ..Outgoing::default() };
//! assert_eq!(guard.check(&form, &["data.note".into()]), Ok(vec!["data.note".into()]));
//! ```
//!
//! # What counts as a match
//!
//! - An avatar's URL, without the parts that may differ (scheme, host, query, size), down to the last segment of its
//!   path if that has 16 characters. A URL that many users share counts only together with the nickname.
//! - A nickname anywhere. ASCII letters count only as whole words: `Jack` is not in `Jackets`. A nickname that is
//!   shorter than [`SHORT_NICKNAME_CHARACTERS`], a number, or an everyday word such as `user` counts only in a field
//!   with a name like `nickName` or `avatar`, or together with a default avatar. A lower-case ASCII word does not count
//!   in field names, paths and identifiers, where the app uses its own words. ASCII words never count in the protocol's
//!   headers. The host of the request's URL does not count either: the platform allows only the app's domains.
//! - A value of few bytes only if it is unlikely to occur there by chance, as in a picture: the more data there is, the
//!   more text must surround the value (`evidence` in `search.rs`).
//! - A nickname does not count in a field that the app declared as typed by the user, nor in a field for a person's
//!   name beside other fields that people fill in (`receiver` beside `mobile`).
//!
//! An error says where the value was found. If a field's name itself contains a value, it is shown as `*`.
//!
//! A request of more than [`MAXIMUM_BYTES`] is refused without a search ([`Reason::TooMuchToSearch`]). No smaller
//! request is refused for its cost: the work is linear in the size. `tests/guard/false_alarms.rs` measures false
//! alarms.
//!
//! # What it cannot see
//!
//! Encryption, compression and hashes; a value that is split over several fields or requests, truncated, reversed or
//! otherwise rewritten; charsets other than UTF-8 and UTF-16; other encodings, and three or more nested ones; a text
//! that mixes several Unicode normal forms. The guard prevents mistakes and shortcuts. It does not stop a page that
//! wants to smuggle data out.

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

/// The most values that are remembered; the newest are kept. A phone has one user with a few values; tests have several
/// users.
const MAXIMUM_VALUES: usize = 256;

/// Searches requests for the display information that the page has.
pub struct Guard {
    needles: Needles,
}

impl Default for Guard {
    fn default() -> Self {
        Self { needles: Needles::new(Vec::new()) }
    }
}

/// A request contains display information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardError {
    /// The path to it, such as `data.user.nickName`.
    pub place: String,
    /// The encodings around it, from the outermost; empty if there are none.
    pub encodings: Vec<Encoding>,
    /// What was found.
    pub reason: Reason,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It contains the nickname.
    NickName,
    /// It contains the avatar's URL.
    Avatar,
    /// It contains the display object itself.
    DisplayObject,
    /// It is larger than [`MAXIMUM_BYTES`].
    TooMuchToSearch,
}

impl Reason {
    /// Returns the reason in English, for the message.
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
    /// Returns what was found and where, in English.
    pub fn message(&self) -> String {
        let found = joined(&[&self.place, " holds ", self.reason.as_str()]);
        if self.encodings.is_empty() { found } else { joined(&[&found, " (encoded: ", &self.encoding(), ")"]) }
    }

    /// Returns the encodings as text: `plain`, or for example `percent, base64`.
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
    /// Returns a guard that also knows this display information. `forms` returns the other forms of a value, if the
    /// host can make them: its Unicode normal forms in lower and upper case, and for an avatar's URL the parts that
    /// identify the user, without those that may differ.
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

    /// Like [`knowing`](Self::knowing), in place.
    pub fn remember(&mut self, info: &DisplayInfo, forms: impl Fn(Reason, &str) -> Vec<String>) {
        *self = self.knowing(info, forms);
    }

    /// Searches a request. `typed` names the fields that the user typed, such as `data.receiver`. They may contain the
    /// nickname, but not the avatar's URL.
    ///
    /// Returns the typed fields that contain the nickname, for the record.
    ///
    /// # Errors
    /// The first [`GuardError`] in the order URL, headers, data.
    pub fn check(&self, outgoing: &Outgoing, typed: &[String]) -> Result<Vec<String>, GuardError> {
        self.search("url", typed, &|visitor| outgoing.visit(visitor))
    }

    /// Searches the arguments of another call of the platform. Paths begin with the call's name.
    ///
    /// # Errors
    /// The first [`GuardError`].
    pub fn check_call(&self, name: &str, passed: &Value) -> Result<(), GuardError> {
        let visit = |visitor: &mut Visitor<'_>| passed.visit(&mut name.to_owned(), Context::default(), visitor);
        self.search(&joined(&[name, ".url"]), &[], &visit).map(drop)
    }

    /// Searches all texts that `visit` passes on; `url` is the path of the request's own URL.
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
            // Because the app declared it, or because it is a person's name in a form.
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

    /// Tests quickly whether data could contain anything: `joined` has all its texts and names, joined by a separator
    /// that is in no value and not in the alphabet of base64. If this returns `false`, [`check`](Self::check) would
    /// find nothing.
    pub fn could_hold(&self, joined: &[u8]) -> bool {
        joined.len() > MAXIMUM_BYTES || Search::new(&self.needles).could_hold(joined)
    }
}

/// Returns the part after scheme and host; the whole text if these are not written plainly.
fn after_host(url: &[u8]) -> &[u8] {
    let rest = [&b"https://"[..], b"http://", b"wss://", b"ws://"].iter().find_map(|scheme| url.strip_prefix(*scheme));
    let Some(rest) = rest else { return url };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let is_plain = rest[..end].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-'));
    if is_plain { &rest[end..] } else { url }
}

#[cfg(test)]
mod tests;
