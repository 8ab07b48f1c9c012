//! Problem documents (RFC 9457).

use crate::error_code::ErrorCode;
use serde::Serialize;

/// The body of every error answer, sent as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:miniauth:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in English.
    pub title: String,
    /// The HTTP status, again.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// The stable code.
    pub code: ErrorCode,
    /// Whether a new auth code could help.
    pub reauthorize: bool,
    /// What happened this time, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub detail: Option<String>,
    /// The field of the request that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub field: Option<String>,
    /// What to do, in both languages.
    pub advice: ProblemAdvice,
}

/// What to do about an error, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Advice))]
pub struct ProblemAdvice {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Problem {
    /// The problem document of a code. A code without a status of its own is the server's fault: 500.
    pub fn new(code: ErrorCode) -> Self {
        let advice = code.advice();
        Self {
            kind: format!("urn:miniauth:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status().unwrap_or(500),
            code,
            reauthorize: code.reauthorize(),
            detail: None,
            field: None,
            advice: ProblemAdvice { zh: advice.zh.to_owned(), en: advice.en.to_owned() },
        }
    }
}
