//! Failures on their way to JavaScript.

use crate::read::{Problem, text};
use gloo_utils::errors::JsError;
use js_sys::{Object, Reflect};
use miniauth_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;

/// What the driver turns into a `MiniauthError`.
pub(crate) struct Failure {
    code: ErrorCode,
    message: Option<String>,
    fields: Vec<(&'static str, JsValue)>,
    advice: Option<(String, String)>,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self { code, message: None, fields: Vec::new(), advice: None }
    }

    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.code.title())
    }

    /// Whether the request may have arrived although no answer did.
    pub(crate) const fn is_lost_answer(&self) -> bool {
        matches!(self.code, ErrorCode::Network | ErrorCode::Timeout)
    }

    /// Whether the network failed, so that an idempotent request may be sent again.
    pub(crate) const fn is_network(&self) -> bool {
        matches!(self.code, ErrorCode::Network)
    }

    /// What happened this time.
    pub(crate) fn because(mut self, reason: impl ToString) -> Self {
        self.message = Some(reason.to_string());
        self
    }

    /// What the platform failed with: an object, an error, a string or nothing.
    pub(crate) fn caused_by(mut self, cause: JsValue) -> Self {
        if self.message.is_none() {
            self.message = describe(&cause);
        }
        self.with("cause", cause)
    }

    /// What the server said is better advice than what the code alone says.
    pub(crate) fn advised_by(self, problem: Problem) -> Self {
        Self { message: problem.message, advice: problem.advice, ..self }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<JsValue>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}

/// The failure of a code, for what the driver decides by itself.
#[wasm_bindgen]
pub fn failure(code: &str) -> JsValue {
    Failure::new(code.parse().unwrap_or(ErrorCode::PlatformError)).into()
}

/// The platform's own words, if there are any.
fn describe(cause: &JsValue) -> Option<String> {
    match JsError::try_from(cause.clone()) {
        Ok(error) => Some(error.message),
        Err(_) if cause.is_object() => text(cause, "errorMessage").or_else(|| text(cause, "message")),
        Err(_) => cause.as_string(),
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let object = Object::new();
        let set = |name: &str, value: &JsValue| {
            // A fresh plain object takes every property.
            let _ = Reflect::set(&object, &name.into(), value);
        };
        set("code", &failure.code.as_str().into());
        set("message", &failure.message().into());
        let advice = failure.code.advice();
        let (zh, en) = failure.advice.unwrap_or_else(|| (advice.zh.to_owned(), advice.en.to_owned()));
        set("adviceZh", &zh.into());
        set("adviceEn", &en.into());
        for (name, value) in failure.fields {
            set(name, &value);
        }
        object.into()
    }
}
