//! Handles a panic: prints its message and tells the driver.
//!
//! A panic ends this instance: pending promises would never settle, so the driver rejects them.

use js_sys::Function;
use std::cell::Cell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// Never dropped: drop code would cost more than the value.
    static NOTIFY: Cell<Option<&'static Function>> = const { Cell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn log(message: &JsValue);
}

/// Registers `notify`, which is called with the message if this instance panics.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(notify: Function) {
    NOTIFY.set(Some(Box::leak(Box::new(notify))));
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string().into();
        // First, because a Worker has no console, where printing throws.
        if let Some(notify) = NOTIFY.get() {
            // Nobody is left to handle a failed notification.
            let _ = notify.call1(&JsValue::UNDEFINED, &message);
        }
        log(&message);
    }));
}
