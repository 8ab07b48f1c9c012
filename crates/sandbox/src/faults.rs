//! Faults on demand.

use miniauth_openplatform::protocol::USER_INFO_SHARE;
use serde::{Deserialize, Serialize};

/// What goes wrong with a call to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// Nothing.
    None,
    /// User information is about someone else, and rightly signed.
    IdentityMismatch,
    /// The signature is one of the platform's, but over other bytes.
    WrongSignature,
    /// The answer has no signature.
    Unsigned,
    /// The connection is closed without an answer, and the call was not carried out.
    Unavailable,
    /// The call was carried out, and the connection is reset before the answer is sent.
    Reset,
    /// HTTP status 502 with a page in place of an answer; the call was not carried out.
    ServerError,
    /// The answer comes late.
    Delay,
}

/// The fault that is in force, and for which calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// The only method that it applies to.
    pub(crate) method: Option<String>,
    /// How many more calls it applies to; without end when `None`.
    pub(crate) times: Option<u32>,
    pub(crate) delay_ms: u64,
    /// Whom a mismatched answer is about.
    pub(crate) as_user: Option<String>,
}

impl Fault {
    pub(crate) fn none() -> Self {
        Self { kind: FaultKind::None, method: None, times: None, delay_ms: 0, as_user: None }
    }

    /// The fault that applies to a call of `method`, which counts as one of its times.
    pub(crate) fn strike(&mut self, method: &str) -> Option<Self> {
        let concerned = match (&self.method, self.kind) {
            (_, FaultKind::None) => false,
            (Some(only), _) => only == method,
            // No other answer is about a user whom the caller knows already.
            (None, FaultKind::IdentityMismatch) => method == USER_INFO_SHARE,
            (None, _) => true,
        };
        if !concerned || self.times == Some(0) {
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::protocol::OAUTH_TOKEN;

    #[test]
    fn a_fault_strikes_the_calls_that_it_is_for_and_as_often_as_asked() {
        let mut fault = Fault { kind: FaultKind::Unsigned, times: Some(2), ..Fault::none() };
        assert!(fault.strike(OAUTH_TOKEN).is_some() && fault.strike(USER_INFO_SHARE).is_some());
        assert_eq!(fault.strike(OAUTH_TOKEN), None);

        let mut fault = Fault { kind: FaultKind::Unsigned, method: Some(USER_INFO_SHARE.to_owned()), ..Fault::none() };
        assert_eq!(fault.strike(OAUTH_TOKEN), None);
        assert!(fault.strike(USER_INFO_SHARE).is_some());

        let mut fault = Fault { kind: FaultKind::IdentityMismatch, times: Some(1), ..Fault::none() };
        assert_eq!(fault.strike(OAUTH_TOKEN), None, "an exchange does not use it up");
        assert!(fault.strike(USER_INFO_SHARE).is_some());
        assert_eq!(Fault::none().strike(OAUTH_TOKEN), None);
    }
}
