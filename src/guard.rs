//! State of the page's one user, shared by all clients: used taps, and known display values.

use js_sys::Array;
use miniauth_core::{
    display::DisplayInfo,
    guard::{Guard, GuardError, Outgoing, Reason, Value},
    tap::TapLedger,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::prelude::*;

use crate::{promise::Slot, values::whole};

thread_local! {
    static PAGE: Cell<Option<&'static Page>> = const { Cell::new(None) };
}

/// The shared state of all clients of this module.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) taps: RefCell<TapLedger>,
    guard: RefCell<Rc<Guard>>,
    /// The open consent panel.
    pub(crate) panel: Slot,
}

impl Page {
    pub(crate) fn shared() -> &'static Self {
        let page = PAGE.get().unwrap_or_else(|| Box::leak(Box::default()));
        PAGE.set(Some(page));
        page
    }

    /// Makes the guard search for these values from now on. Returns whether there are any.
    pub(crate) fn remember(&self, info: &DisplayInfo) -> bool {
        if !info.is_empty() {
            let guard = Rc::new(self.guard().knowing(info, written_forms));
            self.guard.replace(guard);
        }
        !info.is_empty()
    }

    /// The current guard. Nothing is borrowed while it calls JavaScript, which may throw.
    fn guard(&self) -> Rc<Guard> {
        Rc::clone(&self.guard.borrow())
    }

    /// Searches a request. Returns the fields that the user typed and that contain the nickname.
    pub(crate) fn check(
        &self,
        url: &str,
        headers: &JsValue,
        data: &JsValue,
        typed: &[String],
    ) -> Result<Vec<String>, GuardError> {
        let guard = self.guard();
        let headers = read(&mut flattened(headers).iter());
        let outgoing = Outgoing { url: url.to_owned(), headers, data: suspicious(&guard, data) };
        guard.check(&outgoing, typed)
    }

    /// Searches what page code passes to `my.<name>`.
    pub(crate) fn check_call(&self, name: &str, passed: &JsValue) -> Result<(), GuardError> {
        let guard = self.guard();
        guard.check_call(name, &suspicious(&guard, passed))
    }
}

#[wasm_bindgen]
extern "C" {
    /// A flattened snapshot: each value is preceded by its kind.
    fn flattened(data: &JsValue) -> Array;

    /// All of it as one text, unless it contains bytes.
    fn joined(flat: &Array) -> JsValue;

    #[wasm_bindgen(js_name = writtenForms)]
    fn forms(text: &str, is_address: bool) -> Array;

    /// The bytes of an ArrayBuffer, or of a view.
    #[wasm_bindgen(js_name = bytesOf)]
    fn bytes_of(buffer: &JsValue) -> Vec<u8>;

    /// Whether a text contains a letter or an ideograph.
    #[wasm_bindgen(js_name = hasLetter)]
    pub(crate) fn has_letter(text: &str) -> bool;
}

fn written_forms(what: Reason, text: &str) -> Vec<String> {
    forms(text, what == Reason::Avatar).iter().filter_map(|form| form.as_string()).collect()
}

/// Returns what to search in the driver's snapshot; nothing if a quick search of the whole finds nothing.
fn suspicious(guard: &Guard, snapshot: &JsValue) -> Value {
    let flat = flattened(snapshot);
    match joined(&flat).as_string() {
        Some(joined) if !guard.could_hold(joined.as_bytes()) => Value::Other,
        _ => read(&mut flat.iter()),
    }
}

fn read(flat: &mut dyn Iterator<Item = JsValue>) -> Value {
    let mut next = || flat.next().unwrap_or_default();
    let number = |value: JsValue| whole(value.as_f64().unwrap_or_default()) as u32;
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    match number(next()) {
        0 => Value::Other,
        1 => Value::Text(text(next())),
        2 => Value::Bytes(bytes_of(&next())),
        3 => Value::List((0..number(next())).map(|_| read(flat)).collect()),
        _ => Value::Fields((0..number(next())).map(|_| (text(flat.next().unwrap_or_default()), read(flat))).collect()),
    }
}
