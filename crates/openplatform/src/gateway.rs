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

/// A client of the open platform, for one app. Cheap to clone; clones share connections and limits.
///
/// It verifies every answer's signature over the exact bytes. This cannot be turned off. The crate's front page has an
/// example.
#[derive(Clone)]
pub struct Gateway(Arc<Caller>);

impl Gateway {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration cannot work, for example if the app's own public key is configured as the platform's, the
    /// most common mistake.
    pub fn new(config: GatewayConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Caller::new(config, clock, random)?)))
    }

    /// Returns the app of this client.
    pub fn app_id(&self) -> &AppId {
        &self.0.app_id
    }

    /// Returns whether the platform's certificate leads to a root. `false` only for certificates of the platform's own
    /// sandbox.
    pub fn is_vouched_for(&self) -> bool {
        self.0.is_vouched_for()
    }

    /// Calls any method of the platform. Returns the verified node of a successful answer, byte for byte.
    ///
    /// A call of `alipay.system.oauth.token` is never retried, whatever its [`Retry`] says, because it uses up a code.
    ///
    /// # Errors
    /// [`GatewayError`]; [`Refused`](GatewayErrorKind::Refused) if the platform signed a `code` other than 10000.
    pub async fn call(&self, call: Call<'_>) -> Result<VerifiedNode<'static>, GatewayError> {
        let call = if call.method() == OAUTH_TOKEN { call.retry(Retry::Never) } else { call };
        self.0.call(call, |(node, _)| Ok(node)).await
    }

    /// Exchanges an auth code for tokens (`alipay.system.oauth.token`). This uses up the code even if it fails, and is
    /// never retried.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`outcome_known`](GatewayError::outcome_known) is `false` if the platform may have carried out the
    /// exchange although no answer came.
    pub async fn exchange_code(&self, code: &AuthCode) -> Result<TokenGrant, GatewayError> {
        self.0.call(exchange(code.expose()), |(_, fields)| TokenGrant::from_verified(fields)).await
    }

    /// Exchanges a refresh token for new tokens of the same user (`alipay.system.oauth.token`). This uses up the
    /// refresh token.
    ///
    /// The call is retried, within its time limit, only if it certainly had no effect: there was no connection, or the
    /// platform says that its own service failed.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) if the new tokens belong to another user than
    /// `ids`.
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

    /// Reads the information of the member of `grant` (`alipay.user.info.share`). The call is retried, within its time
    /// limit, if the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`]; [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) if the answer is about another user.
    pub async fn user_info(&self, grant: &TokenGrant) -> Result<VerifiedMember, GatewayError> {
        self.user_info_with(grant.ids(), grant.access_token()).await
    }

    /// Like [`user_info`](Self::user_info), with a stored access token. `ids` are the ids of the token's user.
    ///
    /// # Errors
    /// [`GatewayError`]; its [`access_token_rejected`](GatewayError::access_token_rejected) says whether new tokens may help
    /// ([`refresh`](Self::refresh)). [`IdentityMismatch`](GatewayErrorKind::IdentityMismatch) if the answer is about another user.
    pub async fn user_info_with(
        &self,
        ids: &UserIds,
        access_token: &SecretString,
    ) -> Result<VerifiedMember, GatewayError> {
        let call = Call::new(USER_INFO_SHARE).auth_token(access_token).retry(Retry::Read);
        self.0.call(call, |(_, fields)| VerifiedMember::from_verified(fields, ids)).await
    }

    /// Lists the users who withdrew consent (`alipay.user.deloauth.detail.query`) on the day of `day` by Beijing time.
    /// Pages start at 1, and end before the first [empty page](RevocationPage::is_beyond_the_last). The platform keeps
    /// seven days. The call is retried, within its time limit, if the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn revocations(&self, day: Timestamp, page: u32) -> Result<RevocationPage, GatewayError> {
        let read = |(_, fields)| Ok(RevocationPage::from_verified(fields)?);
        self.0.call(revocation::revocations(day, page), read).await
    }

    /// Asks whether a user's consent to each scope, such as `auth_user`, is valid now
    /// (`alipay.open.auth.userauth.relationship.query`). The request has the open id and the user id, if `ids` has
    /// them. The call is retried, within its time limit, if the platform or the network fails.
    ///
    /// # Errors
    /// [`GatewayError`]; [`Refused`](GatewayErrorKind::Refused) if no user of this app has these ids.
    pub async fn consents(&self, ids: &UserIds, scopes: &[&str]) -> Result<BTreeMap<String, bool>, GatewayError> {
        let read = |(_, fields)| Ok(revocation::granted(fields)?);
        self.0.call(revocation::consents(ids, scopes), read).await
    }

    /// Asks about a member with a made-up access token. If the platform checks the product first, its refusal shows that the product is
    /// missing. For `miniauth doctor`; it changes nothing on the platform.
    ///
    /// # Errors
    /// [`GatewayError`] if it is refused for any other reason than the made-up token.
    pub async fn probe_user_info(&self) -> Result<(), GatewayError> {
        let token = SecretString::from("miniauth-doctor");
        let (about, outcome) = self.0.once(&Call::new(USER_INFO_SHARE).auth_token(&token)).await;
        let error = match outcome {
            Err(kind) => GatewayError::new(kind, about.trace_id),
            Ok(_) => GatewayError::new(GatewayErrorKind::Unusable("it accepted a made-up token"), about.trace_id),
        };
        if error.access_token_rejected() { Ok(()) } else { Err(error) }
    }

    /// Requests an empty page of today's withdrawals, encrypted with the content key. This shows whether the platform
    /// can decrypt the request, and the client the answer. For `miniauth doctor`; it changes nothing on the platform.
    ///
    /// # Errors
    /// [`GatewayError`]; [`NotEncrypted`](GatewayErrorKind::NotEncrypted) without a content key. An error that is not about the
    /// content key, such as a missing permission, means that the platform could decrypt the call.
    pub async fn probe_content_key(&self) -> Result<(), GatewayError> {
        let (about, outcome) = self.0.once(&revocation::revocations(self.0.now(), u32::MAX).encrypted()).await;
        outcome.map(|_| ()).map_err(|kind| GatewayError::new(kind, about.trace_id))
    }

    /// Reads a message that was posted to the app's gateway address (应用网关): the exact body. After handling it, answer
    /// with the plain text `success`; otherwise the platform repeats it for about a day.
    ///
    /// # Errors
    /// [`MessageError`] if it is not proven that the platform sent it to this app.
    pub fn read_message(&self, form: &[u8]) -> Result<Message, MessageError> {
        message::read(form, &self.0.app_id, self.0.key())
    }

    /// Verifies and decrypts the answer of `my.getPhoneNumber`: its field `response`, unchanged. Or the fields of the
    /// button's event `onGetPhoneNumber`: `encryptedData`, with its `sign`.
    ///
    /// The answer contains neither the user nor the time. Only the page says that the number belongs to the user of the session, and
    /// anyone who has an answer can post it again.
    ///
    /// # Errors
    /// [`PhoneError`] if it is not proven that the platform made it, if it cannot be decrypted, or if it is a refusal.
    pub fn read_phone_number(&self, response: &str, sign: Option<&str>) -> Result<PhoneNumber, PhoneError> {
        phone::read(response, sign, self.0.trust(), self.0.content_keys(), self.0.phone_signature())
    }

    /// Returns the answer that the console expects when it checks the gateway address: XML with the app's public key,
    /// signed, in GBK (`text/xml;charset=GBK`).
    ///
    /// # Errors
    /// [`SignError`](crate::keys::SignError), as for any signature. Takes as long as a signature.
    pub fn answer_to_address_check(&self) -> Result<String, SignError> {
        message::answer_to_address_check(self.0.private_key())
    }

    /// Makes a call that the gateway must refuse. The form of the refusal shows whether URL, app id, keys and character
    /// set are right. For `miniauth doctor`; it changes nothing on the platform.
    pub async fn probe(&self) -> Probe {
        let (about, outcome) = self.0.once(&exchange("miniauth-doctor")).await;
        let outcome = match outcome {
            Err(GatewayErrorKind::Refused(refusal)) if refusal.sub_code() == Some("isv.code-invalid") => Ok(()),
            Err(kind) => Err(kind),
            Ok(_) => Err(GatewayErrorKind::Unusable("it accepted a made-up auth code")),
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

/// The outcome of a call that the gateway must refuse: the result of [`Gateway::probe`].
#[derive(Debug)]
pub struct Probe {
    /// `Ok` if the platform accepted the call as the app's own, and signed its refusal of the made-up code.
    pub outcome: Result<(), GatewayError>,
    /// The gateway's time, to the second, if it sent one.
    pub gateway_time: Option<Timestamp>,
}

/// Parses a `Date` header.
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
