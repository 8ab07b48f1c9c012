//! Certificate mode over TCP.

use crate::peer::{APP_KEY, PLATFORM_KEY, Peer, changed, code, config, gateway, ok};
use miniauth_core::{
    error_code::ErrorCode,
    time::{Clock, Timestamp},
};
use miniauth_openplatform::{
    Action, CertificateError, Certificates, ConfigError, Gateway, GatewayErrorKind, Setting, VerifyError,
    keys::PrivateKey,
    system::{SystemClock, SystemRandom},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256};
use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};

const NODE: &str = r#"{"user_id":"2088","access_token":"composeB"}"#;

static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| certificates(&APP_KEY));

fn certificates(app_key: &PrivateKey) -> Certificates {
    let pair =
        |key: &PrivateKey| KeyPair::from_pem_and_sign_algo(&key.to_pkcs8_pem().unwrap(), &PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = pair(&PrivateKey::generate().unwrap());
    let root = params.self_signed(&root_key).unwrap().pem();
    let issuer = Issuer::new(params, root_key);
    let [app, platform] =
        [app_key, &PLATFORM_KEY].map(|key| CertificateParams::default().signed_by(&pair(key), &issuer).unwrap().pem());
    Certificates::parse(&app, &platform, &root).unwrap()
}

fn answer(serial: &str) -> Vec<u8> {
    let sign = PLATFORM_KEY.sign(NODE.as_bytes()).unwrap();
    ok(&format!(r#"{{"alipay_system_oauth_token_response":{NODE},"alipay_cert_sn":"{serial}","sign":"{sign}"}}"#))
}

fn client(peer: &Peer) -> Gateway {
    gateway(changed(config(peer.endpoint()), |config| config.trust = CERTIFICATES.clone().into()))
}

#[tokio::test]
async fn both_serial_numbers_are_sent_and_the_platforms_is_compared() {
    let mut peer = Peer::answering(vec![answer(CERTIFICATES.platform().serial())]).await;
    client(&peer).exchange_code(&code()).await.unwrap();
    let request = peer.received.recv().await.unwrap();
    assert_eq!(request.body.get("app_cert_sn"), Some(CERTIFICATES.app().serial()));
    assert_eq!(request.body.get("alipay_root_cert_sn"), Some(CERTIFICATES.root_serial()));
}

#[tokio::test]
async fn another_certificate_of_the_platform_is_named() {
    let present = "0123456789abcdef0123456789abcdef";
    let peer = Peer::answering(vec![answer(present)]).await;
    let error = client(&peer).exchange_code(&code()).await.unwrap_err();
    let distrust = GatewayErrorKind::Untrusted(VerifyError::OtherCertificate {
        answered: present.to_owned(),
        configured: CERTIFICATES.platform().serial().to_owned(),
    });
    assert_eq!(error.kind().to_string(), distrust.to_string());
    assert_eq!(error.action(), Action::FixConfiguration(Setting::AlipayCertificate));
    let told = error.to_string();
    assert!(told.contains(present) && told.contains("alipayCertPublicKey_RSA2.crt"), "{told}");
    assert!(error.explanation().zh.contains("支付宝公钥证书"));
}

#[tokio::test]
async fn what_is_no_serial_number_does_not_get_into_logs() {
    let peer = Peer::answering(vec![answer(r"x\nINFO all is well")]).await;
    let error = client(&peer).exchange_code(&code()).await.unwrap_err();
    assert!(!error.to_string().contains("all is well"), "{error}");
}

#[test]
fn certificates_of_another_key_are_refused() {
    let others = certificates(&PrivateKey::generate().unwrap());
    let endpoint = miniauth_openplatform::Endpoint::parse("http://127.0.0.1:1/gateway.do").unwrap();
    let refused = |config| Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap_err();
    let fault = refused(changed(config(endpoint.clone()), |config| config.trust = others.into()));
    assert!(matches!(fault, ConfigError::Certificate(CertificateError::OtherKey)), "{fault}");
    let swapped = changed(config(endpoint), |config| {
        config.trust = CERTIFICATES.clone().into();
        config.app_private_key = PLATFORM_KEY.clone();
    });
    let fault = refused(swapped);
    assert!(matches!(fault, ConfigError::Certificate(CertificateError::OwnCertificate)), "{fault}");
}

/// A clock that a test sets.
struct Settable(AtomicU64);

impl Clock for Settable {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_certificate_that_expires_while_the_client_runs_stops_its_calls() {
    let end = CERTIFICATES.platform().not_after().as_seconds();
    let clock = Arc::new(Settable(AtomicU64::new(end)));
    let mut peer = Peer::answering(vec![answer(CERTIFICATES.platform().serial()); 2]).await;
    let config = changed(config(peer.endpoint()), |config| config.trust = CERTIFICATES.clone().into());
    let client = Gateway::new(config.clone(), clock.clone(), Arc::new(SystemRandom)).unwrap();
    client.exchange_code(&code()).await.unwrap();
    peer.received.recv().await.unwrap();

    clock.0.store(end + 1, Ordering::Relaxed);
    let error = client.exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::CertificateNotValid(_)), "{error:?}");
    assert_eq!(error.action(), Action::FixConfiguration(Setting::AppCertificate));
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::ServerMisconfigured, true));
    assert!(error.explanation().zh.contains("证书已过期"));
    assert!(peer.received.try_recv().is_err(), "the code was not spent");

    let fault = Gateway::new(config, clock, Arc::new(SystemRandom)).unwrap_err();
    assert!(matches!(fault, ConfigError::Certificate(CertificateError::Validity(_))), "{fault}");
}
