//! What becomes of a panic: its message on the console, and word to the driver.
//!
//! A panic ends this instance: promises that were pending would never settle, so the driver rejects them.

use js_sys::Function;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A Worker has no console.
    #[wasm_bindgen(js_namespace = console, js_name = error, catch)]
    fn console_error(message: &str) -> Result<(), JsValue>;
}

thread_local! {
    static NOTIFY: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has `notify` called with the message when this instance panics.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(notify: Function) {
    NOTIFY.set(Some(notify));
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        // There is nobody left to tell of what fails here.
        NOTIFY.with_borrow(|notify| {
            let _ = notify.as_ref().map(|notify| notify.call1(&JsValue::UNDEFINED, &message.as_str().into()));
        });
        let _ = console_error(&message);
    }));
}
