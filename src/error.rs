//! Failures on their way to JavaScript.

use crate::read::{Problem, field, set, set_text, text};
use gloo_utils::errors::JsError;
use js_sys::Object;
use miniauth_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;

/// What the driver turns into a `MiniauthError`: a plain object from the start, so that it is small to hand on.
pub(crate) struct Failure {
    code: ErrorCode,
    object: Object,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode) -> Self {
        let failure = Self { code, object: Object::new() }.with("code", code.as_str());
        // What a server answers is a status first of all; its problem document says more.
        match code.words_of_module().or(ErrorCode::HttpStatus.words_of_module()) {
            Some((title, advice)) => failure.because(title).advised(advice.zh, advice.en),
            None => failure,
        }
    }

    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened, as the page is told.
    pub(crate) fn message(&self) -> JsValue {
        field(&self.object, "message")
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
    pub(crate) fn because(self, reason: &str) -> Self {
        self.with("message", reason)
    }

    /// What the platform failed with: an object, an error, a string or nothing.
    pub(crate) fn caused_by(self, cause: JsValue) -> Self {
        match describe(&cause) {
            Some(words) => self.because(&words),
            None => self,
        }
        .with_value("cause", &cause)
    }

    /// What the server said is better advice than what the code alone says.
    pub(crate) fn advised_by(self, problem: &Problem) -> Self {
        let failure = match &problem.message {
            Some(message) => self.because(message),
            None => self,
        };
        match &problem.advice {
            Some((zh, en)) => failure.advised(zh, en),
            None => failure,
        }
    }

    fn advised(self, zh: &str, en: &str) -> Self {
        self.with("adviceZh", zh).with("adviceEn", en)
    }

    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        set_text(&self.object, name, text);
        self
    }

    pub(crate) fn with_value(self, name: &str, value: &JsValue) -> Self {
        set(&self.object, name, value);
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
    match engine_error(cause) {
        Some(error) => Some(error.message),
        None if cause.is_object() => text(cause, "errorMessage").or_else(|| text(cause, "message")),
        None => cause.as_string(),
    }
}

/// An error as the engine makes them. The conversion panics on one whose texts are none, and lets what its `toString` throws
/// through: those are read like any other object.
fn engine_error(cause: &JsValue) -> Option<JsError> {
    let printed_by_engine = field(cause, "toString") == field(&js_sys::Error::new(""), "toString");
    let has_texts = ["name", "message"].iter().all(|name| field(cause, name).is_string());
    if printed_by_engine && has_texts { JsError::try_from(cause.clone()).ok() } else { None }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        failure.object.into()
    }
}
