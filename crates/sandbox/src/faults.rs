//! Faults on demand, set by `/control/fault` and `/control/faults`.

use crate::{
    control::{ControlError, Fields},
    gateway::RefusalNode,
    world::{Shared, World},
};
use axum::{extract::State, http::StatusCode};
use fastrand::Rng;
use miniauth_openplatform::protocol::{USER_INFO_SHARE, WITHDRAWAL_MESSAGE};
use miniauth_platform::gateway;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A kind of fault in a call to the gateway or in a message to the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// No fault.
    None,
    /// The user information is another user's, correctly signed.
    IdentityMismatch,
    /// The signature is the platform's, but over other bytes.
    WrongSignature,
    /// The answer has no signature.
    Unsigned,
    /// The connection closes without an answer; the call is not carried out.
    Unavailable,
    /// The call is carried out, and the connection is reset before the answer.
    Reset,
    /// HTTP status 502, or another, with a page instead of an answer; the call is not carried out.
    ServerError,
    /// The answer comes late.
    Delay,
    /// The call is carried out and never answered; the connection stays open.
    NoAnswer,
    /// The second half of the answer is missing.
    TruncatedBody,
    /// The answer is correctly signed, but in the character set that was not requested.
    WrongCharset,
    /// The answer has its node twice.
    DuplicateNode,
    /// The answer was signed an hour ago, like a recorded one. Has no effect on v2, whose answers have no signed time.
    Recorded,
    /// The call reaches the platform twice, and the second answer is returned. A message is sent twice in a row.
    DuplicateDelivery,
    /// A message to the app is never sent.
    Lost,
    /// The node is a string, as if content encryption were switched on.
    Encrypted,
    /// The platform refuses with a given `sub_code`; the call is not carried out.
    Refusal,
}

/// A fault and the calls that it applies to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// The only method that it applies to.
    pub(crate) method: Option<String>,
    /// The number of further calls that it applies to; `None` means no limit.
    pub(crate) times: Option<u32>,
    /// The share of those calls that it strikes, from 0 to 1; `None` means all.
    pub(crate) rate: Option<f64>,
    pub(crate) delay_ms: u64,
    /// The HTTP status of a server error.
    pub(crate) status: u16,
    /// The user whose information a mismatched answer has.
    pub(crate) as_user: Option<String>,
    /// The platform's refusal.
    pub(crate) refusal: Option<RefusalNode>,
}

impl Fault {
    fn concerns(&self, method: &str) -> bool {
        let concerned = match (&self.method, self.kind) {
            (_, FaultKind::None) => false,
            (Some(only), _) => only == method,
            // Only this answer is about a user whom the caller already knows.
            (None, FaultKind::IdentityMismatch) => method == USER_INFO_SHARE,
            // A message is not a call: its faults name it as their method.
            (None, _) => method != WITHDRAWAL_MESSAGE,
        };
        concerned && self.times != Some(0)
    }
}

/// The active faults, and the dice for those with a rate.
#[derive(Debug)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    dice: Rng,
}

impl Faults {
    pub(crate) fn none() -> Self {
        Self::new(Vec::new(), 0)
    }

    /// Sets the faults. The same seed and the same calls in the same order give the same faults.
    pub(crate) fn new(list: Vec<Fault>, seed: u64) -> Self {
        Self { list, dice: Rng::with_seed(seed) }
    }

    /// Returns the first fault that strikes a call of `method`, and counts it.
    pub(crate) fn strike(&mut self, method: &str) -> Option<Fault> {
        let Self { list, dice } = self;
        let fault =
            list.iter_mut().find(|fault| fault.concerns(method) && fault.rate.is_none_or(|rate| dice.f64() < rate))?;
        fault.times = fault.times.map(|times| times - 1);
        Some(fault.clone())
    }
}

/// The longest delay in milliseconds.
const MAXIMUM_DELAY: u64 = 60_000;

/// The longest delay of a message in milliseconds: the platform repeats a message for about as long.
const MAXIMUM_MESSAGE_DELAY: u64 = 25 * 60 * 60 * 1_000;

/// The most faults at once.
const MAXIMUM_FAULTS: usize = 32;

/// The default HTTP status of a server error.
const BAD_GATEWAY: u16 = 502;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedFault {
    kind: FaultKind,
    method: Option<String>,
    times: Option<u32>,
    rate: Option<f64>,
    delay_ms: Option<u64>,
    status: Option<u16>,
    as_user: Option<String>,
    sub_code: Option<String>,
}

