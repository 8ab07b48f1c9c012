//! The meaning of the platform's refusals. Explanations and advice come from `platform/gateway.json`.
//!
//! To add an error of the gateway, add a row there.

use crate::advice::{Action, Explanation, Setting};
use miniauth_core::error_code::ErrorCode;
use miniauth_platform::gateway::{self, gateway};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error},
};
use std::fmt;

/// The platform's refusal of a call. In a failed call it is signed; in an unsigned answer it is only a claim.
///
/// It omits `sub_msg` on purpose: for a wrong signature the platform puts the whole string to sign there, with the auth
/// code or token, and refusals are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    code: String,
    sub_code: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: Option<&str>, sub_code: Option<&str>) -> Self {
        Self { code: plain(code).unwrap_or_default(), sub_code: plain(sub_code) }
    }

    /// Returns the platform's `code`, such as `40002`. Empty if there is none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the platform's `sub_code`, such as `isv.code-invalid`.
    pub fn sub_code(&self) -> Option<&str> {
        self.sub_code.as_deref()
    }

    /// Returns its meaning for miniauth. The `sub_code` decides, or the `code` if the `sub_code` is unknown.
    pub fn meaning(&self) -> ErrorCode {
        self.known().meaning
    }

    /// Returns what the caller should do.
    pub fn action(&self) -> Action {
        self.known().action
    }

    /// Returns the reason in two languages.
    pub fn explanation(&self) -> Explanation {
        self.known().explanation
    }

    /// Returns the setting to check and the reason, in one line: `isv.invalid-app-id: check app_id. The app id is
    /// wrong, ...`.
    pub fn advice(&self) -> String {
        let name =
            self.sub_code().unwrap_or(if self.code.is_empty() { "a refusal without a code" } else { &self.code });
        let check = match self.action() {
            Action::FixConfiguration(setting) => format!("check {setting}. "),
            _ => String::new(),
        };
        format!("{name}: {check}{}", self.explanation().en)
    }

    fn known(&self) -> Known {
        gateway().meaning(&self.code, self.sub_code()).and_then(Known::of).unwrap_or(UNKNOWN)
    }

    /// Returns whether the platform says that its own service failed, so that the same call may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        self.code == "20000" || self.sub_code.as_deref() == Some("isp.unknow-error")
    }

    /// Returns whether the platform certainly did not carry out the call. This is unknown for its own failures.
    pub(crate) fn outcome_known(&self) -> bool {
        !self.is_passing()
    }
}

/// Returns a code if it is short and plain. Other text must not get into the log.
fn plain(code: Option<&str>) -> Option<String> {
    let is_plain = |code: &&str| {
        let fits = (1..=64).contains(&code.len());
        fits && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    code.filter(is_plain).map(str::to_owned)
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.code.is_empty() { "without a code" } else { self.code.as_str() };
        match self.sub_code.as_deref() {
            Some(sub_code) => write!(formatter, "{code} {sub_code}"),
            None => formatter.write_str(code),
        }
    }
}

/// What is known about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    meaning: ErrorCode,
    action: Action,
    explanation: Explanation,
}

impl Known {
    /// Returns `None` for an unknown name. The data is compiled in, and a test reads all of it.
    fn of(known: &'static gateway::Meaning) -> Option<Self> {
        let action = match &known.action {
            gateway::Action::Reauthorize => Action::Reauthorize,
            gateway::Action::RetryLater => Action::RetryLater,
            gateway::Action::ReportBug => Action::ReportBug,
            gateway::Action::Fix(setting) => Action::FixConfiguration(setting_named(setting)?),
        };
        let explanation = Explanation { zh: &known.zh, en: &known.en };
        Some(Self { meaning: known.meaning.parse().ok()?, action, explanation })
    }
}

fn setting_named(name: &str) -> Option<Setting> {
    Setting::deserialize(IntoDeserializer::<Error>::into_deserializer(name)).ok()
}

const UNKNOWN: Known = Known {
    meaning: ErrorCode::GatewayRejected,
    action: Action::ReportBug,
    explanation: Explanation {
        zh: "平台拒绝了调用：请查阅该接口文档中的 sub_code。",
        en: "Look up the sub_code in the documentation of the called API.",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, sub_code: &str) -> Refusal {
        Refusal::new(Some(code), Some(sub_code))
    }

    #[test]
    fn every_known_refusal_has_a_meaning() {
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
            let refusal = refusal(code, sub_code);
            assert_eq!((refusal.meaning(), refusal.outcome_known()), (meaning, known), "{refusal}");
        }
    }

    #[test]
    fn codes_that_could_forge_log_lines_are_dropped() {
        let refusal = refusal("40002\nINFO all is well", "isv.code-invalid\u{1b}[2J");
        assert_eq!((refusal.code(), refusal.sub_code()), ("", None));
        assert_eq!(refusal.to_string(), "without a code");
        assert_eq!(self::refusal("40002", &"a".repeat(65)).sub_code(), None);
    }

    #[test]
    fn advice_names_the_refusal_and_the_setting() {
        let advice = refusal("40002", "isv.invalid-app-id").advice();
        assert!(advice.starts_with("isv.invalid-app-id: check app_id. "), "{advice}");
        assert!(refusal("20000", "isp.unknow-error").advice().starts_with("isp.unknow-error: "));
        assert!(Refusal::new(Some("40004"), None).advice().starts_with("40004: "));
        assert!(Refusal::new(None, None).advice().starts_with("a refusal without a code: "));
    }

    fn known_refusals() -> impl Iterator<Item = (&'static String, &'static gateway::KnownRefusal)> {
        gateway().refusals.iter()
    }

    #[test]
    fn every_refusal_and_every_code_of_the_data_is_understood() {
        for (sub_code, known) in known_refusals() {
            let wanted = known.meaning.as_ref().unwrap_or(&gateway().codes[&known.code].meaning);
            assert_eq!(Known::of(wanted), Some(refusal(&known.code, sub_code).known()), "{sub_code}");
        }
        for (code, known) in &gateway().codes {
            assert_eq!(Known::of(&known.meaning), Some(refusal(code, "isv.something-new").known()), "{code}");
        }
        assert_eq!(refusal("49999", "").known(), UNKNOWN);
    }

    #[test]
    fn a_new_authorisation_is_asked_for_only_where_it_helps() {
        for (sub_code, known) in known_refusals() {
            let found = refusal(&known.code, sub_code).known();
            assert!(found.action != Action::Reauthorize || found.meaning.reauthorize(), "{sub_code}");
        }
    }
}
