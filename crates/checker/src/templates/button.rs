//! The authorising button as a template writes it, and the mistakes in it.

use super::{Attribute, Element, bound};
use crate::platform::{self, ButtonScope};

/// The scope that a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'e> {
    /// A scope that the platform knows.
    Known(&'static str),
    /// Any other text.
    Wrong(&'e str),
    /// No scope.
    Missing,
    /// An expression, whose value the template does not show.
    Open,
}

/// How an event is handled.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Handler<'e> {
    /// A handler.
    Bound(&'e Attribute),
    /// Not at all: the attribute is misspelt.
    Misspelt(&'e Attribute),
    /// Not at all: the event belongs to another scope.
    OtherScope(&'e Attribute),
    /// Not at all.
    Missing,
}

/// `<button open-type="getAuthorize">`
#[derive(Debug)]
pub(crate) struct AuthorisingButton<'e> {
    pub(crate) open_type: &'e Attribute,
    pub(crate) scope: Scope<'e>,
    pub(crate) consent: Handler<'e>,
    pub(crate) refusal: Handler<'e>,
    /// `onTap`, which runs before the person has answered.
    pub(crate) tap: Option<&'e Attribute>,
}

impl<'e> AuthorisingButton<'e> {
    /// The element as an authorising button, if it is written as one.
    pub(crate) fn read(element: &'e Element) -> Option<Self> {
        let open_type = element.attribute("open-type").or_else(|| element.attribute("openType"))?;
        let letters = open_type.text()?.replace(['-', '_', ' '], "").to_ascii_lowercase();
        if !looks_like(&letters, &platform::button().open_type.to_ascii_lowercase(), 2) {
            return None;
        }
        let scope = Scope::read(element);
        let mut button = Self { open_type, scope, consent: Handler::Missing, refusal: Handler::Missing, tap: None };
        for attribute in element.attributes.iter().filter(|attribute| attribute.text() != Some("")) {
            button.note_handler(attribute);
        }
        Some(button)
    }

    fn note_handler(&mut self, attribute: &'e Attribute) {
        let bound = bound(&attribute.name);
        let is_native = bound.as_ref().is_some_and(|bound| bound.is_native || attribute.name.starts_with('@'));
        let event = match &bound {
            Some(bound) => bound.event.clone(),
            None => match attribute.name.to_ascii_lowercase().strip_prefix("on") {
                Some(event) => event.to_owned(),
                None => return,
            },
        };
        let handler = match event.as_str() {
            "tap" => {
                self.tap = Some(attribute);
                return;
            }
            "error" => {
                self.refusal =
                    if is_native { Handler::Bound(attribute) } else { self.refusal.or(Handler::Misspelt(attribute)) };
                return;
            }
            event if platform::button().events.iter().any(|known| known == event) => match is_native {
                true if self.sends(event) => Handler::Bound(attribute),
                true => Handler::OtherScope(attribute),
                false => Handler::Misspelt(attribute),
            },
            event
                if looks_like(event, "getauthorize", 3)
                    || event.starts_with("getauth")
                    || event.starts_with("auth") =>
            {
                Handler::Misspelt(attribute)
            }
            event if looks_like(event, "error", 2) || event.starts_with("err") => {
                self.refusal = self.refusal.or(Handler::Misspelt(attribute));
                return;
            }
            _ => return,
        };
        self.consent = if let Handler::Bound(_) = handler { handler } else { self.consent.or(handler) };
    }

    /// Whether the button sends this event. If its scope is unknown, it may.
    fn sends(&self, event: &str) -> bool {
        let Scope::Known(scope) = self.scope else { return true };
        let of_scope = |known: &&ButtonScope| known.event.eq_ignore_ascii_case(event);
        platform::button().scopes.iter().find(of_scope).is_none_or(|known| known.name == scope)
    }

    /// The button's faults and the attributes that have them, the most serious first.
    pub(crate) fn faults(&self) -> Vec<(&'e Attribute, Fault)> {
        let mut faults = Vec::new();
        let written = |attribute: &Attribute| attribute.name.clone();
        if let Some(text) = self.open_type.text().filter(|text| *text != platform::button().open_type) {
            faults.push((self.open_type, Fault::OpenType(text.to_owned())));
        }
        match self.scope {
            Scope::Missing => faults.push((self.open_type, Fault::NoScope)),
            Scope::Wrong(text) => faults.push((self.open_type, Fault::WrongScope(text.to_owned()))),
            Scope::Known(_) | Scope::Open => {}
        }
        match (self.consent, self.tap) {
            (Handler::Bound(_), _) => {}
            (Handler::Misspelt(attribute), _) => {
                faults.push((attribute, Fault::Misspelt(written(attribute), "onGetAuthorize")))
            }
            (Handler::OtherScope(attribute), _) => {
                faults.push((attribute, Fault::EventOfOtherScope(written(attribute))))
            }
            (Handler::Missing, Some(tap)) => faults.push((tap, Fault::OnlyTap(written(tap)))),
            (Handler::Missing, None) => faults.push((self.open_type, Fault::NoConsentHandler)),
        }
        match self.refusal {
            Handler::Bound(_) => {}
            Handler::Misspelt(attribute) => faults.push((attribute, Fault::Misspelt(written(attribute), "onError"))),
            _ => faults.push((self.open_type, Fault::NoRefusalHandler)),
        }
        faults
    }

    /// Whether pressing the button can never do what the author intended. Its results are then not checked.
    pub(crate) fn is_broken(&self) -> bool {
        self.faults().iter().any(|(_, fault)| !matches!(fault, Fault::NoRefusalHandler | Fault::Misspelt(_, "onError")))
    }
}

impl<'e> Scope<'e> {
    pub(crate) fn read(element: &'e Element) -> Self {
        let Some(attribute) = element.attribute("scope") else { return Self::Missing };
        match attribute.text() {
            None => Self::Open,
            Some("") => Self::Missing,
            Some(text) => match platform::button().scopes.iter().find(|known| known.name == text) {
                Some(known) => Self::Known(known.name),
                None => Self::Wrong(text),
            },
        }
    }
}

impl Handler<'_> {
    /// The first of the two that is not `Missing`.
    fn or(self, other: Self) -> Self {
        if matches!(self, Handler::Missing) { other } else { self }
    }
}

/// What can be wrong with an authorising button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `open-type` differs from the platform's spelling.
    OpenType(String),
    /// The scope is missing: the press fails.
    NoScope,
    /// The platform does not know the scope: the press fails.
    WrongScope(String),
    /// An attribute that is not an event of the platform, and the one that was meant.
    Misspelt(String, &'static str),
    /// An event that this scope does not send.
    EventOfOtherScope(String),
    /// Only the tap is handled, which happens before the person has answered.
    OnlyTap(String),
    /// The person's agreement is not handled.
    NoConsentHandler,
    /// The person's refusal is not handled.
    NoRefusalHandler,
}

/// Whether one word becomes the other by changing at most this many letters.
pub(crate) fn looks_like(word: &str, other: &str, changes: usize) -> bool {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in word.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (place, wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *wanted);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().is_some_and(|distance| *distance <= changes)
}
