//! The calls of `my`, their errors, and the consents that they ask for or need.

use crate::{Fact, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's calls.
    calls: Calls, "calls.json"
}

/// The data of `calls.json`.
#[derive(Debug, Deserialize)]
pub struct Calls {
    /// Error numbers that any call can fail with.
    pub errors: BTreeMap<u32, CallError>,
    /// The scopes of `my.getAuthCode` that this project uses.
    pub scopes: BTreeMap<String, Scope>,
    /// The kinds of consent, which are independent.
    pub consents: BTreeMap<String, Consent>,
    /// The codes in the answer of the call for nickname and avatar.
    pub display_codes: BTreeMap<String, DisplayCode>,
    /// The calls of clouds and their databases, whether a package or a call provides the cloud.
    pub clouds: Vec<CloudCalls>,
    /// The calls that are known only by name.
    pub beyond: Beyond,
    calls: BTreeMap<String, Call>,
}

/// Calls that are known only by name.
#[derive(Debug, Deserialize)]
pub struct Beyond {
    /// All names.
    pub names: Vec<String>,
    /// Those that the platform's documents describe.
    pub with_page: Vec<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What an error number means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallError {
    /// Its meaning in a few words.
    pub means: String,
    /// This project's error code for it, if there is one.
    pub code: Option<String>,
    /// The platform's own words.
    pub text: Option<String>,
}

/// A scope of `my.getAuthCode`.
#[derive(Debug, Deserialize)]
pub struct Scope {
    /// Whether a panel asks the user.
    pub asks: bool,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A kind of consent.
#[derive(Debug, Deserialize)]
pub struct Consent {
    /// What it is about.
    pub what: String,
    /// What asks for it.
    pub asked_by: String,
    /// Its key in the answer of `my.getSetting`.
    pub setting: Option<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Calls of a cloud, or of a collection of its database.
#[derive(Debug, Deserialize)]
pub struct CloudCalls {
    /// The part of a cloud that has these calls.
    pub of: CloudPart,
    /// What they do.
    pub what: String,
    /// Those that send their arguments.
    pub sends: Vec<String>,
    /// Those that return the same collection, for a further call.
    #[serde(default)]
    pub continues: Vec<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A part of a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloudPart {
    /// The cloud itself.
    Cloud,
    /// The result of `collection(name)` of its database.
    Collection,
}

/// A code in the answer of `my.getOpenUserInfo`.
#[derive(Debug, Deserialize)]
pub struct DisplayCode {
    /// What it says.
    pub means: String,
    /// This project's error code for it.
    pub code: Option<String>,
    /// This project's error code for it right after the authorising button's event.
    pub after_button: Option<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A call of `my`, or a method of an object that a call returns, such as `SocketTask.send`.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// What it does.
    pub what: String,
    /// The generations of the platform that have it; empty if unknown.
    #[serde(default)]
    pub generations: Vec<String>,
    /// Whether the simulator offers it.
    #[serde(default)]
    pub simulated: bool,
    /// The consent that it asks for or needs.
    pub consent: Option<Asking>,
    /// Whether its answer has display information.
    #[serde(default)]
    pub display: bool,
    /// Whether it opens another page of the app.
    #[serde(default)]
    pub navigates: bool,
    /// How its arguments leave the page.
    pub outgoing: Option<Outgoing>,
    /// Its replacement, if it is no longer maintained.
    pub removed: Option<Removed>,
    /// The call whose options, answer and errors it has too.
    pub like: Option<String>,
    /// What kind of object it returns.
    pub returns: Option<String>,
    #[serde(default)]
    errors: BTreeMap<u32, CallError>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A consent that a call asks for or needs.
#[derive(Debug, Deserialize)]
pub struct Asking {
    /// The kind of consent.
    pub kind: String,
    /// What asks the user.
    pub asked_by: AskedBy,
}

/// What asks the user for a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum AskedBy {
    /// The call itself, with a panel.
    #[serde(rename = "call")]
    Call,
    /// The authorising button.
    #[serde(rename = "button")]
    Button,
    /// `my.getAuthCode`, earlier.
    #[serde(rename = "getAuthCode")]
    AuthCode,
}

/// How a call's arguments leave the page.
#[derive(Debug, Deserialize)]
pub struct Outgoing {
    /// Where it goes.
    pub to: Destination,
    /// Whether the client's guard covers it.
    pub guard: GuardCoverage,
    /// The options that leave; empty means all.
    #[serde(default)]
    pub only: Vec<String>,
}

/// A destination of data that leaves the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// A server.
    Network,
    /// The app's own storage.
    Storage,
    /// A file.
    File,
    /// Another mini-program.
    App,
    /// The platform's statistics and monitoring.
    Statistics,
    /// A page in a web-view.
    WebView,
    /// The client's own functions.
    Native,
}

/// Whether the client's guard covers a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum GuardCoverage {
    /// It does; always `true`.
    Covers(bool),
    /// It does not, for this reason.
    CannotBecause(String),
}

/// A call that is no longer maintained.
#[derive(Debug, Deserialize)]
pub struct Removed {
    /// What replaces it.
    #[serde(rename = "use")]
    pub replacement: String,
}

impl Calls {
    /// Whether a call of a cloud sends its arguments. The name is the last part of the call, or the last two.
    pub fn cloud_sends(&self, of: CloudPart, name: &str) -> bool {
        self.clouds.iter().any(|calls| calls.of == of && calls.sends.iter().any(|known| known == name))
    }