impl WantedFault {
    /// Returns a sentence about what is wrong with the combination.
    fn complaint(&self) -> Option<&'static str> {
        let delays = self.kind == FaultKind::Delay;
        let is_of_message = self.method.as_deref() == Some(WITHDRAWAL_MESSAGE);
        let longest = if is_of_message { MAXIMUM_MESSAGE_DELAY } else { MAXIMUM_DELAY };
        let of_messages = [FaultKind::None, FaultKind::Lost, FaultKind::DuplicateDelivery, FaultKind::Delay];
        let is_known = |method: &str| method == WITHDRAWAL_MESSAGE || gateway().methods.contains_key(method);
        if !self.method.as_deref().is_none_or(is_known) {
            Some(
                "method is one of the gateway's, such as alipay.system.oauth.token, or the message alipay.open.auth.userauth.cancelled",
            )
        } else if is_of_message && !of_messages.contains(&self.kind) {
            Some("a message can be lost, late (delay) or sent twice (duplicate_delivery)")
        } else if self.kind == FaultKind::Lost && !is_of_message {
            Some("lost is a fault of the message alipay.open.auth.userauth.cancelled: give that as the method")
        } else if delays != self.delay_ms.is_some() || self.delay_ms.is_some_and(|delay| delay > longest) {
            Some("the fault delay, and no other, needs delay_ms, at most 60000, for a message 90000000")
        } else if self.as_user.is_some() && self.kind != FaultKind::IdentityMismatch {
            Some("as_user belongs to the fault identity_mismatch")
        } else if self.kind == FaultKind::IdentityMismatch
            && self.method.as_deref().is_some_and(|method| method != USER_INFO_SHARE)
        {
            Some("identity_mismatch is a fault of alipay.user.info.share")
        } else if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            Some("rate is a share from 0 to 1")
        } else if self.status.is_some_and(|status| self.kind != FaultKind::ServerError || !(400..600).contains(&status))
        {
            Some("only the fault server_error has a status, from 400 to 599")
        } else if self.sub_code.is_some() != (self.kind == FaultKind::Refusal) {
            Some("the fault refusal, and no other, needs sub_code")
        } else {
            None
        }
    }

    fn checked(self, world: &World) -> Result<Fault, ControlError> {
        let invalid = |sentence: String| ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence);
        if let Some(complaint) = self.complaint() {
            return Err(invalid(complaint.to_owned()));
        }
        if self.as_user.as_deref().is_some_and(|user| world.users.get(user).is_none()) {
            return Err(ControlError::unknown_user());
        }
        let refusal = self.sub_code.as_deref().map(|sub_code| {
            RefusalNode::find(sub_code).ok_or_else(|| {
                let known: Vec<_> = RefusalNode::sub_codes().collect();
                invalid(format!("sub_code is one of {}", known.join(", ")))
            })
        });
        Ok(Fault {
            kind: self.kind,
            method: self.method,
            times: self.times,
            rate: self.rate,
            delay_ms: self.delay_ms.unwrap_or_default(),
            status: self.status.unwrap_or(BAD_GATEWAY),
            as_user: self.as_user,
            refusal: refusal.transpose()?,
        })
    }
}

/// Several faults at once; only the first that applies strikes a call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedFaults {
    faults: Vec<WantedFault>,
    /// The same seed and the same calls give the same faults. By default the sandbox draws one.
    seed: Option<u64>,
}

pub(crate) async fn set(
    shared: State<Arc<Shared>>,
    Fields(wanted): Fields<WantedFault>,
) -> Result<StatusCode, ControlError> {
    set_all(shared, Fields(WantedFaults { faults: vec![wanted], seed: None })).await
}

pub(crate) async fn set_all(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedFaults>,
) -> Result<StatusCode, ControlError> {
    if wanted.faults.len() > MAXIMUM_FAULTS {
        let sentence = format!("there are at most {MAXIMUM_FAULTS} faults at once");
        return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence));
    }
    let mut world = shared.world();
    let faults: Result<Vec<_>, _> = wanted.faults.into_iter().map(|fault| fault.checked(&world)).collect();
    let seed = wanted.seed.unwrap_or_else(|| {
        let mut bytes = [0; 8];
        shared.random.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    });
    world.faults = Faults::new(faults?, seed);
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::protocol::OAUTH_TOKEN;

    fn fault(kind: FaultKind) -> Fault {
        let (method, times, rate, as_user, refusal) = (None, None, None, None, None);
        Fault { kind, method, times, rate, delay_ms: 0, status: 502, as_user, refusal }
    }

    fn faults(list: &[Fault]) -> Faults {
        Faults::new(list.to_vec(), 7)
    }

    #[test]
    fn a_fault_affects_only_its_calls_and_only_as_often_as_configured() {
        let mut faults = faults(&[Fault { times: Some(2), ..fault(FaultKind::Unsigned) }]);
        assert!(faults.strike(OAUTH_TOKEN).is_some() && faults.strike(USER_INFO_SHARE).is_some());
        assert_eq!(faults.strike(OAUTH_TOKEN), None);

        let only = Fault { method: Some(USER_INFO_SHARE.to_owned()), ..fault(FaultKind::Unsigned) };
        let mut faults = self::faults(&[only]);
        assert_eq!(faults.strike(OAUTH_TOKEN), None);
        assert!(faults.strike(USER_INFO_SHARE).is_some());

        let mut faults = self::faults(&[Fault { times: Some(1), ..fault(FaultKind::IdentityMismatch) }]);
        assert_eq!(faults.strike(OAUTH_TOKEN), None, "an exchange does not use it up");
        assert!(faults.strike(USER_INFO_SHARE).is_some());
        assert_eq!(Faults::none().strike(OAUTH_TOKEN), None);
        assert_eq!(self::faults(&[fault(FaultKind::None)]).strike(OAUTH_TOKEN), None);
    }

    #[test]
    fn a_rate_is_kept_and_repeats_itself_under_its_seed() {
        let rates = [
            Fault { rate: Some(0.1), ..fault(FaultKind::Reset) },
            Fault { rate: Some(0.25), ..fault(FaultKind::Unsigned) },
        ];
        let struck = |seed| {
            let mut faults = Faults::new(rates.to_vec(), seed);
            (0..10_000).map(|_| faults.strike(OAUTH_TOKEN).map(|fault| fault.kind)).collect::<Vec<_>>()
        };
        let first = struck(1);
        assert_eq!(first, struck(1));
        assert_ne!(first, struck(2));
        let count = |kind| first.iter().filter(|struck| **struck == Some(kind)).count();
        assert!((900..1_100).contains(&count(FaultKind::Reset)), "{}", count(FaultKind::Reset));
        // A quarter of the nine tenths that the first one leaves.
        assert!((2_100..2_400).contains(&count(FaultKind::Unsigned)), "{}", count(FaultKind::Unsigned));
    }
}
