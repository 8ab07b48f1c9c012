//! The client of the open platform's gateway.

use crate::{
    call::{Call, Caller, Repeat},
    config::{AppId, ConfigFault, GatewayConfig},
    error::{Failure, GatewayError},
    grant::TokenGrant,
    member::VerifiedMember,
    probe::Probe,
    protocol::{OAUTH_TOKEN, USER_INFO_SHARE},
    subject::Subject,
};
use miniauth_core::{random::Random, time::Clock, wire::AuthCode};
use secrecy::{ExposeSecret as _, SecretString};
use std::{fmt, sync::Arc};

/// Speaks to the open platform as one app. Cheap to clone; clones share connections and limits.
///
/// Every answer's signature is verified, over the very bytes that came; there is no way to switch that off.
#[derive(Clone)]
pub struct Gateway(Arc<Caller>);

impl Gateway {
    /// Sets up a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ConfigFault`] when the configuration cannot work, above all when the app's own public key was given as the
    /// platform's, the commonest mistake of all.
    pub fn new(config: GatewayConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, ConfigFault> {
        Ok(Self(Arc::new(Caller::new(config, clock, random)?)))
    }

    /// The app as which this client speaks.
    pub fn app_id(&self) -> &AppId {
        &self.0.app_id
    }

    /// Exchanges an auth code for tokens (`alipay.system.oauth.token`). The code is spent by this, even when it fails,
    /// and the call is never repeated.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`outcome_known`](GatewayError::outcome_known) tells whether the platform may have
    /// carried out an exchange of which no answer came.
    pub async fn exchange_code(&self, code: &AuthCode) -> Result<TokenGrant, GatewayError> {
        let business = [("grant_type", "authorization_code"), ("code", code.expose())];
        let call = Call { method: OAUTH_TOKEN, business: &business, repeat: Repeat::Never };
        self.0.call(call, TokenGrant::from_verified).await
    }

    /// Exchanges a refresh token for new tokens of the same user (`alipay.system.oauth.token`). The refresh token is
    /// spent by this.
    ///
    /// Repeated, within the call's time, only when it had no effect for sure: no connection, or the platform says that
    /// its own service failed.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](Failure::IdentityMismatch) when the new tokens are not `subject`'s.
    pub async fn refresh(&self, subject: &Subject, refresh_token: &SecretString) -> Result<TokenGrant, GatewayError> {
        let business = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
        let call = Call { method: OAUTH_TOKEN, business: &business, repeat: Repeat::WithoutEffect };
        let read = |node| match TokenGrant::from_verified(node)? {
            grant if grant.subject().same_user(subject) => Ok(grant),
            _ => Err(Failure::IdentityMismatch),
        };
        self.0.call(call, read).await
    }

    /// Reads the information of the member whom `grant` is about (`alipay.user.info.share`). Repeated, within the
    /// call's time, when the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](Failure::IdentityMismatch) when the platform answers about anyone else.
    pub async fn user_info(&self, grant: &TokenGrant) -> Result<VerifiedMember, GatewayError> {
        self.user_info_with(grant.subject(), grant.access_token()).await
    }

    /// Reads the information of a member with an access token that was kept, as [`user_info`](Self::user_info) does
    /// with a fresh one. `subject` is the user whose grant gave the token.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`access_token_over`](GatewayError::access_token_over) tells whether new tokens may help
    /// ([`refresh`](Self::refresh)). [`IdentityMismatch`](Failure::IdentityMismatch) when the platform answers about
    /// anyone else than `subject`.
    pub async fn user_info_with(
        &self,
        subject: &Subject,
        access_token: &SecretString,
    ) -> Result<VerifiedMember, GatewayError> {
        let business = [("auth_token", access_token.expose_secret())];
        let call = Call { method: USER_INFO_SHARE, business: &business, repeat: Repeat::Read };
        self.0.call(call, |node| VerifiedMember::from_verified(node, subject)).await
    }

    /// Asks the gateway something that it must refuse: whether it refuses in the right words shows whether address, app
    /// id, keys and character set fit. For `miniauth doctor`; it changes nothing on the platform.
    pub async fn probe(&self) -> Probe {
        let business = [("grant_type", "authorization_code"), ("code", "miniauth-doctor")];
        let call = Call { method: OAUTH_TOKEN, business: &business, repeat: Repeat::Never };
        let (about, outcome) = self.0.probe(call).await;
        Probe::new(about, outcome)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gateway").field("app_id", &self.0.app_id).finish_non_exhaustive()
    }
}
