//! Promises that Rust settles or waits for, and time-outs.
//!
//! JavaScript runs the module's tasks (`js/src/glue.js`): nothing here is called back, so no closures cross the border.

use crate::values::field;
use js_sys::Promise;
use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::prelude::*;

type Outcome = Result<JsValue, JsValue>;

/// The future of a promise. Boxed, so the code for running it exists once and not for every future type.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Outcome>>>;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = runTask)]
    fn run_task(task: Task) -> Promise;

    #[wasm_bindgen(js_name = waitFor)]
    fn wait_for(promise: &Promise);

    /// The outcome of what the task waited for.
    #[wasm_bindgen(catch)]
    fn outcome() -> Result<JsValue, JsValue>;

    /// Returns a rejected promise; the rejection counts as handled.
    pub(crate) fn rejected(failure: JsValue) -> Promise;

    #[wasm_bindgen(js_name = taskFailed)]
    fn task_failed();

    /// Holds a promise while it is pending. This is done in JavaScript, which notices that it settles whatever happens to the task.
    #[wasm_bindgen(js_name = Slot)]
    pub(crate) type Slot;

    #[wasm_bindgen(constructor, js_class = Slot)]
    fn empty() -> Slot;

    #[wasm_bindgen(method)]
    pub(crate) fn hold(this: &Slot, promise: &Promise);

    #[wasm_bindgen(method, getter)]
    pub(crate) fn held(this: &Slot) -> Option<Promise>;

    #[wasm_bindgen(method)]
    pub(crate) fn release(this: &Slot);

    #[wasm_bindgen(js_name = Timer)]
    type Clock;

    #[wasm_bindgen(constructor, js_class = Timer)]
    fn new(millis: f64) -> Clock;

    #[wasm_bindgen(method)]
    fn race(this: &Clock, promise: &Promise) -> Promise;

    #[wasm_bindgen(method, js_name = isCause)]
    fn is_cause(this: &Clock, cause: &JsValue) -> bool;

    #[wasm_bindgen(method)]
    fn stop(this: &Clock);
}

impl Default for Slot {
    fn default() -> Self {
        Self::empty()
    }
}

/// A future that JavaScript runs. It is taken out while it runs, so a JavaScript exception within a step ends it and leaves
/// nothing borrowed.
#[wasm_bindgen]
pub struct Task(Cell<Option<BoxFuture>>);

#[wasm_bindgen]
impl Task {
    /// Continues the task until it waits again (for the promise of the last `waitFor`) or ends: the return value is its result,
    /// or its failure after `taskFailed`. An exception here is not the task's.
    pub fn step(&self) -> JsValue {
        let Some(mut future) = self.0.take() else { return JsValue::UNDEFINED };
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome.unwrap_or_else(|failure| {
                task_failed();
                failure
            }),
            Poll::Pending => {
                self.0.set(Some(future));
                JsValue::UNDEFINED
            }
        }
    }
}

/// Converts a future to a promise.
pub(crate) fn promise(future: impl Future<Output = Outcome> + 'static) -> Promise {
    run_task(Task(Cell::new(Some(Box::pin(future)))))
}

/// Waits for a promise.
pub(crate) const fn settled(promise: &Promise) -> Settled<'_> {
    Settled(Some(promise))
}

/// Returns the outcome of a promise.
pub(crate) struct Settled<'promise>(Option<&'promise Promise>);

impl Future for Settled<'_> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        match self.0.take() {
            Some(promise) => {
                wait_for(promise);
                Poll::Pending
            }
            None => Poll::Ready(outcome()),
        }
    }
}

/// A timer that stops when dropped. Waiting with it fails like a platform request that timed out.
pub(crate) struct Timer(Clock);

impl Timer {
    pub(crate) fn start(millis: f64) -> Self {
        Self(Clock::new(millis))
    }

    /// Waits for a promise, at most until the timer expires.
    pub(crate) async fn race(&self, promise: &Promise) -> Outcome {
        settled(&self.0.race(promise)).await
    }

    /// Whether a wait failed because the timer expired.
    pub(crate) fn is_cause(&self, cause: &JsValue) -> bool {
        self.0.is_cause(cause)
    }

    /// Returns a function that fails the wait like the platform's abort.
    pub(crate) fn abort(&self) -> JsValue {
        field(&self.0, "abort")
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Waits.
pub(crate) async fn sleep(millis: f64) {
    let timer = Timer::start(millis);
    // The expiry is a rejection.
    let _ = settled(field(&timer.0, "expired").unchecked_ref()).await;
}
