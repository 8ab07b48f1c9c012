//! The configuration of the gateway client.

use crate::{
    certificate::{CertificateError, Certificates},
    charset::Charset,
    content::ContentKey,
    keys::{KeyError, PrivateKey, PublicKey},
    phone::PhoneSignature,
};
use miniauth_core::time::Timestamp;
use std::{error::Error as StdError, fmt, str::FromStr, time::Duration};
use thiserror::Error;
use url::{Host, Url};

/// How to reach the open platform, and for which app.
///
/// [`new`](Self::new) sets the defaults; every field can be changed:
///
/// ```
/// use miniauth_openplatform::{Api, AppId, Endpoint, GatewayConfig, keys::PrivateKey};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (app, platform) = (PrivateKey::generate()?, PrivateKey::generate()?.public_key().clone());
/// let endpoint = Endpoint::parse(Endpoint::PRODUCTION)?;
/// let mut config = GatewayConfig::new(AppId::parse("2021000000000001")?, app, platform, endpoint);
/// config.api = Api::V3;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewayConfig {
    /// The app that the auth codes are for.
    pub app_id: AppId,
    /// The app's own private key (应用私钥): signs requests.
    pub app_private_key: PrivateKey,
    /// What verifies the platform's signatures: its public key for this app (支付宝公钥), or certificates.
    pub trust: Trust,
    /// The app's content keys (AES 密钥 of 接口内容加密方式), if any. The first one encrypts requests; all of them can decrypt
    /// answers. So there can be two during a change of keys.
    pub content_keys: Vec<ContentKey>,
    /// Whether the platform's answers about phone numbers must be signed.
    pub phone_signature: PhoneSignature,
    /// The character set of requests and answers. It must match the app's setting in the console.
    pub charset: Charset,
    /// Which of the platform's two interfaces is used.
    pub api: Api,
    /// The gateway's URL. OpenAPI v3 is at the same host and port, under `/v3/`.
    pub endpoint: Endpoint,
    /// How long connecting may take, including TLS.
    pub connect_timeout: Duration,
    /// How long a call may take in total: signing, connecting, sending and reading the whole answer, including retries.
    pub call_timeout: Duration,
    /// The maximum number of calls in flight. Others wait.
    pub calls_in_flight: usize,
    /// How long a call waits for others in flight. This is part of the call's time.
    pub turn_timeout: Duration,
}

impl GatewayConfig {
    /// Three seconds: a connection that takes longer rarely succeeds.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

    /// Ten seconds: a login makes two calls, and a mini-program's request times out after 30 seconds.
    pub const DEFAULT_CALL_TIMEOUT: Duration = Duration::from_secs(10);

    /// Two cores can sign for about 1,500 logins a second. If a call takes 100 ms, 256 calls in flight are enough for that.
    pub const DEFAULT_CALLS_IN_FLIGHT: usize = 256;

    /// Two seconds: if a call has to wait longer, the gateway is not answering, and the call should fail.
    pub const DEFAULT_TURN_TIMEOUT: Duration = Duration::from_secs(2);

    /// Creates a configuration for UTF-8 with the default limits.
    pub fn new(app_id: AppId, app_private_key: PrivateKey, trust: impl Into<Trust>, endpoint: Endpoint) -> Self {
        Self {
            app_id,
            app_private_key,
            trust: trust.into(),
            content_keys: Vec::new(),
            phone_signature: PhoneSignature::default(),
            charset: Charset::Utf8,
            api: Api::V2,
            endpoint,
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            call_timeout: Self::DEFAULT_CALL_TIMEOUT,
            calls_in_flight: Self::DEFAULT_CALLS_IN_FLIGHT,
            turn_timeout: Self::DEFAULT_TURN_TIMEOUT,
        }
    }

    /// Rejects a configuration that cannot work.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), ConfigError> {
        let own = self.app_private_key.public_key();
        self.trust.key().check_for_rsa2()?;
        match &self.trust {
            Trust::PublicKey(key) if key == own => return Err(ConfigError::OwnPublicKey),
            Trust::Certificates(certificates) => {
                if certificates.platform_key() == own {
                    return Err(CertificateError::OwnCertificate.into());
                }
                if certificates.app().public_key()? != own {
                    return Err(CertificateError::OtherKey.into());
                }
                if !certificates.are_vouched_for() && !self.endpoint.is_platform_sandbox() {
                    return Err(CertificateError::NotVouchedFor.into());
                }
                certificates.check_validity(now).map_err(CertificateError::from)?;
            }
            Trust::PublicKey(_) => {}
        }
        if [self.connect_timeout, self.call_timeout, self.turn_timeout].iter().any(Duration::is_zero) {
            return Err(ConfigError::NoTime);
        }
        if self.api == Api::V3 && self.charset != Charset::Utf8 {
            return Err(ConfigError::V3IsUtf8);
        }
        if self.calls_in_flight == 0 { Err(ConfigError::NoCalls) } else { Ok(()) }
    }
}

/// One of the platform's two interfaces. Both use the same keys or certificates, and have the same methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Api {
    /// `gateway.do`: a form with the method's name in it. The signature of an answer does not cover the time, so a
    /// recorded answer stays valid forever.
    #[default]
    V2,
    /// OpenAPI v3: a path for each method, JSON, and a signed time in each answer, which must be [within five
    /// minutes](crate::v3::WINDOW) of the client's clock.
    V3,
}

impl Api {
    /// Returns its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Api {
    type Err = UnknownApiError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::V2, Self::V3].into_iter().find(|api| api.as_str() == text).ok_or(UnknownApiError)
    }
}

/// The platform has no such interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the platform is called by v2 (gateway.do) or by v3 (OpenAPI v3)")]
pub struct UnknownApiError;