    /// Whether a call of a collection returns the collection.
    pub fn collection_continues(&self, name: &str) -> bool {
        self.clouds.iter().any(|calls| calls.continues.iter().any(|known| known == name))
    }

    /// Returns the call with that name.
    pub fn find(&self, name: &str) -> Option<&Call> {
        self.calls.get(name)
    }

    /// Iterates over all calls with their names, in alphabetical order.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Call)> {
        self.calls.iter().map(|(name, call)| (name.as_str(), call))
    }

    /// Iterates over the calls of a generation that the simulator has.
    pub fn simulated(&self, generation: &str) -> impl Iterator<Item = &str> {
        self.all()
            .filter(move |(_, call)| call.simulated && call.generations.iter().any(|known| known == generation))
            .map(|(name, _)| name)
    }

    /// Returns the call whose result has the method `name`: `connectSocket` for `SocketTask.send`.
    pub fn maker_of(&self, name: &str) -> Option<&str> {
        let (kind, _) = name.split_once('.')?;
        self.all().find(|(_, call)| call.returns.as_deref() == Some(kind)).map(|(maker, _)| maker)
    }

    /// Returns the errors of a call: those of any call, those of the call that it is `like`, and its own, which win.
    pub fn errors_of(&self, name: &str) -> BTreeMap<u32, &CallError> {
        let Some(call) = self.find(name) else { return BTreeMap::new() };
        let mut errors: BTreeMap<_, _> = self.errors.iter().map(|(number, error)| (*number, error)).collect();
        let like = call.like.as_deref().and_then(|like| self.find(like));
        for call in like.into_iter().chain([call]) {
            errors.extend(call.errors.iter().map(|(number, error)| (*number, error)));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_calls() {
        let legacy: Vec<_> = calls().simulated("legacy").collect();
        let current: Vec<_> = calls().simulated("current").collect();
        assert!(legacy.contains(&"getAuthUserInfo") && !legacy.contains(&"getOpenUserInfo"));
        assert!(legacy.iter().all(|name| current.contains(name)), "the current platform has what the old one has");
        assert!(current.contains(&"request"));
    }

    #[test]
    fn a_call_defined_as_like_another_has_the_same_errors() {
        let errors = calls().errors_of("httpRequest");
        assert_eq!(errors[&19].code.as_deref(), Some("http_status"));
        assert_eq!(errors[&4].code.as_deref(), Some("domain_not_allowed"), "its own meaning, not the common one");
        assert_eq!(calls().errors_of("getAuthCode")[&4].code.as_deref(), Some("call_not_permitted"));
        assert!(calls().errors_of("nothing").is_empty());
    }

    #[test]
    fn names_mentioned_in_entries_exist() {
        let data = calls();
        for (name, call) in data.all() {
            let mentioned = [call.like.as_ref(), call.removed.as_ref().map(|removed| &removed.replacement)];
            for other in mentioned.into_iter().flatten() {
                assert!(data.find(other).is_some(), "{name} mentions {other}");
            }
            if let Some(consent) = &call.consent {
                assert!(consent.kind == "any" || data.consents.contains_key(&consent.kind), "{name}: {}", consent.kind);
            }
            if let Some(outgoing) = &call.outgoing {
                assert_ne!(outgoing.guard, GuardCoverage::Covers(false), "{name}: say why it is not guarded");
            }
            let Some((owner, member)) = name.split_once('.') else { continue };
            if let Some(registration) = crate::lifecycle().get(owner) {
                assert!(registration.hooks.contains_key(member), "{name}: {owner} has no such function");
            } else if owner.starts_with(|first: char| first.is_ascii_uppercase()) {
                assert!(data.maker_of(name).is_some(), "{name}: no call returns such an object");
            }
        }
    }
}
