//! Failures on their way to JavaScript.

use crate::read::{ReceivedProblem, field, set, set_text, words};
use js_sys::Object;
use miniauth_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;

/// What the driver turns into a `MiniauthError`: a plain object from the start, so that it is small to hand on.
pub(crate) struct ClientError {
    code: ErrorCode,
    object: Object,
}

impl ClientError {
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
        match words(&cause) {
            Some(words) => self.because(&words),
            None => self,
        }
        .with_value("cause", &cause)
    }

    /// What the server said is better advice than what the code alone says.
    pub(crate) fn advised_by(self, problem: &ReceivedProblem) -> Self {
        let failure = match &problem.message {
            Some(message) => self.because(message),
            None => self,
        };
        match &problem.advice {
            Some((zh, en)) => failure.advised(zh, en),
            None => failure,
        }
    }

    /// What can be done is what can be done about another code.
    pub(crate) fn advised_as(self, code: ErrorCode) -> Self {
        match code.words_of_module() {
            Some((_, advice)) => self.advised(advice.zh, advice.en),
            None => self,
        }
    }

    /// The same failure of the platform under another code.
    pub(crate) fn renamed(&self, code: ErrorCode) -> Self {
        Self::new(code).caused_by(field(&self.object, "cause"))
    }

    /// The platform's own words, where it is the cause.
    pub(crate) fn words(&self) -> Option<String> {
        words(&field(&self.object, "cause"))
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
    ClientError::new(code.parse().unwrap_or(ErrorCode::PlatformError)).into()
}

impl From<ClientError> for JsValue {
    fn from(failure: ClientError) -> Self {
        failure.object.into()
    }
}
