//! The signed time of an answer, and unsigned answers.

use crate::running::{RunningSandbox, changed, gateway};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{
    AppId, ConfigError, Gateway, GatewayErrorKind, VerifyError, protocol::Charset, system::SystemRandom,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_recorded_answer_is_refused() {
    let sandbox = RunningSandbox::start().await;
    let grant = sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    sandbox.put("fault", json!({ "kind": "recorded" })).await;
    let error = sandbox.gateway().user_info(&grant).await.unwrap_err();
    let GatewayErrorKind::Untrusted(VerifyError::OtherTime { seconds, ahead: true }) = error.kind() else {
        panic!("{error:?}");
    };
    assert!((3_600..3_660).contains(seconds), "{seconds}");
    assert_eq!(error.code(), ErrorCode::GatewayUntrusted);
}

#[tokio::test]
async fn a_clock_may_differ_by_five_minutes() {
    for (off, taken) in [(290, true), (310, false)] {
        let sandbox = RunningSandbox::start().await;
        // The client's clock stays; the platform's clock advances.
        sandbox.clock.advance(Duration::from_secs(off));
        let code = sandbox.code("li-na", "auth_user").await;
        let outcome = gateway(sandbox.config()).exchange_code(&code).await;
        match outcome {
            Ok(_) => assert!(taken, "{off}"),
            Err(error) => {
                assert!(!taken, "{off}: {error}");
                assert!(error.to_string().contains("from now"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_signed_is_advice_only() {
    let sandbox = RunningSandbox::start_as("errors:unsigned").await;
    let stranger =
        gateway(changed(sandbox.config(), |config| config.app_id = AppId::parse("2021000000000404").unwrap()));
    let error = stranger.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::Unsigned { claim: Some(_) })), "{error:?}");
    assert_eq!(error.code(), ErrorCode::GatewayUntrusted);
    assert!(error.to_string().contains("isv.invalid-app-id"), "{error}");
}

#[tokio::test]
async fn another_character_set_than_utf_8_is_refused_at_once() {
    let sandbox = RunningSandbox::start().await;
    let config = changed(sandbox.config(), |config| config.charset = Charset::Gbk);
    let error = Gateway::new(config, sandbox.clock.clone(), Arc::new(SystemRandom)).unwrap_err();
    assert!(matches!(error, ConfigError::V3IsUtf8), "{error:?}");
}
