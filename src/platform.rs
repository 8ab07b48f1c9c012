//! The platform's `my`, as it was passed in.

use crate::{
    error::ClientError,
    promise::Timer,
    read::{field, function, text},
};
use js_sys::{Function, Object, Promise};
use miniauth_core::{error_code::ErrorCode, text::joined};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, prelude::*};

#[wasm_bindgen]
extern "C" {
    /// The mini-program's `my`.
    pub(crate) type My;

    #[wasm_bindgen(method, structural, catch, js_name = canIUse)]
    fn can_i_use(this: &My, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = callPlatform)]
    fn call_platform(my: &My, call: &Function, options: &Object) -> JsValue;
}

/// Calls into the platform.
pub(crate) struct Platform {
    my: My,
    /// What was found usable or not: a base library does not change while the app runs.
    usable: RefCell<Vec<(&'static str, bool)>>,
    /// The platform's own functions where the guard stands in front of them on `my`.
    guarded: RefCell<Vec<(String, Function)>>,
}

/// How a call ended that brought no answer.
pub(crate) enum CallError {
    /// What the platform failed with, or threw.
    Failed(JsValue),
    /// Nothing came back in time. What still may.
    TimedOut(Promise),
}

impl Platform {
    pub(crate) fn new(my: JsValue) -> Self {
        Self { my: my.unchecked_into(), usable: RefCell::default(), guarded: RefCell::default() }
    }

    /// Remembers the platform's own function, before the guard's takes its place.
    pub(crate) fn keep_original(&self, name: String, function: Function) {
        self.guarded.borrow_mut().push((name, function));
    }

    /// Whether the platform has a call and, where it has `canIUse`, says that it can be used.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        if let Some((_, usable)) = self.usable.borrow().iter().find(|(asked, _)| *asked == name) {
            return *usable;
        }
        let usable = self.function(name).is_some() && self.my.can_i_use(name).map_or(true, |answer| answer.is_truthy());
        self.usable.borrow_mut().push((name, usable));
        usable
    }

    /// The platform's own function.
    pub(crate) fn function(&self, name: &str) -> Option<Function> {
        if let Some((_, original)) = self.guarded.borrow().iter().find(|(guarded, _)| guarded == name) {
            return Some(original.clone());
        }
        function(&self.my, name)
    }

    /// Calls `my.<name>(options)` with the callbacks that every version understands, and waits so many milliseconds.
    pub(crate) async fn call(&self, name: &str, options: &Object, millis: f64) -> Result<JsValue, CallError> {
        let answered = self.start(name, options).0;
        let timer = Timer::start(millis);
        timer.race(&answered).await.map_err(|cause| {
            if timer.is_cause(&cause) { CallError::TimedOut(answered) } else { CallError::Failed(cause) }
        })
    }

    /// Calls `my.<name>(options)`: what it answers, and what it returned at once, which for a request is its task.
    pub(crate) fn start(&self, name: &str, options: &Object) -> (Promise, JsValue) {
        let Some(function) = self.function(name) else {
            return (Promise::reject(&missing(name).into()), JsValue::UNDEFINED);
        };
        let called = call_platform(&self.my, &function, options);
        (field(&called, "answered").unchecked_into(), field(&called, "task"))
    }

    /// Calls `my.<name>(options)` and returns what it returned.
    pub(crate) fn call_at_once(&self, name: &str, options: &Object) -> Result<JsValue, JsValue> {
        match self.function(name) {
            Some(function) => function.call1(&self.my, options),
            None => Err(missing(name).into()),
        }
    }
}

/// The failure of a call that the platform does not have.
pub(crate) fn missing(name: &str) -> ClientError {
    ClientError::new(ErrorCode::PlatformUnsupported).because(&joined(&["my.", name, " is missing"]))
}

/// What the platform failed with, or the failure that this module made before it got there.
pub(crate) fn passed_on(code: ErrorCode, cause: JsValue) -> ClientError {
    if text(&cause, "code").as_deref() == Some(ErrorCode::PlatformUnsupported.as_str()) {
        return ClientError::new(ErrorCode::PlatformUnsupported).because(&text(&cause, "message").unwrap_or_default());
    }
    ClientError::new(code).caused_by(cause)
}
