//! Promises that Rust settles or waits for, and what ends a wait.
//!
//! JavaScript runs the module's tasks (`js/src/glue.js`): nothing here has to be called back, so that no closures cross over.

use crate::values::field;
use js_sys::Promise;
use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::prelude::*;

type Outcome = Result<JsValue, JsValue>;

/// What becomes a promise. Boxed, so that the machinery behind it exists once and not once for every future.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Outcome>>>;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = runTask)]
    fn run_task(task: Task) -> Promise;

    #[wasm_bindgen(js_name = waitFor)]
    fn wait_for(promise: &Promise);

    /// How what the task waited for ended.
    #[wasm_bindgen(catch)]
    fn outcome() -> Result<JsValue, JsValue>;

    /// A promise that is rejected, which is no news where nobody waits for it.
    pub(crate) fn rejected(failure: JsValue) -> Promise;

    #[wasm_bindgen(js_name = taskFailed)]
    fn task_failed();

    /// Holds a promise for as long as it is under way. In JavaScript, where its end is seen whatever becomes of the task.
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

/// A future that JavaScript runs. It is taken out while it runs: what JavaScript throws in the middle of a step ends it, and
/// leaves nothing borrowed.
#[wasm_bindgen]
pub struct Task(Cell<Option<BoxFuture>>);

#[wasm_bindgen]
impl Task {
    /// Goes on with what the task waited for, until it waits again (for the promise of the last `waitFor`) or ends: with what
    /// is returned, which is its failure after `taskFailed`. What is thrown here is none of the task's.
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

/// The promise of a future.
pub(crate) fn promise(future: impl Future<Output = Outcome> + 'static) -> Promise {
    run_task(Task(Cell::new(Some(Box::pin(future)))))
}

/// Waits for a promise.
pub(crate) const fn settled(promise: &Promise) -> Settled<'_> {
    Settled(Some(promise))
}

/// The outcome of a promise.
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

/// A clock, which stops when it is dropped. What waits with it fails as the platform does when a request takes too long.
pub(crate) struct Timer(Clock);

impl Timer {
    pub(crate) fn start(millis: f64) -> Self {
        Self(Clock::new(millis))
    }

    /// Waits for a promise, but no longer than the clock runs.
    pub(crate) async fn race(&self, promise: &Promise) -> Outcome {
        settled(&self.0.race(promise)).await
    }

    /// Whether a wait failed since the time was over.
    pub(crate) fn is_cause(&self, cause: &JsValue) -> bool {
        self.0.is_cause(cause)
    }

    /// A function that fails the wait as the platform's abort does.
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
    // That it fails is how it ends.
    let _ = settled(field(&timer.0, "expired").unchecked_ref()).await;
}
