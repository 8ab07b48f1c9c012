//! What a second post of a code is answered.

use super::{LoginError, Logins};
use crate::{
    crypto::{CodeHash, LoginIdHash, SessionHash},
    store::codes::{Claim, Outcome},
};
use miniauth_core::{
    time::Timestamp,
    wire::{AuthAnswer, AuthRequest},
};

/// How long after the first post a repeated one gets the same answer, in milliseconds.
const REPLAY_WINDOW_MILLIS: u64 = 60_000;

impl Logins {
    /// Answers a post whose code was claimed before.
    ///
    /// A repeated post (same `login_id`, within the window) gets the same session again, or the same error. Anyone else
    /// learns only that the code is spent.
    pub(super) async fn answer_again(
        &self,
        request: &AuthRequest,
        code: &CodeHash,
        arrived_at: Timestamp,
    ) -> Result<AuthAnswer, LoginError> {
        let Some((claim, outcome)) = self.stores.codes.find(self.app_id(), code).await? else {
            return Err(LoginError::OutcomeUnknown);
        };
        let outcome = outcome.ok_or(LoginError::OutcomeUnknown)?;
        if !is_repetition(request, &claim, arrived_at) {
            return Err(LoginError::CodeUsed);
        }
        match outcome {
            Outcome::Failed(code) => Err(LoginError::Before(code)),
            Outcome::Session(hash) => self.same_session(request, &claim, &hash).await,
        }
    }

    async fn same_session(
        &self,
        request: &AuthRequest,
        claim: &Claim,
        hash: &SessionHash,
    ) -> Result<AuthAnswer, LoginError> {
        let session = self.deriver.derive(&request.authcode, request.login_id.as_ref(), &claim.salt);
        // Another key, since the first post, derives another session.
        if SessionHash::of(&session) != *hash {
            return Err(LoginError::CodeUsed);
        }
        let stored = self.stores.sessions.find(hash).await?.ok_or(LoginError::CodeUsed)?;
        if stored.expires_at <= self.clock.now() {
            return Err(LoginError::CodeUsed);
        }
        Ok(AuthAnswer {
            session,
            expires_in: self.seconds_left(stored.expires_at),
            member: stored.owner.member.as_ref().map(|member| member.view().clone()),
        })
    }
}

fn is_repetition(request: &AuthRequest, claim: &Claim, arrived_at: Timestamp) -> bool {
    let same_attempt = match (&request.login_id, &claim.login_id) {
        (Some(posted), Some(claimed)) => LoginIdHash::of(posted) == *claimed,
        _ => false,
    };
    same_attempt && arrived_at.millis_since(claim.claimed_at) < REPLAY_WINDOW_MILLIS
}
