//! Failures passed to JavaScript.

use crate::values::{ReceivedProblem, field, set, set_text, words};
use js_sys::Object;
use miniauth_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Builds the failure of a code: the names and texts of all codes are in JavaScript, where they are smaller.
    #[wasm_bindgen(js_name = failureOf)]
    fn failure_of(code: u32) -> Object;

    #[wasm_bindgen(js_name = codeNumber)]
    fn code_number(name: &JsValue) -> i32;
}

/// A failure that the driver turns into a `MiniauthError`: a plain object from the start, so it is cheap to pass on.
pub(crate) struct ClientError {
    code: ErrorCode,
    object: Object,
}

impl ClientError {
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self { code, object: failure_of(code as u32) }
    }

    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened, for the page.
    pub(crate) fn message(&self) -> JsValue {
        field(&self.object, "message")
    }

    /// Whether the network failed, so an idempotent request may be sent again.
    pub(crate) const fn is_network(&self) -> bool {
        matches!(self.code, ErrorCode::Network)
    }

    /// What happened.
    pub(crate) fn because(self, reason: &str) -> Self {
        self.with("message", reason)
    }

    /// The platform's failure: an object, an error, a string or nothing.
    pub(crate) fn caused_by(self, cause: JsValue) -> Self {
        match words(&cause) {
            Some(words) => self.because(&words),
            None => self,
        }
        .with_value("cause", &cause)
    }

    /// The server's advice is better than the code's own.
    pub(crate) fn advised_by(self, problem: &ReceivedProblem) -> Self {
        let failure = match &problem.message {
            Some(message) => self.because(message),
            None => self,
        };
        match &problem.advice {
            Some((zh, en)) => failure.with("adviceZh", zh).with("adviceEn", en),
            None => failure,
        }
    }

    /// Uses the advice of another code.
    pub(crate) fn advised_as(self, code: ErrorCode) -> Self {
        let other = Self::new(code);
        ["adviceZh", "adviceEn"].into_iter().fold(self, |failure, name| {
            let advice = field(&other.object, name);
            failure.with_value(name, &advice)
        })
    }

    /// The same platform failure under another code.
    pub(crate) fn renamed(&self, code: ErrorCode) -> Self {
        Self::new(code).caused_by(field(&self.object, "cause"))
    }

    /// The platform's own message, if the platform is the cause.
    pub(crate) fn words(&self) -> Option<String> {
        words(&field(&self.object, "cause"))
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

/// Returns the name of a code.
pub(crate) fn name_of(code: ErrorCode) -> JsValue {
    field(&failure_of(code as u32), "code")
}

/// Returns the code of a name.
pub(crate) fn code_of(name: &JsValue) -> Option<ErrorCode> {
    ErrorCode::ALL.get(code_number(name) as usize).copied()
}

impl From<ClientError> for JsValue {
    fn from(failure: ClientError) -> Self {
        failure.object.into()
    }
}
