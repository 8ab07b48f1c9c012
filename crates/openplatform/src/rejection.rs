//! What the platform's refusals mean.

use crate::{
    advice::{Action, Reason},
    node::Status,
    refusals,
};
use miniauth_core::error_code::ErrorCode;
use std::fmt;

/// A refusal that the platform signed.
///
/// Its `sub_msg` is left out on purpose: for a wrong signature the platform puts the whole string to sign into it,
/// auth code or token included, and a refusal ends up in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    code: String,
    sub_code: Option<String>,
}

impl Rejection {
    pub(crate) fn new(status: Status<'_>) -> Self {
        Self { code: plain(status.code).unwrap_or_default(), sub_code: plain(status.sub_code) }
    }

    /// The platform's `code`, such as `40002`; empty when it gave none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The platform's `sub_code`, such as `isv.code-invalid`.
    pub fn sub_code(&self) -> Option<&str> {
        self.sub_code.as_deref()
    }

    /// What it means to us: the `sub_code` decides, and the `code` where that says nothing.
    pub fn meaning(&self) -> ErrorCode {
        refusals::find(&self.code, self.sub_code()).meaning
    }

    /// What the caller should do.
    pub fn action(&self) -> Action {
        refusals::find(&self.code, self.sub_code()).action
    }

    /// Why the platform refused, in two languages.
    pub fn reason(&self) -> Reason {
        refusals::find(&self.code, self.sub_code()).reason
    }

    /// Whether the platform says that its own service failed, so that the same call may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        self.code == "20000" || self.sub_code.as_deref() == Some("isp.unknow-error")
    }

    /// Whether the platform surely did not do what was asked. It does not say so of its own failures.
    pub(crate) fn outcome_known(&self) -> bool {
        !self.is_passing()
    }
}

/// Codes are short and plain; anything else would be someone writing into our logs.
fn plain(code: Option<&str>) -> Option<String> {
    let is_plain = |code: &&str| {
        let fits = (1..=64).contains(&code.len());
        fits && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    code.filter(is_plain).map(str::to_owned)
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.code.is_empty() { "without a code" } else { self.code.as_str() };
        match self.sub_code.as_deref() {
            Some(sub_code) => write!(formatter, "{code} {sub_code}"),
            None => formatter.write_str(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(code: &str, sub_code: &str) -> Rejection {
        Rejection::new(Status { code: Some(code), sub_code: Some(sub_code) })
    }

    #[test]
    fn every_known_refusal_has_its_meaning() {
        let table = [
            ("40002", "isv.code-invalid", ErrorCode::CodeInvalid, true),
            ("40002", "isv.grant-type-invalid", ErrorCode::GatewayRejected, true),
            ("40002", "isv.unmatched-app-id", ErrorCode::ServerMisconfigured, true),
            ("40002", "isv.invalid-signature", ErrorCode::ServerMisconfigured, true),
            ("40002", "isv.invalid-app-id", ErrorCode::ServerMisconfigured, true),
            ("40002", "isv.invalid-timestamp", ErrorCode::ServerMisconfigured, true),
            ("40001", "isv.missing-method", ErrorCode::GatewayRejected, true),
            ("20000", "isp.unknow-error", ErrorCode::GatewayUnavailable, false),
            ("20000", "aop.something-new", ErrorCode::GatewayUnavailable, false),
            ("20001", "aop.invalid-auth-token", ErrorCode::ScopeInsufficient, true),
            ("20001", "aop.auth-token-time-out", ErrorCode::ScopeInsufficient, true),
            ("40002", "isv.invalid-token", ErrorCode::ScopeInsufficient, true),
            ("40006", "isv.insufficient-isv-permissions", ErrorCode::ProductNotInForce, true),
            ("40006", "isv.something-new", ErrorCode::ProductNotInForce, true),
            ("40004", "isv.something-new", ErrorCode::GatewayRejected, true),
        ];
        for (code, sub_code, meaning, known) in table {
            let rejection = rejection(code, sub_code);
            assert_eq!((rejection.meaning(), rejection.outcome_known()), (meaning, known), "{rejection}");
        }
    }

    #[test]
    fn a_code_cannot_write_into_a_log() {
        let rejection = rejection("40002\nINFO all is well", "isv.code-invalid\u{1b}[2J");
        assert_eq!((rejection.code(), rejection.sub_code()), ("", None));
        assert_eq!(rejection.to_string(), "without a code");
        assert_eq!(self::rejection("40002", &"a".repeat(65)).sub_code(), None);
    }
}
