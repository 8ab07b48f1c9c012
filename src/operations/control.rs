//! How the driver stops a request.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The driver's hold on one request.
    pub type Control;

    /// Whether the page gave the request up.
    #[wasm_bindgen(method, structural, js_name = isCancelled)]
    pub(crate) fn is_cancelled(this: &Control) -> bool;

    /// The platform's task, which the driver aborts when the page gives the request up, and what ends the wait for it: a
    /// task that is aborted need not answer.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn attach(this: &Control, task: &JsValue, abort: &JsValue);
}
