//! Faults of the answer itself, refusals on demand, and faults at a rate.

use crate::running::{RunningSandbox, changed, gateway};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{GatewayError, GatewayErrorKind, TokenGrant};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn exchange(sandbox: &RunningSandbox) -> Result<TokenGrant, GatewayError> {
    sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_user").await).await
}

#[tokio::test]
async fn an_encrypted_answer_is_recognised() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "encrypted" })).await;
    let error = exchange(&sandbox).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotDecrypted(_)), "{error:?}");
}

#[tokio::test]
async fn a_call_that_arrives_twice_spends_its_code() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "duplicate_delivery" })).await;
    let error = exchange(&sandbox).await.unwrap_err();
    assert_eq!(error.sub_code(), Some("isv.code-invalid"));
    let outcomes: Vec<Value> = sandbox.calls().await.into_iter().map(|[_, outcome, ..]| outcome).collect();
    assert_eq!(outcomes, ["ok", "isv.code-invalid"]);
}

#[tokio::test]
async fn a_client_waits_for_a_missing_answer_no_longer_than_it_wants() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "no_answer", "times": 1 })).await;
    let hasty = gateway(changed(sandbox.config(), |config| config.call_timeout = Duration::from_millis(300)));
    let started = Instant::now();
    let error = hasty.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
    exchange(&sandbox).await.unwrap();
}

#[tokio::test]
async fn a_server_error_has_the_status_that_is_asked_for() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "server_error", "status": 500 })).await;
    let error = exchange(&sandbox).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Status(500)), "{error}");
}

#[tokio::test]
async fn every_refusal_of_the_platform_can_be_had() {
    let sandbox = RunningSandbox::start().await;
    let grant = exchange(&sandbox).await.unwrap();
    for (sub_code, code) in [
        ("isv.code-invalid", ErrorCode::CodeInvalid),
        ("isv.grant-type-invalid", ErrorCode::GatewayRejected),
        ("isv.refresh-token-invalid", ErrorCode::GrantExpired),
        ("isv.refresh-token-time-out", ErrorCode::GrantExpired),
        ("isv.refreshed-token-invalid", ErrorCode::GrantExpired),
        ("isv.unmatched-app-id", ErrorCode::ServerMisconfigured),
        ("isp.unknow-error", ErrorCode::GatewayUnavailable),
        ("aop.invalid-auth-token", ErrorCode::ScopeInsufficient),
        ("aop.auth-token-time-out", ErrorCode::ScopeInsufficient),
        ("isv.invalid-token", ErrorCode::ScopeInsufficient),
        ("isv.insufficient-isv-permissions", ErrorCode::ProductNotInForce),
        ("isv.invalid-signature", ErrorCode::ServerMisconfigured),
        ("isv.missing-method", ErrorCode::GatewayRejected),
        ("isv.invalid-parameter", ErrorCode::GatewayRejected),
    ] {
        sandbox.put("fault", json!({ "kind": "refusal", "sub_code": sub_code })).await;
        let refused = [exchange(&sandbox).await.unwrap_err(), sandbox.gateway().user_info(&grant).await.unwrap_err()];
        for error in refused {
            assert_eq!((error.sub_code(), error.code()), (Some(sub_code), code));
        }
    }
    sandbox.put("fault", json!({ "kind": "none" })).await;
    sandbox.gateway().user_info(&grant).await.unwrap();
}

#[tokio::test]
async fn a_member_is_read_again_after_a_failure_that_passes() {
    let sandbox = RunningSandbox::start().await;
    let grant = exchange(&sandbox).await.unwrap();
    for fault in [
        json!({ "kind": "refusal", "sub_code": "isp.unknow-error", "times": 2 }),
        json!({ "kind": "unavailable", "times": 1 }),
        json!({ "kind": "server_error", "times": 2 }),
    ] {
        sandbox.put("fault", fault.clone()).await;
        let member = sandbox.gateway().user_info(&grant).await;
        assert!(member.is_ok(), "{fault}: {member:?}");
    }
}

#[tokio::test]
async fn faults_at_a_rate_repeat_themselves_under_their_seed() {
    let sandbox = RunningSandbox::start().await;
    let wanted = json!({
        "seed": 42,
        "faults": [{ "kind": "unsigned", "rate": 0.3 }, { "kind": "wrong_signature", "rate": 0.3 }],
    });
    let mut runs = Vec::new();
    for _ in 0..2 {
        sandbox.control(Method::POST, "reset", None).await;
        sandbox.put("faults", wanted.clone()).await;
        for _ in 0..20 {
            sandbox.post("", "method=alipay.system.oauth.token").await;
        }
        runs.push(sandbox.calls().await.into_iter().map(|[.., fault]| fault).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
    for kind in [json!("unsigned"), json!("wrong_signature"), Value::Null] {
        assert!(runs[0].contains(&kind), "{kind} in {:?}", runs[0]);
    }
    let too_many = json!({ "faults": vec![json!({ "kind": "unsigned" }); 33] });
    assert_eq!(sandbox.control(Method::PUT, "faults", Some(too_many)).await.0, 422);
}
