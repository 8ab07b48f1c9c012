//! The one way out: every request of this client is searched, and what was searched is what is sent.

use super::{control::Control, request::RequestOptions};
use crate::{
    client::Shared,
    decision::Decision,
    error::Failure,
    platform::{error_number, passed_on},
    read::{field, function, set},
    timer::Timer,
};
use js_sys::{Array, Object, Promise};
use miniauth_core::{error_code::ErrorCode, platform::request_failure, text::joined, wire::SessionToken};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// What a server answered, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u32,
    pub(crate) data: JsValue,
    headers: JsValue,
}

impl Response {
    /// Reads the platform's answer; newer versions use other names. Without a number for its status it is none: an
    /// offline call was seen to succeed that way.
    fn read(answer: &JsValue) -> Option<Self> {
        let either = |name: &str, newer: &str| {
            let value = field(answer, name);
            if value.is_undefined() { field(answer, newer) } else { value }
        };
        let status = either("status", "statusCode").as_f64().filter(|status| (100.0..600.0).contains(status))?;
        Some(Self { status: status as u32, data: field(answer, "data"), headers: either("headers", "header") })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// `{ status, data, headers }`.
    pub(crate) fn to_javascript(&self) -> JsValue {
        let object = Object::new();
        set(&object, "status", &self.status.into());
        set(&object, "data", &self.data);
        set(&object, "headers", &self.headers);
        object.into()
    }

    /// What is said of an answer that says nothing of itself.
    pub(crate) fn words(&self) -> String {
        joined(&["the server answered ", &self.status.to_string()])
    }

    /// The failure of an answer whose `field` is missing or of another kind.
    pub(crate) fn breaks_contract(&self, field: &str) -> Failure {
        Failure::new(ErrorCode::ServerAnswerInvalid)
            .because(&joined(&[field, " is not as the contract says"]))
            .with_value("response", &self.to_javascript())
    }
}

impl Shared {
    /// Sends a request with a session or without.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        request: &RequestOptions,
        session: Option<&SessionToken>,
    ) -> Result<Response, Failure> {
        self.search(operation, request)?;
        let options = request.platform_options(session);
        let name = if self.platform.has("request") { "request" } else { "httpRequest" };
        match self.send_in_time(name, &options, request).await {
            Ok(answer) => Response::read(&answer)
                .ok_or_else(|| Failure::new(ErrorCode::Network).caused_by(answer).because("the answer has no status")),
            Err(cause) => {
                let code = request_failure(error_number(&cause));
                // Many versions treat every status other than 2xx, and even 201, as a failure.
                let response = (code == ErrorCode::HttpStatus).then(|| Response::read(&cause)).flatten();
                response.ok_or_else(|| passed_on(code, cause))
            }
        }
    }

    /// Calls the platform with a time-out of our own: some versions are said to ignore the platform's.
    async fn send_in_time(&self, name: &str, options: &Object, request: &RequestOptions) -> Result<JsValue, JsValue> {
        if request.control().is_some_and(Control::is_cancelled) {
            return Err(Failure::new(ErrorCode::Aborted).into());
        }
        let timer = Timer::start(request.timeout());
        let (answered, task) = self.platform.start(name, options);
        if let Some(control) = request.control() {
            control.attach(&task, &timer.abort);
        }
        let first = Promise::race(&Array::of2(&answered, &timer.expired));
        let outcome = JsFuture::from(first).await;
        let timed_out = outcome.as_ref().is_err_and(|cause| request_failure(error_number(cause)) == ErrorCode::Timeout);
        if timed_out && let Some(abort) = function(&task, "abort") {
            // Nobody waits for the answer any more, nor for the task.
            let _ = abort.call0(&task);
        }
        outcome
    }

    fn search(&self, operation: &'static str, request: &RequestOptions) -> Result<(), Failure> {
        let typed = self
            .guard
            .borrow()
            .check(request.url(), request.headers(), request.data(), request.typed())
            .map_err(|refusal| self.refuse(operation, &refusal))?;
        for place in typed {
            self.observe(Decision::new("guard", operation, "typed").typed(&place));
        }
        Ok(())
    }
}
