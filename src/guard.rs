//! The guard as the page runs it: what the engine's own text search can decide is decided there, without a copy.
//!
//! Data that shows no sign of display information is not taken apart and not copied. Where there is something that an
//! encoding could hide, only that is copied for a first look; where that finds something, the data is searched text by
//! text, which names the place.

use crate::snapshot;
use js_sys::{Array, JSON, JsString, RegExp};
use miniauth_core::{
    display::DisplayInfo,
    guard::{self, EncodedSigns, GuardError, Signs},
    text::joined,
};
use wasm_bindgen::prelude::*;

/// Escapes, as they stand in a text. Pages send texts with `&` and `%` that are no escapes.
const ESCAPES: &str = r"%[0-9a-fu]|&(?:#|amp|lt|gt|quot|apos|nbsp)|\0|";

/// A backslash in a text, and in JSON, where it is doubled; a zero, where it is an escape.
const BACKSLASH: [&str; 2] = [r"\\", r"\\\\|\\u0000"];

/// Digits of base64 and what may stand between them.
const DIGITS: &str = r"\w+/\\\r\n-";

#[wasm_bindgen]
extern "C" {
    /// A string of the engine, searched where it is.
    #[wasm_bindgen(extends = JsString)]
    type Text;

    #[wasm_bindgen(method)]
    fn includes(this: &Text, value: &Text) -> bool;
}

/// The guard and what the engine looks for.
pub(crate) struct EngineGuard {
    guard: guard::Guard,
    /// Values, as they are and as they are in JSON.
    literals: Vec<[Text; 2]>,
    encoded: Option<Patterns>,
}

/// What encoded values look like, as regular expressions.
struct Patterns {
    /// In a text, and in JSON.
    escapes: [RegExp; 2],
    runs: RegExp,
    /// Names of display information, where values count under one.
    names: Option<RegExp>,
}

impl Default for EngineGuard {
    fn default() -> Self {
        Self::new(guard::Guard::default())
    }
}

impl EngineGuard {
    fn new(guard: guard::Guard) -> Self {
        let Signs { literals, encoded } = guard.signs();
        let in_json = |text: &str| {
            // Without the quotation marks. A string always has a form in JSON.
            JSON::stringify(&text.into()).map(|json| json.slice(1, json.length() - 1)).unwrap_or_else(|_| text.into())
        };
        let literals = literals
            .iter()
            .map(|text| [JsString::from(text.as_str()), in_json(text)].map(JsCast::unchecked_into))
            .collect();
        Self { literals, encoded: encoded.as_ref().map(Patterns::new), guard }
    }

    /// Remembers display information that the page is about to learn.
    pub(crate) fn remember(&mut self, info: &DisplayInfo, normal_forms: impl Fn(&str) -> Vec<String>) {
        let mut guard = std::mem::take(&mut self.guard);
        guard.remember(info, normal_forms);
        *self = Self::new(guard);
    }

    /// Searches a request. Returns the typed fields that hold the nickname.
    pub(crate) fn check(
        &self,
        url: &str,
        headers: &JsValue,
        data: &JsValue,
        typed: &[String],
    ) -> Result<Vec<String>, GuardError> {
        let data = if self.could_hold(data) { data } else { &JsValue::UNDEFINED };
        self.guard.check(&snapshot::outgoing(url, headers, data), typed)
    }

    /// Searches what page code passes to `my.<name>`.
    pub(crate) fn check_call(&self, name: &str, passed: &JsValue) -> Result<(), GuardError> {
        if self.could_hold(passed) { self.guard.check_call(name, &snapshot::value(passed)) } else { Ok(()) }
    }

    fn could_hold(&self, data: &JsValue) -> bool {
        if data.is_string() {
            return self.could_text_hold(data.unchecked_ref(), false);
        }
        if !data.is_object() {
            return false;
        }
        match JSON::stringify(data) {
            Ok(json) => {
                let json: Text = json.unchecked_into();
                // A buffer is an empty object in JSON.
                let could_be_buffer = json.index_of("{}", 0) >= 0;
                self.could_text_hold(&json, true) || (could_be_buffer && snapshot::has_buffer(data))
            }
            Err(_) => true,
        }
    }

    fn could_text_hold(&self, text: &Text, is_json: bool) -> bool {
        let form = usize::from(is_json);
        if self.literals.iter().any(|literal| text.includes(&literal[form])) {
            return true;
        }
        let Some(patterns) = &self.encoded else { return false };
        let is_in = |pattern: &RegExp| text.search(pattern) >= 0;
        let suspicious = if patterns.names.as_ref().is_some_and(is_in) || is_in(&patterns.escapes[form]) {
            String::from(&**text)
        } else {
            match text.match_(&patterns.runs) {
                Some(runs) => String::from(Array::from(&runs).join(" ")),
                None => return false,
            }
        };
        match is_json {
            true => self.guard.could_hold_json(suspicious.as_bytes()),
            false => self.guard.could_hold(suspicious.as_bytes()),
        }
    }
}

impl Patterns {
    fn new(signs: &EncodedSigns) -> Self {
        let plus = if signs.plus { r"\+|" } else { "" };
        let shortest = signs.shortest_run.to_string();
        let runs = joined(&["(?:^|[^", DIGITS, "])[", DIGITS, "]{", &shortest, ",}"]);
        Self {
            escapes: BACKSLASH.map(|backslash| RegExp::new(&joined(&[ESCAPES, plus, backslash]), "i")),
            // With line breaks, as they are and as they are in JSON. That a run is looked for only where one begins makes
            // this three times as fast.
            runs: RegExp::new(&runs, "g"),
            names: signs.names.map(|names| RegExp::new(names, "i")),
        }
    }
}
