//! What belongs to the page's one user, not to one client: which taps were used, and which display values are known; and the
//! guard as the page runs it: what the engine's own text search can decide is decided there, without a copy.

use js_sys::Array;
use miniauth_core::{
    display::DisplayInfo,
    guard::{Guard, GuardError, Outgoing, Signs, Value},
    tap::TapLedger,
};
use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};
use wasm_bindgen::prelude::*;

use crate::promise::Slot;

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
            let guard = Rc::new(EngineGuard::new(self.guard().guard.knowing(info, written_forms)));
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

#[wasm_bindgen]
extern "C" {
    /// What the engine looks for.
    type FirstLook;

    #[wasm_bindgen(constructor)]
    fn new(values: &str, shortest: usize, names: &str) -> FirstLook;

    /// The part of `data` that could hold something, null for all of it, undefined for nothing.
    #[wasm_bindgen(method)]
    fn suspicious(this: &FirstLook, data: &JsValue) -> JsValue;

    /// A snapshot, flattened: before each value its kind.
    fn flattened(data: &JsValue) -> Array;

    #[wasm_bindgen(js_name = writtenForms)]
    fn forms(text: &str) -> Array;

    /// The bytes of an ArrayBuffer, or those that a view shows.
    #[wasm_bindgen(js_name = bytesOf)]
    fn bytes_of(buffer: &JsValue) -> Vec<u8>;

    /// Whether there is a letter or an ideograph in a text.
    #[wasm_bindgen(js_name = hasLetter)]
    pub(crate) fn has_letter(text: &str) -> bool;
}

/// The guard and what the engine looks for.
pub(crate) struct EngineGuard {
    guard: Guard,
    first_look: FirstLook,
}

impl Default for EngineGuard {
    fn default() -> Self {
        Self::new(Guard::default())
    }
}

impl EngineGuard {
    fn new(guard: Guard) -> Self {
        let Signs { values, shortest_run, names } = guard.signs();
        let first_look = FirstLook::new(&values, shortest_run.unwrap_or(0), &names);
        Self { guard, first_look }
    }

    /// Searches a request. Returns the fields that the user typed and that hold the nickname.
    pub(crate) fn check(
        &self,
        url: &str,
        headers: &JsValue,
        data: &JsValue,
        typed: &[String],
    ) -> Result<Vec<String>, GuardError> {
        let headers = match value(headers) {
            Value::Fields(headers) => headers,
            _ => Vec::new(),
        };
        let headers = headers.into_iter().filter_map(|(name, value)| match value {
            Value::Text(value) => Some((name, value)),
            _ => None,
        });
        let data = if self.could_hold(data) { value(data) } else { Value::Other };
        self.guard.check(&Outgoing { url: url.to_owned(), headers: headers.collect(), data }, typed)
    }

    /// Searches what page code passes to `my.<name>`.
    pub(crate) fn check_call(&self, name: &str, passed: &JsValue) -> Result<(), GuardError> {
        if self.could_hold(passed) { self.guard.check_call(name, &value(passed)) } else { Ok(()) }
    }

    fn could_hold(&self, data: &JsValue) -> bool {
        let suspicious = self.first_look.suspicious(data);
        match suspicious.as_string() {
            Some(text) if data.is_string() => self.guard.could_hold(text.as_bytes()),
            Some(json) => self.guard.could_hold_json(json.as_bytes()),
            None => suspicious.is_null(),
        }
    }
}

fn written_forms(text: &str) -> Vec<String> {
    forms(text).iter().filter_map(|form| form.as_string()).collect()
}

/// Reads anything that the driver took a snapshot of.
fn value(snapshot: &JsValue) -> Value {
    read(&mut flattened(snapshot).iter())
}

fn read(flat: &mut dyn Iterator<Item = JsValue>) -> Value {
    let mut next = || flat.next().unwrap_or_default();
    let kind = next().as_f64().unwrap_or_default() as u32;
    if kind == 0 {
        return Value::Other;
    }
    let first = next();
    let number = first.as_f64().unwrap_or_default() as i32;
    match kind {
        1 => Value::Text(first.as_string().unwrap_or_default()),
        2 => Value::Number(number),
        3 => Value::Bytes(bytes_of(&first)),
        4 => Value::List((0..number).map(|_| read(flat)).collect()),
        _ => Value::Fields(
            (0..number)
                .map(|_| {
                    let name = flat.next().unwrap_or_default().as_string().unwrap_or_default();
                    (name, read(flat))
                })
                .collect(),
        ),
    }
}
