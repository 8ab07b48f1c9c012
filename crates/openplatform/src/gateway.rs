//! The client of the open platform's gateway.

use crate::{
    answer::VerifiedNode,
    call::{Call, Caller, Retry},
    config::{AppId, ConfigError, GatewayConfig},
    error::{GatewayError, GatewayErrorKind},
    keys::SignError,
    member::{TokenGrant, UserIds, VerifiedMember},
    message::{self, Message, MessageError},
    phone::{self, PhoneError, PhoneNumber},
    protocol::{OAUTH_TOKEN, USER_INFO_SHARE},
    revocation::{self, RevocationPage},
};
use miniauth_core::{
    random::Random,
    time::{Clock, Timestamp},
    wire::AuthCode,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{collections::BTreeMap, fmt, sync::Arc, time::UNIX_EPOCH};

/// Speaks to the open platform as one app. Cheap to clone; clones share connections and limits.
///
/// Every answer's signature is verified, over the very bytes that came; there is no way to switch that off.
#[derive(Clone)]
pub struct Gateway(Arc<Caller>);

impl Gateway {
    /// Sets up a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ConfigError`] when the configuration cannot work, above all when the app's own public key was given as the
    /// platform's, the commonest mistake of all.
    pub fn new(config: GatewayConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Caller::new(config, clock, random)?)))
    }

    /// The app as which this client speaks.
    pub fn app_id(&self) -> &AppId {
        &self.0.app_id
    }

    /// Whether what makes an answer the platform's is vouched for: false for certificates of the platform's own sandbox
    /// for which none of its roots vouches.
    pub fn is_vouched_for(&self) -> bool {
        self.0.is_vouched_for()
    }

    /// Calls any method of the platform and returns the verified node of its success, byte for byte. See the example at
    /// the top of this crate.
    ///
    /// A call of `alipay.system.oauth.token` is never made again, whatever its [`Retry`] says: it spends a code.
    ///
    /// # Errors
    /// [`GatewayError`]; [`Refused`](GatewayErrorKind::Refused) when the platform signed a `code` other than 10000.
    pub async fn call(&self, call: Call<'_>) -> Result<VerifiedNode<'static>, GatewayError> {
        let call = if call.method() == OAUTH_TOKEN { call.retry(Retry::Never) } else { call };
        self.0.call(call, |(node, _)| Ok(node)).await
    }

    /// Exchanges an auth code for tokens (`alipay.system.oauth.token`). The code is spent by this, even when it fails,
    /// and the call is never repeated.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`outcome_known`](GatewayError::outcome_known) tells whether the platform may have
    /// carried out an exchange of which no answer came.
    pub async fn exchange_code(&self, code: &AuthCode) -> Result<TokenGrant, GatewayError> {
        self.0.call(exchange(code.expose()), |(_, fields)| TokenGrant::from_verified(fields)).await
    }

    /// Exchanges a refresh token for new tokens of the same user (`alipay.system.oauth.token`). The refresh token is
    /// spent by this.
    ///
    /// Repeated, within the call's time, only when it had no effect for sure: no connection, or the platform says that
    /// its own service failed.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) when the new tokens are not
    /// those of `ids`.
    pub async fn refresh(&self, ids: &UserIds, refresh_token: &SecretString) -> Result<TokenGrant, GatewayError> {
        let call = Call::new(OAUTH_TOKEN)
            .parameter("grant_type", "refresh_token")
            .parameter("refresh_token", refresh_token.expose_secret())
            .retry(Retry::WithoutEffect);
        let read = |(_, fields)| match TokenGrant::from_verified(fields)? {
            grant if grant.ids().same_user(ids) => Ok(grant),
            _ => Err(GatewayErrorKind::IdentityMismatch),
        };
        self.0.call(call, read).await
    }

    /// Reads the information of the member whom `grant` is about (`alipay.user.info.share`). Repeated, within the
    /// call's time, when the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) when the platform answers about anyone
    /// else.
    pub async fn user_info(&self, grant: &TokenGrant) -> Result<VerifiedMember, GatewayError> {
        self.user_info_with(grant.ids(), grant.access_token()).await
    }

    /// Reads the information of a member with an access token that was kept, as [`user_info`](Self::user_info) does
    /// with a fresh one. `ids` are those of the user whose grant gave the token.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`access_token_rejected`](GatewayError::access_token_rejected) tells whether new tokens may
    /// help ([`refresh`](Self::refresh)). [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) when the platform
    /// answers about anyone else.
    pub async fn user_info_with(
        &self,
        ids: &UserIds,
        access_token: &SecretString,
    ) -> Result<VerifiedMember, GatewayError> {
        let call = Call::new(USER_INFO_SHARE).auth_token(access_token).retry(Retry::Read);
        self.0.call(call, |(_, fields)| VerifiedMember::from_verified(fields, ids)).await
    }

    /// Reads a page of those who took the consent back (`alipay.user.deloauth.detail.query`) on the day, in Beijing, in which
    /// the moment `day` lies. The first page is 1; the last is the one before a page
    /// [without any](RevocationPage::is_beyond_the_last). The platform keeps seven days. Repeated, within the call's time, when
    /// the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn revocations(&self, day: Timestamp, page: u32) -> Result<RevocationPage, GatewayError> {
        let read = |(_, fields)| Ok(RevocationPage::from_verified(fields)?);
        self.0.call(revocation::revocations(day, page), read).await
    }

    /// Asks whether a user's consent to each scope, such as `auth_user`, holds at present
    /// (`alipay.open.auth.userauth.relationship.query`). The user is named by open id and user id, as far as `ids` has them.
    /// Repeated, within the call's time, when the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`]; [`Refused`](GatewayErrorKind::Refused) when the ids are no user's of this app.
    pub async fn consents(&self, ids: &UserIds, scopes: &[&str]) -> Result<BTreeMap<String, bool>, GatewayError> {
        let read = |(_, fields)| Ok(revocation::granted(fields)?);
        self.0.call(revocation::consents(ids, scopes), read).await
    }

    /// Asks about a member with a made-up access token: whether it is refused as that, or for want of the product, shows
    /// the latter where the platform looks at that first. For `miniauth doctor`; it changes nothing on the platform.
    ///
    /// # Errors
    /// [`GatewayError`] when it is refused as anything else than a made-up token.
    pub async fn probe_user_info(&self) -> Result<(), GatewayError> {
        let token = SecretString::from("miniauth-doctor");
        let (about, outcome) = self.0.once(&Call::new(USER_INFO_SHARE).auth_token(&token)).await;
        let error = match outcome {
            Err(kind) => GatewayError::new(kind, about.trace_id),
            Ok(_) => GatewayError::new(GatewayErrorKind::Unusable("it took a made-up token for good"), about.trace_id),
        };
        if error.access_token_rejected() { Ok(()) } else { Err(error) }
    }

    /// Asks for an empty page of today's revocations, encrypted with the content key: whether the platform could decrypt that,
    /// and we its answer. For `miniauth doctor`; it changes nothing on the platform.
    ///
    /// # Errors
    /// [`GatewayError`]; [`NotEncrypted`](GatewayErrorKind::NotEncrypted) without a content key. One that is not about the
    /// content key, such as a missing permission, comes from a platform that could decrypt the call.
    pub async fn probe_content_key(&self) -> Result<(), GatewayError> {
        let (about, outcome) = self.0.once(&revocation::revocations(self.0.now(), u32::MAX).encrypted()).await;
        outcome.map(|_| ()).map_err(|kind| GatewayError::new(kind, about.trace_id))
    }

    /// Reads a message that was posted to the app's gateway address (应用网关): a form, exactly as it came. Whoever took it
    /// for good answers the plain text `success`; anything else, and the platform sends it again for a day.
    ///
    /// # Errors
    /// [`MessageError`], when it is not surely the platform's word to this app.
    pub fn read_message(&self, form: &[u8]) -> Result<Message, MessageError> {
        message::read(form, &self.0.app_id, self.0.key())
    }

    /// Verifies and decrypts what `my.getPhoneNumber` gave a page: its field `response`, exactly as it came. Or what the button's
    /// event `onGetPhoneNumber` has: `encryptedData`, with its `sign` beside it.
    ///
    /// Nothing in it names the user or the moment. That the number is the user's whose session posted it is the page's word,
    /// and whoever has one answer can post it again.
    ///
    /// # Errors
    /// [`PhoneError`]: it is not surely the platform's, cannot be decrypted, or is the platform's refusal.
    pub fn read_phone_number(&self, response: &str, sign: Option<&str>) -> Result<PhoneNumber, PhoneError> {
        phone::read(response, sign, self.0.trust(), self.0.content_keys(), self.0.phone_signature())
    }

    /// What the console's check of the address wants to be answered: XML with the app's public key, signed, in GBK
    /// (`text/xml;charset=GBK`).
    ///
    /// # Errors
    /// [`SignError`](crate::keys::SignError) as for any signature. It costs a signature's time.
    pub fn answer_to_address_check(&self) -> Result<String, SignError> {
        message::answer_to_address_check(self.0.private_key())
    }

    /// Asks the gateway something that it must refuse: whether it refuses in the right words shows whether address, app
    /// id, keys and character set fit. For `miniauth doctor`; it changes nothing on the platform.
    pub async fn probe(&self) -> Probe {
        let (about, outcome) = self.0.once(&exchange("miniauth-doctor")).await;
        let outcome = match outcome {
            Err(GatewayErrorKind::Refused(refusal)) if refusal.sub_code() == Some("isv.code-invalid") => Ok(()),
            Err(kind) => Err(kind),
            Ok(_) => Err(GatewayErrorKind::Unusable("it took a made-up auth code for good")),
        };
        Probe {
            outcome: outcome.map_err(|kind| GatewayError::new(kind, about.trace_id)),
            gateway_time: about.date.as_deref().and_then(http_date),
        }
    }
}

fn exchange(code: &str) -> Call<'_> {
    Call::new(OAUTH_TOKEN).parameter("grant_type", "authorization_code").parameter("code", code)
}

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gateway").field("app_id", &self.0.app_id).finish_non_exhaustive()
    }
}

/// What a gateway says to a call that it must refuse: the outcome of [`Gateway::probe`].
#[derive(Debug)]
pub struct Probe {
    /// `Ok` when the platform took the call for the app's own and signed its refusal of the made-up code.
    pub outcome: Result<(), GatewayError>,
    /// The gateway's own time, to the second, where it says so.
    pub gateway_time: Option<Timestamp>,
}

/// The time that a `Date` header gives.
fn http_date(text: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_seconds(since_epoch.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_time_is_read_from_its_header() {
        assert_eq!(http_date("Sat, 21 Nov 2026 03:04:16 GMT"), Some(Timestamp::from_seconds(1_795_230_256)));
        assert_eq!(http_date("yesterday"), None);
    }
}
