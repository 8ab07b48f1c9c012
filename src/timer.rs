//! The engine's timers.

use crate::read::set;
use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, millis: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// What the platform fails with when a request is aborted.
const PLATFORM_ABORTED: u32 = 9;

/// What the platform fails with when a request takes too long.
const PLATFORM_TIMEOUT: u32 = 13;

/// A promise that fails as the platform's time-out does. Dropping it stops the clock.
pub(crate) struct Timer {
    expired: Promise,
    /// What it fails with: an object of its own.
    timeout: Object,
    /// Fails the promise as the platform's abort does.
    pub(crate) abort: JsValue,
    timer: JsValue,
}

impl Timer {
    pub(crate) fn start(millis: f64) -> Self {
        let (mut timer, mut abort) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        let timeout = platform_failure(PLATFORM_TIMEOUT);
        let expired = Promise::new(&mut |_, reject| {
            timer = set_timeout(failing(&reject, &timeout).unchecked_ref(), millis);
            abort = failing(&reject, &platform_failure(PLATFORM_ABORTED));
        });
        Self { expired, timeout, abort, timer }
    }

    /// Waits for a promise, but no longer than the clock runs.
    pub(crate) async fn race(&self, promise: &Promise) -> Result<JsValue, JsValue> {
        JsFuture::from(Promise::race(&Array::of2(promise, &self.expired))).await
    }

    /// Whether a wait failed since the time was over.
    pub(crate) fn is_cause(&self, cause: &JsValue) -> bool {
        *AsRef::<JsValue>::as_ref(&self.timeout) == *cause
    }
}

/// What the platform fails with.
fn platform_failure(error: u32) -> Object {
    let failure = Object::new();
    set(&failure, "error", &error.into());
    failure
}

/// A function that fails a promise.
fn failing(reject: &Function, failure: &Object) -> JsValue {
    reject.bind1(&JsValue::UNDEFINED, failure).into()
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}

/// Waits.
pub(crate) async fn sleep(millis: f64) {
    let timer = Timer::start(millis);
    // That it fails is how it ends.
    let _ = JsFuture::from(timer.expired.clone()).await;
}
