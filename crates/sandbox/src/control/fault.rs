//! `/control/fault`.

use super::body::{ControlError, Fields};
use crate::{
    faults::{Fault, FaultKind},
    shared::Shared,
};
use axum::{extract::State, http::StatusCode};
use miniauth_openplatform::protocol::{OAUTH_TOKEN, USER_INFO_SHARE};
use serde::Deserialize;
use std::sync::Arc;

/// Longest delay, in milliseconds.
const MAXIMUM_DELAY: u64 = 60_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedFault {
    kind: FaultKind,
    method: Option<String>,
    times: Option<u32>,
    delay_ms: Option<u64>,
    as_user: Option<String>,
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
        } else {
            None
        }
    }
}

pub(super) async fn set(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedFault>,
) -> Result<StatusCode, ControlError> {
    if let Some(complaint) = wanted.complaint() {
        return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, complaint));
    }
    let mut world = shared.world();
    if wanted.as_user.as_deref().is_some_and(|user| world.users.get(user).is_none()) {
        return Err(ControlError::unknown_user());
    }
    world.fault = Fault {
        kind: wanted.kind,
        method: wanted.method,
        times: wanted.times,
        delay_ms: wanted.delay_ms.unwrap_or_default(),
        as_user: wanted.as_user,
    };
    Ok(StatusCode::NO_CONTENT)
}
