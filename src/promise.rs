//! Promises that Rust settles or waits for.

use js_sys::{Function, Promise};
use std::{cell::RefCell, mem, pin::Pin};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// What becomes a promise. Boxed, so that the machinery behind it exists once and not once for every future.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// The promise of a future.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let future: BoxFuture = Box::pin(future);
    future_to_promise(future)
}

/// A promise, and what resolves it.
pub(crate) struct Deferred {
    pub(crate) promise: Promise,
    resolve: Option<Function>,
}

impl Deferred {
    pub(crate) fn new() -> Self {
        let mut resolver = None;
        let promise = Promise::new(&mut |resolve, _| resolver = Some(resolve));
        Self { promise, resolve: resolver }
    }

    pub(crate) fn resolve(&self, value: &JsValue) {
        if let Some(resolve) = &self.resolve {
            // A promise's own resolver does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, value);
        }
    }
}

/// Lets callers through one after another, in the order in which they came.
pub(crate) struct Queue {
    last: RefCell<Promise>,
}

/// The right to go on; the next caller's begins where it is dropped.
pub(crate) struct Turn(Deferred);

impl Default for Queue {
    fn default() -> Self {
        Self { last: RefCell::new(Promise::resolve(&JsValue::UNDEFINED)) }
    }
}

impl Queue {
    pub(crate) async fn turn(&self) -> Turn {
        let turn = Turn(Deferred::new());
        let before = mem::replace(&mut *self.last.borrow_mut(), turn.0.promise.clone());
        // These promises only ever resolve.
        let _ = JsFuture::from(before).await;
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.resolve(&JsValue::UNDEFINED);
    }
}