/// What verifies the platform's signatures, as chosen under 接口加签方式 in the console.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Key mode (密钥): the platform's public key for this app, 支付宝公钥.
    PublicKey(PublicKey),
    /// Certificate mode (证书): three certificates. Boxed because they are large.
    Certificates(Box<Certificates>),
}

impl Trust {
    /// Returns the key that verifies answers.
    pub fn key(&self) -> &PublicKey {
        match self {
            Self::PublicKey(key) => key,
            Self::Certificates(certificates) => certificates.platform_key(),
        }
    }
}

impl From<PublicKey> for Trust {
    fn from(key: PublicKey) -> Self {
        Self::PublicKey(key)
    }
}

impl From<Certificates> for Trust {
    fn from(certificates: Certificates) -> Self {
        Self::Certificates(Box::new(certificates))
    }
}

/// The id of an app on the open platform: 1 to 32 digits (16 today).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AppId(String);

impl AppId {
    /// Parses an app id.
    ///
    /// # Errors
    /// [`AppIdError`] if it is not 1 to 32 ASCII digits.
    pub fn parse(text: &str) -> Result<Self, AppIdError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && (1..=32).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(AppIdError) }
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text is not an app id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an app id is 1 to 32 digits, such as 2021000000000001: copy it from the app's page in the console")]
pub struct AppIdError;

/// The gateway's URL: https, or http if it is on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// The real gateway.
    pub const PRODUCTION: &'static str = "https://openapi.alipay.com/gateway.do";

    /// The platform's own sandbox. You need an account there.
    pub const PLATFORM_SANDBOX: &'static str = "https://openapi-sandbox.dl.alipaydev.com/gateway.do";

    /// Parses an absolute URL without credentials, query and fragment.
    ///
    /// # Errors
    /// [`EndpointError`], which says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text).map_err(|_| EndpointError::NotAnAddress)?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(EndpointError::NotHttps),
        }
        let superfluous = !url.username().is_empty() || url.password().is_some();
        if superfluous || url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Superfluous);
        }
        Ok(Self(url))
    }

    /// Returns the URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns whether it is the platform's own sandbox.
    pub fn is_platform_sandbox(&self) -> bool {
        self.as_str() == Self::PLATFORM_SANDBOX
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Why a URL cannot be the gateway's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// It is not an absolute URL.
    #[error("the gateway must be an absolute URL such as https://openapi.alipay.com/gateway.do")]
    NotAnAddress,
    /// It is not https and not on this machine.
    #[error("the gateway must be https: tokens pass through it (http only for 127.0.0.1, [::1] and localhost)")]
    NotHttps,
    /// It has credentials, a query or a fragment.
    #[error("the gateway's URL must have no user name, query or fragment")]
    Superfluous,
}

/// Why a configuration cannot work.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The app's own public key is configured as the platform's.
    #[error(
        "alipay_public_key is the app's own public key (应用公钥): the console shows the platform's public key \
         (支付宝公钥) for this app after the app's key was uploaded; configure that one"
    )]
    OwnPublicKey,
    /// The platform's public key is too short for RSA2.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The certificates do not belong together or to the app's private key, or one of them is not valid now.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// OpenAPI v3 with another character set than UTF-8.
    #[error("OpenAPI v3 is UTF-8 only: remove charset, or use v2")]
    V3IsUtf8,
    /// No calls are allowed in flight.
    #[error("at least one call to the gateway must be allowed at once")]
    NoCalls,
    /// A time limit is zero.
    #[error("the gateway's time limits must be longer than zero")]
    NoTime,
    /// The HTTP client cannot be set up, most often because of TLS.
    #[error(
        "the https client cannot be set up: check that the system's CA certificates are installed (ca-certificates)"
    )]
    HttpClient(#[source] Box<dyn StdError + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            Endpoint::PRODUCTION,
            Endpoint::PLATFORM_SANDBOX,
            "http://127.0.0.1:8702/gateway.do",
            "http://[::1]:8702/gateway.do",
            "http://localhost:8702/gateway.do",
        ] {
            assert_eq!(Endpoint::parse(good).unwrap().as_str(), good);
        }
        for (bad, fault) in [
            ("openapi.alipay.com/gateway.do", EndpointError::NotAnAddress),
            ("http://openapi.alipay.com/gateway.do", EndpointError::NotHttps),
            ("http://127.0.0.1.shop.example/gateway.do", EndpointError::NotHttps),
            ("http://localhost.shop.example/gateway.do", EndpointError::NotHttps),
            ("file:///gateway.do", EndpointError::NotHttps),
            ("https://user:word@openapi.alipay.com/gateway.do", EndpointError::Superfluous),
            ("https://user@openapi.alipay.com/gateway.do", EndpointError::Superfluous),
            ("https://:word@openapi.alipay.com/gateway.do", EndpointError::Superfluous),
            ("https://openapi.alipay.com/gateway.do?charset=GBK", EndpointError::Superfluous),
            ("https://openapi.alipay.com/gateway.do#top", EndpointError::Superfluous),
        ] {
            assert_eq!(Endpoint::parse(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn each_api_is_parsed_from_its_name() {
        for (name, api) in [("v2", Api::V2), ("v3", Api::V3)] {
            assert_eq!((name.parse::<Api>().ok(), api.to_string().as_str()), (Some(api), name));
        }
    }

    #[test]
    fn an_app_id_is_digits() {
        let app_id = AppId::parse("2021000000000001").unwrap();
        assert_eq!((app_id.as_str(), app_id.to_string().as_str()), ("2021000000000001", "2021000000000001"));
        for bad in ["", "2021 000", "２０２１", "app", &"1".repeat(33)] {
            assert_eq!(AppId::parse(bad), Err(AppIdError), "{bad}");
        }
    }
}
