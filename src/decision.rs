//! What the library decided and why, for `observe`.

use crate::{environment::now, error::Failure};
use miniauth_core::{consent::Outcome, error_code::ErrorCode, guard::Refusal, time::Timestamp};
use serde::Serialize;

/// One decision. It never holds a value that was found, a code or a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    at: Timestamp,
    kind: &'static str,
    operation: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
}

impl Decision {
    pub(crate) fn new(kind: &'static str, operation: &'static str, outcome: &'static str) -> Self {
        Self {
            at: now(),
            kind,
            operation,
            outcome,
            reason: None,
            code: None,
            purpose: None,
            place: None,
            encoding: None,
        }
    }

    pub(crate) fn because(mut self, reason: impl ToString) -> Self {
        self.reason = Some(reason.to_string());
        self
    }

    pub(crate) fn code(mut self, code: ErrorCode) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn failure(self, failure: &Failure) -> Self {
        self.because(failure.message()).code(failure.code())
    }

    pub(crate) fn purpose(mut self, purpose: &str) -> Self {
        self.purpose = Some(purpose.to_owned());
        self
    }

    pub(crate) fn refusal(self, refusal: &Refusal) -> Self {
        let mut decision = self.because(refusal).code(ErrorCode::DisplayOnlyForwarded);
        decision.place = Some(refusal.place.clone());
        decision.encoding = Some(refusal.encoding());
        decision
    }

    pub(crate) fn typed(mut self, place: String) -> Self {
        self.place = Some(place);
        self.because("it equals the nickname and was declared as typed by the user")
    }
}

pub(crate) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "granted",
        Outcome::Refused => "refused",
        Outcome::Dismissed => "dismissed",
        Outcome::Failed => "failed",
    }
}
