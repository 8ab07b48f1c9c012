//! Logging in: one code, one exchange.
//!
//! ```text
//! post -> turn (one post of a code at a time) -> claim, durable before the exchange -> exchange (-> user information)
//!      -> all at once: member, grant, session, consent, outcome of the claim -> answer
//! ```
//!
//! A second post of a code finds its claim and gets what [`replay`] says, never a second exchange.

mod complete;
mod failure;
mod refresh;
mod replay;
mod turns;

pub(crate) use failure::LoginError;
pub(crate) use turns::Turns;

use crate::{
    crypto::{CodeHash, LoginIdHash, Salt, Sealers, SessionDeriver, SessionHash, UserMarks},
    metrics::Metrics,
    session::SessionRules,
    store::{Stores, codes::Claim, members::GrantId},
};
use miniauth_core::{
    random::Random,
    scope::Scope,
    time::{Clock, Timestamp},
    wire::{AuthAnswer, AuthRequest},
};
use miniauth_openplatform::{Gateway, GatewayError};
use std::{sync::Arc, time::Duration};

/// How long a post waits for an earlier one with the same code. The earlier one is bounded by the gateway's own limits;
/// this is for the client, whose requests last 30 seconds unless it says otherwise.
const LONGEST_WAIT_FOR_A_TURN: Duration = Duration::from_secs(25);

/// Everything that a login needs.
pub(crate) struct Logins {
    pub(crate) stores: Stores,
    pub(crate) gateway: Gateway,
    pub(crate) sealers: Sealers,
    pub(crate) deriver: SessionDeriver,
    pub(crate) session_rules: SessionRules,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) marks: UserMarks,
    pub(crate) turns: Turns<CodeHash>,
    /// Refreshes of members, one at a time for each user's grant.
    pub(crate) refreshes: Turns<GrantId>,
}

impl Logins {
    /// Logs in, and counts how that ended.
    pub(crate) async fn log_in(
        &self,
        request: AuthRequest,
        replaced: Option<SessionHash>,
    ) -> Result<AuthAnswer, LoginError> {
        let outcome = self.attempt(request, replaced).await;
        self.metrics.login(outcome.as_ref().err().map(LoginError::code));
        outcome
    }

    /// Counts a call of the gateway.
    fn counted<T>(&self, call: &'static str, outcome: Result<T, GatewayError>) -> Result<T, GatewayError> {
        self.metrics.gateway_call(call, outcome.as_ref().err().map(GatewayError::code));
        outcome
    }

    /// Exchanges the code of `request` for a session, which takes the place of the session `replaced` if both are of the
    /// same user.
    async fn attempt(&self, request: AuthRequest, replaced: Option<SessionHash>) -> Result<AuthAnswer, LoginError> {
        let arrived_at = self.clock.now();
        let code = CodeHash::of(&request.authcode);
        let waited = tokio::time::timeout(LONGEST_WAIT_FOR_A_TURN, self.turns.take(code.clone())).await;
        let _turn = waited.map_err(|_| LoginError::OutcomeUnknown)?;
        let claim = Claim {
            login_id: request.login_id.as_ref().map(LoginIdHash::of),
            salt: Salt::generate(&*self.random),
            claimed_at: arrived_at,
        };
        // Without a session store there would be a spent code and no session.
        self.stores.sessions.probe().await?;
        if !self.stores.codes.claim(self.app_id(), &code, &claim).await? {
            return self.answer_again(&request, &code, arrived_at).await;
        }
        match self.exchange(&request, &code, &claim, replaced).await {
            Ok(answer) => Ok(answer),
            Err(failure) => {
                self.record(&code, &failure).await?;
                Err(failure)
            }
        }
    }

    async fn exchange(
        &self,
        request: &AuthRequest,
        code: &CodeHash,
        claim: &Claim,
        replaced: Option<SessionHash>,
    ) -> Result<AuthAnswer, LoginError> {
        let exchanged = self.gateway.exchange_code(&request.authcode).await;
        let tokens = self.counted("exchange_code", exchanged).map_err(LoginError::Exchange)?;
        let member = match request.scope {
            Scope::AuthBase => None,
            Scope::AuthUser => {
                let read = self.counted("user_info", self.gateway.user_info(&tokens).await);
                Some(read.map_err(LoginError::UserInformation)?)
            }
        };
        self.complete(request, code, claim, replaced, &tokens, member).await
    }

    /// Writes down how the claim failed, so that a repeated post learns the same. A failure after which nobody knows
    /// whether the code is spent leaves the claim without an outcome.
    async fn record(&self, code: &CodeHash, failure: &LoginError) -> Result<(), LoginError> {
        if failure.leaves_outcome_unknown() {
            return Ok(());
        }
        Ok(self.stores.codes.fail(self.app_id(), code, failure.code(), self.clock.now()).await?)
    }

    pub(crate) fn app_id(&self) -> &str {
        self.gateway.app_id().as_str()
    }

    fn seconds_left(&self, expires_at: Timestamp) -> u64 {
        expires_at.millis_since(self.clock.now()) / 1_000
    }
}
