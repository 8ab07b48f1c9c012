//! `/control/fault` and `/control/faults`.

use super::body::{ControlError, Fields};
use crate::{
    faults::{Fault, FaultKind, Faults},
    gateway::RefusalNode,
    shared::Shared,
    world::World,
};
use axum::{extract::State, http::StatusCode};
use miniauth_openplatform::protocol::{OAUTH_TOKEN, USER_INFO_SHARE};
use serde::Deserialize;
use std::sync::Arc;

/// Longest delay, in milliseconds.
const MAXIMUM_DELAY: u64 = 60_000;

/// Most faults at once.
const MAXIMUM_FAULTS: usize = 32;

/// The HTTP status of a server error when none is asked for.
const BAD_GATEWAY: u16 = 502;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedFault {
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
    /// What is wrong with the combination, in a sentence.
    fn complaint(&self) -> Option<&'static str> {
        let delays = self.kind == FaultKind::Delay;
        if self.method.as_deref().is_some_and(|method| method != OAUTH_TOKEN && method != USER_INFO_SHARE) {
            Some("method is alipay.system.oauth.token or alipay.user.info.share")
        } else if delays != self.delay_ms.is_some() || self.delay_ms.is_some_and(|delay| delay > MAXIMUM_DELAY) {
            Some("delay_ms belongs to the fault delay, which needs it, and is at most 60000")
        } else if self.as_user.is_some() && self.kind != FaultKind::IdentityMismatch {
            Some("as_user belongs to the fault identity_mismatch")
        } else if self.kind == FaultKind::IdentityMismatch && self.method.as_deref() == Some(OAUTH_TOKEN) {
            Some("identity_mismatch is a fault of alipay.user.info.share")
        } else if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            Some("rate is a share from 0 to 1")
        } else if self.status.is_some_and(|status| self.kind != FaultKind::ServerError || !(400..600).contains(&status))
        {
            Some("status belongs to the fault server_error and is from 400 to 599")
        } else if self.sub_code.is_some() != (self.kind == FaultKind::Refusal) {
            Some("sub_code belongs to the fault refusal, which needs it")
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

/// Several faults at once; the first that applies to a call strikes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedFaults {
    faults: Vec<WantedFault>,
    /// The same seed and the same calls give the same faults; without one, the sandbox chooses.
    seed: Option<u64>,
}

pub(super) async fn set(
    shared: State<Arc<Shared>>,
    Fields(wanted): Fields<WantedFault>,
) -> Result<StatusCode, ControlError> {
    set_all(shared, Fields(WantedFaults { faults: vec![wanted], seed: None })).await
}

pub(super) async fn set_all(
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
