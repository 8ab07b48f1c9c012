//! Turns errors into answers: a status and a problem document (RFC 9457). Nothing else does.

use crate::store::StoreError;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use miniauth_core::{
    error_code::ErrorCode,
    wire::{Problem, ProblemAdvice, RequestError},
};
use miniauth_openplatform::{Action, GatewayError, GatewayErrorKind};
use serde_json::json;
use std::{collections::BTreeMap, error::Error, fmt::Write as _, time::Duration};
use utoipa::openapi::{self, ContentBuilder, HeaderBuilder, ObjectBuilder, RefOr, ResponseBuilder, Type};

/// A failed request: a problem document (RFC 9457) for the client, and a cause for the log.
///
/// Your handlers can return it too:
///
/// ```
/// use miniauth_core::error_code::ErrorCode;
/// use miniauth_server::{ApiError, Session};
///
/// async fn card(session: Session) -> Result<String, ApiError> {
///     let member = session.member().ok_or_else(|| ApiError::new(ErrorCode::MemberUnknown))?;
///     Ok(member.nick_name.clone().unwrap_or_default())
/// }
/// ```
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    cause: Option<String>,
    retry_after: Option<Duration>,
}

/// What is logged about a failed request. It has no personal data and no secrets.
#[derive(Debug, Clone)]
pub(crate) struct LoggedCause {
    pub(crate) code: ErrorCode,
    pub(crate) cause: Option<String>,
}

impl ApiError {
    /// The problem document of a code.
    pub fn new(code: ErrorCode) -> Self {
        Self { problem: Box::new(Problem::new(code)), cause: None, retry_after: None }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.problem.code
    }

    /// Adds a detail for the client: what happened this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    /// Names the wrong field of the request.
    #[must_use]
    pub(crate) fn of_field(mut self, field: &str) -> Self {
        self.problem.field = Some(field.to_owned());
        self
    }

    /// Adds the cause for the log, and only for the log. It must not contain personal data.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds an error with all its sources for the log.
    #[must_use]
    pub(crate) fn because_of(self, error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // This project's errors quote their source already.
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                write!(text, ": {cause_text}").expect("writing to a String cannot fail");
            }
            source = cause.source();
        }
        self.because(text)
    }

    /// Gives the client the gateway's explanation where it says more than the code: which setting is wrong, or what an
    /// unsigned answer claims.
    #[must_use]
    pub(crate) fn with_words_of(mut self, error: &GatewayError) -> Self {
        if let Some(claim) = error.unsigned_claim() {
            self.problem.advice.en = format!("The gateway says, unsigned: {}", claim.advice());
            self.problem.advice.zh = claim.meaning().advice().zh.to_owned();
        } else if let GatewayErrorKind::Unusable(_) = error.kind() {
            let explanation = error.explanation();
            self.problem.advice = ProblemAdvice { zh: explanation.zh.to_owned(), en: explanation.en.to_owned() };
        } else if !matches!(error.action(), Action::FixConfiguration(_)) {
            return self;
        }
        self.with_detail(error.to_string())
    }

    /// Tells the client, in `Retry-After`, how long to wait.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }
}

impl StoreError {
    pub(crate) fn code(&self) -> ErrorCode {
        if self.is_transient() { ErrorCode::Overloaded } else { ErrorCode::Internal }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::new(error.code()).because_of(&error)
    }
}

impl From<RequestError> for ApiError {
    fn from(rejected: RequestError) -> Self {
        // The text quotes the client's field names, which may be long, so the log gets only the code.
        let mut error =
            Self::new(rejected.code()).with_detail(rejected.to_string().chars().take(200).collect::<String>());
        error.problem.field = rejected.field();
        if let RequestError::MisnamedCode(_) = rejected {
            error.problem.advice.en = "Send the code of my.getAuthCode as authcode.".to_owned();
        }
        error
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.problem.code;
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).expect("a problem is strings, a number and a truth value");
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = header_of(code) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some(time) = self.retry_after {
            // In whole seconds, rounded up.
            let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response.extensions_mut().insert(LoggedCause { code, cause: self.cause });
        response
    }
}

