//! Configurations that cannot work are refused before anything is sent.

use crate::peer::{APP_KEY, Evening, changed, config};
use miniauth_openplatform::{
    Api, ConfigError, Endpoint, Gateway, GatewayConfig, keys::PublicKey, protocol::Charset, system::SystemRandom,
};
use std::{sync::Arc, time::Duration};

fn refused(change: impl FnOnce(&mut GatewayConfig)) -> ConfigError {
    let endpoint = Endpoint::parse(Endpoint::PRODUCTION).unwrap();
    Gateway::new(changed(config(endpoint), change), Arc::new(Evening), Arc::new(SystemRandom)).unwrap_err()
}

#[test]
fn the_apps_own_public_key_in_place_of_the_platforms_is_told() {
    let pem = APP_KEY.public_key().to_spki_pem().unwrap();
    let fault = refused(|config| config.trust = PublicKey::parse(&pem).unwrap().into());
    assert!(matches!(fault, ConfigError::OwnPublicKey), "{fault}");
    assert!(fault.to_string().contains("应用公钥") && fault.to_string().contains("支付宝公钥"), "{fault}");
}

#[test]
fn zero_time_limits_are_refused() {
    let fault = refused(|config| config.call_timeout = Duration::ZERO);
    assert!(matches!(fault, ConfigError::NoTime), "{fault}");
    let fault = refused(|config| config.connect_timeout = Duration::ZERO);
    assert!(matches!(fault, ConfigError::NoTime), "{fault}");
    let fault = refused(|config| config.turn_timeout = Duration::ZERO);
    assert!(matches!(fault, ConfigError::NoTime), "{fault}");
    let fault = refused(|config| config.calls_in_flight = 0);
    assert!(matches!(fault, ConfigError::NoCalls), "{fault}");
}

#[test]
fn v3_allows_one_character_set_only() {
    let fault = refused(|config| (config.api, config.charset) = (Api::V3, Charset::Gbk));
    assert!(matches!(fault, ConfigError::V3IsUtf8), "{fault}");
    let endpoint = Endpoint::parse(Endpoint::PRODUCTION).unwrap();
    let fits = changed(config(endpoint), |config| config.api = Api::V3);
    assert!(Gateway::new(fits, Arc::new(Evening), Arc::new(SystemRandom)).unwrap().is_vouched_for());
}

#[test]
fn neither_configuration_nor_client_prints_a_key() {
    let config = config(Endpoint::parse(Endpoint::PRODUCTION).unwrap());
    let printed = format!("{config:?}");
    assert!(printed.contains("PrivateKey(redacted)"), "{printed}");
    let client = format!("{:?}", Gateway::new(config, Arc::new(Evening), Arc::new(SystemRandom)).unwrap());
    assert_eq!(client, r#"Gateway { app_id: AppId("2021000000000001"), .. }"#);
}
