//! The library's decisions and their reasons, for `observe`.

use crate::{
    environment::now,
    error::{ClientError, name_of},
    values::{set, set_text},
};
use js_sys::Object;
use miniauth_core::{error_code::ErrorCode, guard::GuardError};

/// A decision as reported to the app. It never contains a found value, a code or a session.
pub(crate) struct Decision(Object);

impl Decision {
    pub(crate) fn new(kind: &str, operation: &str, outcome: &str) -> Self {
        let decision = Self(Object::new()).with("kind", kind).with("operation", operation).with("outcome", outcome);
        set(&decision.0, "at", &(now().as_millis() as f64).into());
        decision
    }

    fn with(self, name: &str, text: &str) -> Self {
        set_text(&self.0, name, text);
        self
    }

    pub(crate) fn because(self, reason: &str) -> Self {
        self.with("reason", reason)
    }

    pub(crate) fn code(self, code: ErrorCode) -> Self {
        set(&self.0, "code", &name_of(code));
        self
    }

    pub(crate) fn failure(self, failure: &ClientError) -> Self {
        set(&self.0, "reason", &failure.message());
        self.code(failure.code())
    }

    pub(crate) fn purpose(self, purpose: &str) -> Self {
        self.with("purpose", purpose)
    }

    pub(crate) fn refusal(self, refusal: &GuardError) -> Self {
        self.because(&refusal.message())
            .code(ErrorCode::DisplayOnlyForwarded)
            .with("where", &refusal.place)
            .with("encoding", &refusal.encoding())
    }

    pub(crate) fn typed(self, place: &str) -> Self {
        self.with("where", place).because("it equals the nickname, where the user typed it")
    }

    pub(crate) fn as_object(&self) -> &Object {
        &self.0
    }
}
