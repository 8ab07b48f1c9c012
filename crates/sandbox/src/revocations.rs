//! The withdrawals of consent in the last seven days, for `alipay.user.deloauth.detail.query`.

use miniauth_core::time::Timestamp;
use std::collections::VecDeque;

/// How long the platform lists a revocation, in milliseconds.
const KEPT: u64 = 7 * 24 * 60 * 60 * 1_000;

/// The most revocations that are kept.
const MAXIMUM: usize = 100_000;

/// A user's withdrawal of consent.
#[derive(Debug, Clone)]
pub(crate) struct Revocation {
    pub(crate) app_id: &'static str,
    /// The id of the test user.
    pub(crate) user: String,
    pub(crate) at: Timestamp,
}

/// All revocations, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Revocations(VecDeque<Revocation>);

impl Revocations {
    pub(crate) fn record(&mut self, revocation: Revocation) {
        let now = revocation.at;
        while self.0.len() == MAXIMUM || self.0.front().is_some_and(|oldest| now.millis_since(oldest.at) > KEPT) {
            self.0.pop_front();
        }
        self.0.push_back(revocation);
    }

    /// Iterates over the revocations of one app that are still listed.
    pub(crate) fn of(&self, app_id: &str, now: Timestamp) -> impl Iterator<Item = &Revocation> {
        self.0.iter().filter(move |each| each.app_id == app_id && now.millis_since(each.at) <= KEPT)
    }
}
