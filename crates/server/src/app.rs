//! An app of the server: what its request handlers have at hand.

use crate::{
    crypto::{CodeHash, Column, TokenOwner},
    session::Sessions,
    shared::Shared,
    store::grants::{GrantId, SealedGrant},
    turns::Turns,
};
use axum::extract::FromRef;
use miniauth_core::{scope::Scope, time::Timestamp};
use miniauth_openplatform::{Gateway, GatewayError, TokenGrant};
use std::{
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};

/// Cloned several times for each request, so that it is one pointer.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) gateway: Gateway,
    pub(crate) sessions: Sessions,
    /// Posts of a code, one at a time.
    pub(crate) logins: Turns<CodeHash>,
    /// Refreshes of members, one at a time for each user's grant.
    pub(crate) refreshes: Turns<GrantId>,
    pub(crate) shared: Arc<Shared>,
}

impl App {
    pub(crate) fn new(gateway: Gateway, shared: Arc<Shared>) -> Self {
        let sessions = Sessions::new(Arc::clone(&shared)).of_app(gateway.app_id().as_str());
        Self(Arc::new(Parts { gateway, sessions, logins: Turns::default(), refreshes: Turns::default(), shared }))
    }

    pub(crate) fn id(&self) -> &str {
        self.gateway.app_id().as_str()
    }

    /// Seals the platform's tokens for the database.
    pub(crate) fn seal(&self, tokens: &TokenGrant, scope: Scope, now: Timestamp) -> SealedGrant {
        let sealer = self.sealers.current();
        let owner = TokenOwner { app_id: self.id(), subject: tokens.subject().key() };
        let seal = |token, column| sealer.seal(token, owner, column, &*self.random);
        let after = |life: Duration| now.plus_seconds(life.as_secs());
        SealedGrant {
            app_id: owner.app_id.to_owned(),
            subject: owner.subject.to_owned(),
            scope,
            key_id: sealer.key_id().to_owned(),
            access_token: seal(tokens.access_token(), Column::AccessToken),
            refresh_token: tokens.refresh_token().map(|token| seal(token, Column::RefreshToken)),
            access_expires_at: tokens.expires_in().map(after),
            refresh_expires_at: tokens.re_expires_in().map(after),
            granted_at: now,
        }
    }

    /// Calls the gateway, and takes note of how that ended and how long it took.
    pub(crate) async fn measured<T>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let started = Instant::now();
        let answer = answer.await;
        self.metrics.gateway_call(call, answer.as_ref().err().map(GatewayError::code), started.elapsed());
        answer
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Deref for Parts {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}
