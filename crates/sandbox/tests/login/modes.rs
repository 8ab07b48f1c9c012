//! Both key modes, both character sets, both grants.

use crate::{
    API,
    running::{RunningSandbox, changed, gateway},
};
use miniauth_openplatform::{Action, Api, Certificates, Setting, Trust, protocol::Charset};
use miniauth_sandbox::{ALIPAY_CERTIFICATE_FILE, ALIPAY_ROOT_CERTIFICATES_FILE, APP_CERTIFICATE_FILE};
use secrecy::ExposeSecret as _;
use std::time::Duration;

/// OpenAPI v3 supports only UTF-8.
fn charsets() -> Vec<Charset> {
    match API {
        Api::V2 => vec![Charset::Utf8, Charset::Gbk],
        Api::V3 => vec![Charset::Utf8],
    }
}

fn certificates(sandbox: &RunningSandbox) -> Trust {
    let [app, platform, roots] =
        [APP_CERTIFICATE_FILE, ALIPAY_CERTIFICATE_FILE, ALIPAY_ROOT_CERTIFICATES_FILE].map(|name| sandbox.read(name));
    Certificates::parse(&app, &platform, &roots).unwrap().into()
}

#[tokio::test]
async fn a_login_succeeds_in_each_mode_and_character_set() {
    let sandbox = RunningSandbox::start().await;
    for trust in [sandbox.config().trust, certificates(&sandbox)] {
        for charset in charsets() {
            let client = gateway(changed(sandbox.config(), |config| {
                config.charset = charset;
                config.trust = trust.clone();
            }));
            let grant = client.exchange_code(&sandbox.code("zhang-wei", "auth_user").await).await.unwrap();
            let grant = client.refresh(grant.ids(), grant.refresh_token().unwrap()).await.unwrap();
            let member = client.user_info(&grant).await.unwrap();
            assert_eq!((member.nick_name(), member.city()), (Some("张伟"), Some("杭州市")));
        }
    }
}

#[tokio::test]
async fn a_refresh_token_can_be_used_once() {
    let sandbox = RunningSandbox::start().await;
    let client = sandbox.gateway();
    let grant = client.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    let first = grant.refresh_token().unwrap();
    let renewed = client.refresh(grant.ids(), first).await.unwrap();
    assert_ne!(renewed.access_token().expose_secret(), grant.access_token().expose_secret());
    assert!(renewed.ids().same_user(grant.ids()));
    let error = client.refresh(grant.ids(), first).await.unwrap_err();
    assert_eq!((error.sub_code(), error.action()), (Some("isv.refreshed-token-invalid"), Action::Reauthorize));
    assert_eq!(error.trace_id().map(str::len), Some(32));

    let unknown = client.refresh(grant.ids(), &"never-issued".to_owned().into()).await.unwrap_err();
    assert_eq!(unknown.sub_code(), Some("isv.refresh-token-invalid"));
    sandbox.clock.advance(Duration::from_secs(2_592_000));
    let late = client.refresh(grant.ids(), renewed.refresh_token().unwrap()).await.unwrap_err();
    assert_eq!(late.sub_code(), Some("isv.refresh-token-time-out"));
}

#[tokio::test]
async fn roots_of_another_platform_are_recognised() {
    let (sandbox, other) = (RunningSandbox::start().await, RunningSandbox::start().await);
    let client = gateway(changed(sandbox.config(), |config| config.trust = certificates(&other)));
    let error = client.exchange_code(&sandbox.code("li-na", "auth_base").await).await.unwrap_err();
    assert_eq!(error.sub_code(), Some("isv.invalid-alipay-root-cert-sn"));
    assert_eq!(error.action(), Action::FixConfiguration(Setting::RootCertificates));
}
