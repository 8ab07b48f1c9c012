//! The one way out: every request of this client is searched, and what was searched is what is sent.

use super::request::RequestOptions;
use crate::{
    client::Shared,
    decision::Decision,
    error::Failure,
    platform::{error_number, passed_on},
    read::field,
    snapshot,
};
use js_sys::{Object, Reflect};
use miniauth_core::{error_code::ErrorCode, platform::request_failure, wire::SessionToken};
use wasm_bindgen::JsValue;

/// What a server answered, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u16,
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
        Some(Self { status: status as u16, data: field(answer, "data"), headers: either("headers", "header") })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// `{ status, data, headers }`.
    pub(crate) fn to_javascript(&self) -> JsValue {
        let object = Object::new();
        for (name, value) in [("status", &self.status.into()), ("data", &self.data), ("headers", &self.headers)] {
            // A fresh plain object takes every property.
            let _ = Reflect::set(&object, &name.into(), value);
        }
        object.into()
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
        let options = request.platform_options(session)?;
        let name = if self.platform.has("request") { "request" } else { "httpRequest" };
        match self.platform.call(name, &options).await {
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

    fn search(&self, operation: &'static str, request: &RequestOptions) -> Result<(), Failure> {
        let outgoing = snapshot::outgoing(request.url(), request.headers(), request.data());
        let typed = self
            .guard
            .borrow()
            .check(&outgoing, request.typed())
            .map_err(|refusal| self.refuse(operation, &refusal))?;
        for place in typed {
            self.observe(Decision::new("guard", operation, "typed").typed(place));
        }
        Ok(())
    }
}
