//! The one place where a failure becomes a status and a problem document (RFC 9457).

use crate::{login::LoginError, store::StoreError};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use miniauth_core::{
    error_code::ErrorCode,
    wire::{Problem, RequestFault},
};
use std::{error::Error, fmt::Write as _, time::Duration};

/// A request that is refused: a problem document (RFC 9457) for the client, and a cause for the log.
#[derive(Debug)]
pub struct Refusal {
    problem: Box<Problem>,
    cause: Option<String>,
    retry_after: Option<Duration>,
}

/// What the log is told about a refusal. Without personal data and secrets, like everything that is logged.
#[derive(Debug, Clone)]
pub(super) struct Reason {
    pub(super) code: ErrorCode,
    pub(super) cause: Option<String>,
}

impl Refusal {
    /// The problem document of a code.
    pub fn new(code: ErrorCode) -> Self {
        Self { problem: Box::new(Problem::new(code)), cause: None, retry_after: None }
    }

    /// Tells the client what happened this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    /// Tells the log, and only the log, what is behind it: without personal data, like everything that is logged.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Tells the client to come back after this time, in `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }
}

impl From<LoginError> for Refusal {
    fn from(failure: LoginError) -> Self {
        Self::new(failure.code()).because(with_sources(&failure))
    }
}

impl From<StoreError> for Refusal {
    fn from(fault: StoreError) -> Self {
        LoginError::Store(fault).into()
    }
}

impl From<RequestFault> for Refusal {
    fn from(fault: RequestFault) -> Self {
        // The fault quotes the client's own field names, and those may be long: the log gets the code alone.
        let refusal = Self::new(fault.code());
        let problem = match fault.field() {
            Some(field) => refusal.problem.with_field(field),
            None => *refusal.problem,
        };
        let detail: String = fault.to_string().chars().take(200).collect();
        Self { problem: Box::new(problem.with_detail(detail)), cause: None, retry_after: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.problem.code;
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).expect("a problem is strings, a number and a truth value");
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = header_of(code) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some(time) = self.retry_after {
            // In whole seconds, and not too early.
            let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response.extensions_mut().insert(Reason { code, cause: self.cause });
        response
    }
}

/// The header that some codes call for (RFC 6750 for the bearer).
fn header_of(code: ErrorCode) -> Option<(HeaderName, &'static str)> {
    match code {
        ErrorCode::BearerMissing => Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth""#)),
        ErrorCode::BearerMalformed => {
            Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth", error="invalid_request""#))
        }
        ErrorCode::SessionExpired | ErrorCode::SessionUnknown => {
            Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth", error="invalid_token""#))
        }
        // What is left of the body is not waited for.
        ErrorCode::RequestTimeout => Some((header::CONNECTION, "close")),
        ErrorCode::Overloaded => Some((header::RETRY_AFTER, "1")),
        _ => None,
    }
}

fn with_sources(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        // Our own errors quote their source already.
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            write!(text, ": {cause_text}").expect("a String takes all that is written");
        }
        source = cause.source();
    }
    text
}