/// Returns the header that some codes require (RFC 6750 for bearers).
fn header_of(code: ErrorCode) -> Option<(HeaderName, &'static str)> {
    match code {
        ErrorCode::BearerMissing => Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth""#)),
        ErrorCode::BearerMalformed => {
            Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth", error="invalid_request""#))
        }
        ErrorCode::SessionExpired | ErrorCode::SessionUnknown => {
            Some((header::WWW_AUTHENTICATE, r#"Bearer realm="miniauth", error="invalid_token""#))
        }
        ErrorCode::BackendUnknown => Some((header::WWW_AUTHENTICATE, r#"Basic realm="miniauth""#)),
        // The server does not wait for the rest of the body.
        ErrorCode::RequestTimeout => Some((header::CONNECTION, "close")),
        ErrorCode::Overloaded => Some((header::RETRY_AFTER, "1")),
        _ => None,
    }
}

/// The errors of every request of a client.
pub(crate) const ANY: &[ErrorCode] =
    &[ErrorCode::BearerMalformed, ErrorCode::RateLimited, ErrorCode::Internal, ErrorCode::Overloaded];

/// The errors without a valid session.
pub(crate) const NO_SESSION: &[ErrorCode] =
    &[ErrorCode::BearerMissing, ErrorCode::SessionExpired, ErrorCode::SessionUnknown];

/// The errors of a body.
pub(crate) const BODY: &[ErrorCode] = &[
    ErrorCode::BodyMalformed,
    ErrorCode::RequestTimeout,
    ErrorCode::BodyTooLarge,
    ErrorCode::ContentTypeUnsupported,
    ErrorCode::DisplayOnlyForwarded,
    ErrorCode::FieldInvalid,
    ErrorCode::FieldUnknown,
];

/// The errors of the open platform behind the server.
pub(crate) const PLATFORM: &[ErrorCode] = &[
    ErrorCode::ScopeInsufficient,
    ErrorCode::ServerMisconfigured,
    ErrorCode::GatewayIdentityMismatch,
    ErrorCode::GatewayRejected,
    ErrorCode::GatewayUntrusted,
    ErrorCode::ProductNotInForce,
    ErrorCode::GatewayUnavailable,
];

/// Declares the errors of an endpoint, for the `responses` of its `#[utoipa::path]`: a name, and lists of codes.
macro_rules! describe_errors {
    ($name:ident: $($codes:expr),+) => {
        struct $name;

        impl ::utoipa::IntoResponses for $name {
            fn responses()
            -> ::std::collections::BTreeMap<String, ::utoipa::openapi::RefOr<::utoipa::openapi::Response>> {
                $crate::api_error::described(&[$($codes),+])
            }
        }
    };
}
pub(crate) use describe_errors;

/// Describes an answer for each status, with an example for each code.
pub(crate) fn described(codes: &[&[ErrorCode]]) -> BTreeMap<String, RefOr<openapi::Response>> {
    let mut statuses: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes.iter().copied().flatten() {
        if let Some(status) = code.status() {
            statuses.entry(status).or_default().push(*code);
        }
    }
    let described = |(status, codes): (u16, Vec<ErrorCode>)| {
        let examples = codes.iter().map(|code| {
            let problem = openapi::example::ExampleBuilder::new().summary(code.title());
            (code.as_str(), problem.value(Some(json!(Problem::new(*code)))).build())
        });
        let content = ContentBuilder::new()
            .schema(Some(openapi::Ref::from_schema_name("Problem")))
            .examples_from_iter(examples.map(|(code, example)| (code, RefOr::T(example))));
        let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
        let response =
            ResponseBuilder::new().description(titles.join(" ")).content("application/problem+json", content.build());
        let header = |schema: Type, description: &str| {
            let schema = ObjectBuilder::new().schema_type(schema).build();
            HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
        };
        let response = match status {
            401 => response.header("WWW-Authenticate", header(Type::String, "As in RFC 6750.")),
            429 | 503 => response.header("Retry-After", header(Type::Integer, "In seconds; not with every code.")),
            _ => response,
        };
        (status.to_string(), RefOr::T(response.build()))
    };
    statuses.into_iter().map(described).collect()
}
