//! The one way out: every request of this client is searched, and what was searched is what is sent.

use super::{control::Control, request::RequestOptions};
use crate::{
    client::Shared,
    decision::Decision,
    error::ClientError,
    platform::passed_on,
    read::{error_number, field, function, number, parsed, set},
    timer::Timer,
};
use js_sys::Object;
use miniauth_core::{error_code::ErrorCode, platform::request_failure, text::joined, wire::SessionToken};
use wasm_bindgen::JsValue;

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

    /// An answer that the platform could not make into the type that was asked for: as it is where nothing is lost by that,
    /// which is a status that tells of a failure, an empty body and a text; parsed, where only a byte order mark was in
    /// the way.
    ///
    /// # Errors
    /// The answer, when a page that was promised this type would get another.
    fn of_type(self, wanted: &str) -> Result<Self, Self> {
        let data = parsed(&self.data);
        let is_empty = data.as_string().is_some_and(|text| text.is_empty());
        if wanted == "text" || !self.is_success() || is_empty || self.status == 204 {
            Ok(self)
        } else if wanted == "json" && self.data.is_string() && !data.is_string() {
            Ok(Self { data, ..self })
        } else {
            Err(self)
        }
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
    pub(crate) fn breaks_contract(&self, field: &str) -> ClientError {
        ClientError::new(ErrorCode::ServerAnswerInvalid)
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
    ) -> Result<Response, ClientError> {
        self.search(operation, request)?;
        let options = request.platform_options(session);
        let name = if self.platform.has("request") { "request" } else { "httpRequest" };
        match self.send_in_time(name, &options, request).await {
            Ok(answer) => Response::read(&answer).ok_or_else(|| {
                ClientError::new(ErrorCode::Network).caused_by(answer).because("the answer has no status")
            }),
            Err(cause) => {
                let status = number(&cause, "status").map(|status| status as u32);
                let code = request_failure(error_number(&cause), status);
                // Many versions treat every status other than 2xx, and even 201, as a failure; and what is not of the type
                // that was asked for, as the page of a proxy.
                let is_answer = matches!(code, ErrorCode::HttpStatus | ErrorCode::RequestEncoding);
                match is_answer.then(|| Response::read(&cause)).flatten() {
                    Some(response) if code == ErrorCode::RequestEncoding => response
                        .of_type(request.data_type())
                        .map_err(|response| passed_on(code, cause).with_value("response", &response.to_javascript())),
                    Some(response) => Ok(response),
                    None => Err(passed_on(code, cause)),
                }
            }
        }
    }

    /// Calls the platform with a time-out of our own: some versions are said to ignore the platform's.
    async fn send_in_time(&self, name: &str, options: &Object, request: &RequestOptions) -> Result<JsValue, JsValue> {
        if request.control().is_some_and(Control::is_cancelled) {
            return Err(ClientError::new(ErrorCode::Aborted).into());
        }
        let timer = Timer::start(request.timeout());
        let (answered, task) = self.platform.start(name, options);
        if let Some(control) = request.control() {
            control.attach(&task, &timer.abort);
        }
        let outcome = timer.race(&answered).await;
        let timed_out = outcome.as_ref().is_err_and(|cause| timer.is_cause(cause));
        if timed_out && let Some(abort) = function(&task, "abort") {
            // Nobody waits for the answer any more, nor for the task.
            let _ = abort.call0(&task);
        }
        outcome
    }

    fn search(&self, operation: &'static str, request: &RequestOptions) -> Result<(), ClientError> {
        let typed = self
            .page
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
