//! What becomes of a panic: its message on the console, and word to the driver.
//!
//! A panic ends this instance: promises that were pending would never settle, so the driver rejects them.

use js_sys::Function;
use std::cell::Cell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// Never dropped: what has to be costs more than it.
    static NOTIFY: Cell<Option<&'static Function>> = const { Cell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn log(message: &JsValue);
}

/// Has `notify` called with the message when this instance panics.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(notify: Function) {
    NOTIFY.set(Some(Box::leak(Box::new(notify))));
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string().into();
        // First, for a Worker has no console, where the second throws.
        if let Some(notify) = NOTIFY.get() {
            // There is nobody left to tell of a notification that fails.
            let _ = notify.call1(&JsValue::UNDEFINED, &message);
        }
        log(&message);
    }));
}
