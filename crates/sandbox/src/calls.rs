//! The log of calls to the gateway: never codes, tokens or anything about a user but the test user's name.

use crate::faults::FaultKind;
use miniauth_core::time::Timestamp;
use serde::Serialize;
use std::collections::VecDeque;

/// Most calls that are kept.
const MAXIMUM_CALLS: usize = 1_000;

/// The outcome of a call that went well.
pub(crate) const OK: &str = "ok";

/// The outcome of a call that a fault swallowed before anything was done.
pub(crate) const NOT_CARRIED_OUT: &str = "not_carried_out";

/// One call to the gateway.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Counts from 1, over all calls since the start or the last reset.
    sequence: u64,
    at_ms: u64,
    method: String,
    outcome: String,
    user: Option<String>,
    fault: Option<FaultKind>,
}

/// The newest calls.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    sequence: u64,
}

impl CallLog {
    pub(crate) fn record(
        &mut self,
        at: Timestamp,
        method: &str,
        outcome: &str,
        user: Option<String>,
        fault: Option<FaultKind>,
    ) {
        if self.calls.len() == MAXIMUM_CALLS {
            self.calls.pop_front();
        }
        self.sequence += 1;
        self.calls.push_back(Call {
            sequence: self.sequence,
            at_ms: at.as_millis(),
            method: method.to_owned(),
            outcome: outcome.to_owned(),
            user,
            fault,
        });
    }

    /// The calls after the one of that number; all of them when there is no such call yet, because a reset came between.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Call> {
        let sequence = if sequence > self.sequence { 0 } else { sequence };
        self.calls.iter().filter(|call| call.sequence > sequence).cloned().collect()
    }
}
