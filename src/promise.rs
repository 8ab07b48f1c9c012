//! Promises that Rust settles or waits for, and what ends a wait.
//!
//! JavaScript runs the module's tasks (`js/src/glue.js`): nothing here has to be called back, so that no closures cross over.

use crate::values::{field, function};
use js_sys::{Function, Promise};
use std::{
    cell::{Cell, RefCell},
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::prelude::*;

type Outcome = Result<JsValue, JsValue>;

/// What becomes a promise. Boxed, so that the machinery behind it exists once and not once for every future.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Outcome>>>;

thread_local! {
    /// The outcome of what the task that runs now waited for.
    static SETTLED: Cell<Outcome> = const { Cell::new(Ok(JsValue::UNDEFINED)) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = runTask)]
    fn run_task(task: Task) -> Promise;

    #[wasm_bindgen(js_name = waitFor)]
    fn wait_for(promise: &Promise);

    fn deferred() -> JsValue;

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

/// A future that JavaScript runs.
#[wasm_bindgen]
pub struct Task(BoxFuture);

#[wasm_bindgen]
impl Task {
    /// Goes on with what the task waited for, until it waits again (for the promise of the last `waitFor`) or ends.
    ///
    /// # Errors
    /// What the task failed with.
    pub fn step(&mut self, fulfilled: bool, value: JsValue) -> Result<JsValue, JsValue> {
        SETTLED.set(if fulfilled { Ok(value) } else { Err(value) });
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Ok(JsValue::UNDEFINED),
        }
    }
}

/// The promise of a future.
pub(crate) fn promise(future: impl Future<Output = Outcome> + 'static) -> Promise {
    run_task(Task(Box::pin(future)))
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
            None => Poll::Ready(SETTLED.replace(Ok(JsValue::UNDEFINED))),
        }
    }
}

/// A promise, and what resolves it.
pub(crate) struct Deferred {
    pub(crate) promise: Promise,
    resolve: Option<Function>,
}

impl Deferred {
    pub(crate) fn new() -> Self {
        let deferred = deferred();
        Self { promise: field(&deferred, "promise").unchecked_into(), resolve: function(&deferred, "resolve") }
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
        let _ = settled(&before).await;
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.resolve(&JsValue::UNDEFINED);
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
    // That it fails is how it ends.
    let _ = Timer::start(millis).race(&Deferred::new().promise).await;
}
