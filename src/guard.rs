//! What belongs to the page's one user, not to one client: which taps were used, and which display values are known; and the
//! guard as the page runs it: what the engine's own text search can decide is decided there, without a copy.
//!
//! Data that shows no sign of display information is not taken apart and not copied. Where there is something that an
//! encoding could hide, only that is copied for a first look; where that finds something, the data is searched text by
//! text, which names the place.

use crate::promise::Slot;
use js_sys::{Array, ArrayBuffer, JSON, JsString, Object, RegExp};
use miniauth_core::{
    display::DisplayInfo,
    guard::{self, EncodedSigns, GuardError, Outgoing, Signs, Value},
    tap::TapLedger,
    text::joined,
};
use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};
use wasm_bindgen::prelude::*;

thread_local! {
    static PAGE: OnceCell<Rc<Page>> = const { OnceCell::new() };
}

/// What all clients of this module share.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) taps: RefCell<TapLedger>,
    guard: RefCell<Rc<EngineGuard>>,
    /// The consent panel that is open.
    pub(crate) panel: Slot,
}

impl Page {
    pub(crate) fn shared() -> Rc<Self> {
        PAGE.with(|page| Rc::clone(page.get_or_init(Rc::default)))
    }

    /// Has the guard look for these values from now on. Says whether there are any.
    pub(crate) fn remember(&self, info: &DisplayInfo) -> bool {
        if !info.is_empty() {
            let guard = Rc::new(self.guard().knowing(info));
            // What it was is let go when nothing is borrowed any more: that calls JavaScript.
            drop(self.guard.replace(guard));
        }
        !info.is_empty()
    }

    /// The guard as it is now. Nothing is borrowed while it calls JavaScript, which may throw.
    pub(crate) fn guard(&self) -> Rc<EngineGuard> {
        Rc::clone(&self.guard.borrow())
    }
}

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

    #[wasm_bindgen(method, structural, catch)]
    fn normalize(this: &Text, form: &str) -> Result<String, JsValue>;

    /// Whether there is a letter or an ideograph in a text.
    #[wasm_bindgen(js_name = hasLetter)]
    pub(crate) fn has_letter(text: &str) -> bool;

    /// An object's tag, which unlike `instanceof` holds for values of other realms.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag_of(value: &JsValue) -> String;

    /// The bytes of an ArrayBuffer, or those that a view shows.
    #[wasm_bindgen(js_name = bytesOf)]
    fn bytes_of(buffer: &JsValue) -> Vec<u8>;
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

    /// The guard that knows this display information too.
    fn knowing(&self, info: &DisplayInfo) -> Self {
        let mut guard = self.guard.clone();
        guard.remember(info, normal_forms);
        Self::new(guard)
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
        self.guard.check(&outgoing(url, headers, data), typed)
    }

    /// Searches what page code passes to `my.<name>`.
    pub(crate) fn check_call(&self, name: &str, passed: &JsValue) -> Result<(), GuardError> {
        if self.could_hold(passed) { self.guard.check_call(name, &value(passed)) } else { Ok(()) }
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
                self.could_text_hold(&json, true) || (could_be_buffer && has_buffer(data))
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

/// The forms of `text` that differ from it; none where the engine has no `normalize`.
fn normal_forms(text: &str) -> Vec<String> {
    let value: Text = JsValue::from_str(text).unchecked_into();
    let forms = ["NFC", "NFD", "NFKC", "NFKD"].map(|form| value.normalize(form).ok());
    forms.into_iter().flatten().filter(|form| form != text).collect()
}

/// Reads a request.
fn outgoing(url: &str, headers: &JsValue, data: &JsValue) -> Outgoing {
    let headers = entries(headers).filter_map(|(name, value)| Some((name, value.as_string()?))).collect();
    Outgoing { url: url.to_owned(), headers, data: value(data) }
}

/// Reads anything that the driver took a snapshot of: plain objects, arrays, texts and buffers.
fn value(from: &JsValue) -> Value {
    if let Some(text) = from.as_string() {
        Value::Text(text)
    } else if Array::is_array(from) {
        Value::List(Array::from(from).iter().map(|item| value(&item)).collect())
    } else if is_buffer(from) {
        Value::Bytes(bytes_of(from))
    } else if from.is_object() {
        Value::Fields(entries(from).map(|(name, field)| (name, value(&field))).collect())
    } else {
        Value::Other
    }
}

/// Whether there is an ArrayBuffer or a view into one anywhere in it.
fn has_buffer(from: &JsValue) -> bool {
    from.is_object() && (is_buffer(from) || Object::values(from.unchecked_ref()).iter().any(|field| has_buffer(&field)))
}

fn is_buffer(from: &JsValue) -> bool {
    ArrayBuffer::is_view(from) || (from.is_object() && tag_of(from) == "[object ArrayBuffer]")
}

fn entries(object: &JsValue) -> impl Iterator<Item = (String, JsValue)> {
    let entries = if object.is_object() { Object::entries(object.unchecked_ref()) } else { Array::new() };
    entries.into_iter().filter_map(|entry| {
        let pair = Array::from(&entry);
        Some((pair.get(0).as_string()?, pair.get(1)))
    })
}
