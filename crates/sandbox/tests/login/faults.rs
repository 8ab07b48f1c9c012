//! Faults on demand, as the client sees them.

use crate::running::{RunningSandbox, changed, gateway};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{GatewayError, GatewayErrorKind, TokenGrant, VerifyError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

async fn exchange(sandbox: &RunningSandbox) -> Result<TokenGrant, GatewayError> {
    sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_user").await).await
}

#[tokio::test]
async fn another_users_rightly_signed_answer_is_refused() {
    let sandbox = RunningSandbox::start().await;
    for fault in [
        json!({ "kind": "identity_mismatch", "times": 1 }),
        json!({ "kind": "identity_mismatch", "times": 1, "as_user": "quotes" }),
    ] {
        sandbox.put("fault", fault).await;
        let grant = exchange(&sandbox).await.unwrap();
        let error = sandbox.gateway().user_info(&grant).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::IdentityMismatch), "{error}");
        assert_eq!(error.code(), ErrorCode::GatewayIdentityMismatch);
        let member = sandbox.gateway().user_info(&grant).await.unwrap();
        assert_eq!(member.nick_name(), Some("李娜"), "the fault was for one call");
    }
}

#[tokio::test]
async fn an_answer_that_may_not_be_the_platforms_is_refused() {
    let sandbox = RunningSandbox::start().await;
    for (kind, distrust) in
        [("wrong_signature", VerifyError::SignatureInvalid), ("unsigned", VerifyError::Unsigned { claim: None })]
    {
        sandbox.put("fault", json!({ "kind": kind })).await;
        let error = exchange(&sandbox).await.unwrap_err();
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUntrusted, false));
        match (error.kind(), &distrust) {
            (GatewayErrorKind::Untrusted(VerifyError::Unsigned { .. }), VerifyError::Unsigned { .. }) => {}
            (GatewayErrorKind::Untrusted(found), _) => assert_eq!(found, &distrust),
            _ => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn an_unsigned_refusal_is_no_refusal_but_says_what_it_claims() {
    let sandbox = RunningSandbox::start().await;
    let (gateway, code) = (sandbox.gateway(), sandbox.code("li-na", "auth_user").await);
    gateway.exchange_code(&code).await.unwrap();
    sandbox.put("fault", json!({ "kind": "unsigned" })).await;
    let error = gateway.exchange_code(&code).await.unwrap_err();
    assert_eq!((error.code(), error.sub_code()), (ErrorCode::GatewayUntrusted, None));
    assert!(error.to_string().contains("40002 isv.code-invalid"), "{error}");
}

#[tokio::test]
async fn a_connection_that_ends_leaves_the_outcome_open() {
    let sandbox = RunningSandbox::start().await;
    for (kind, carried_out) in [("unavailable", false), ("reset", true)] {
        sandbox.put("fault", json!({ "kind": kind, "times": 1 })).await;
        let (gateway, code) = (sandbox.gateway(), sandbox.code("li-na", "auth_user").await);
        let error = gateway.exchange_code(&code).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{kind}: {error:?}");
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, false));
        // Our side cannot tell the two apart, which is why a code is never exchanged again.
        assert_eq!(gateway.exchange_code(&code).await.is_err(), carried_out, "{kind}");
    }
    let outcomes: Vec<Value> = sandbox.calls().await.into_iter().map(|[_, outcome, ..]| outcome).collect();
    assert_eq!(outcomes, ["not_carried_out", "ok", "ok", "isv.code-invalid"], "no call was repeated behind our back");
}

#[tokio::test]
async fn a_connection_that_was_kept_and_ends_is_not_tried_again() {
    let sandbox = RunningSandbox::start().await;
    let (gateway, first, second) =
        (sandbox.gateway(), sandbox.code("li-na", "auth_user").await, sandbox.code("li-na", "auth_user").await);
    gateway.exchange_code(&first).await.unwrap();
    sandbox.put("fault", json!({ "kind": "reset" })).await;
    gateway.exchange_code(&second).await.unwrap_err();
    assert_eq!(sandbox.calls().await.len(), 2);
}

#[tokio::test]
async fn an_error_page_instead_of_an_answer_is_reported_by_its_status() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "server_error" })).await;
    let error = exchange(&sandbox).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Status(502)), "{error}");
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, false));
}

#[tokio::test]
async fn a_late_answer_is_awaited_only_up_to_the_time_limit() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "delay", "delay_ms": 1_500, "times": 2 })).await;
    let hasty = gateway(changed(sandbox.config(), |config| config.call_timeout = Duration::from_millis(300)));
    let error = hasty.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{error:?}");
    assert!(!error.outcome_known());
    exchange(&sandbox).await.expect("a patient client gets the answer");
}

#[tokio::test]
async fn a_fault_is_for_the_method_that_it_names() {
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "unsigned", "method": "alipay.user.info.share" })).await;
    let grant = exchange(&sandbox).await.unwrap();
    sandbox.gateway().user_info(&grant).await.unwrap_err();
    sandbox.put("fault", json!({ "kind": "none" })).await;
    sandbox.gateway().user_info(&grant).await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_is_not_there_never_saw_the_call() {
    let sandbox = RunningSandbox::start().await;
    let (gateway, code) = (sandbox.gateway(), sandbox.code("li-na", "auth_user").await);
    sandbox.stop().await;
    let error = gateway.exchange_code(&code).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotReached(_)), "{error:?}");
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, true));
}

#[tokio::test]
async fn a_senseless_fault_is_refused() {
    let sandbox = RunningSandbox::start().await;
    for fault in [
        json!({ "kind": "lightning" }),
        json!({ "kind": "unsigned", "method": "alipay.trade.pay" }),
        json!({ "kind": "delay" }),
        json!({ "kind": "delay", "delay_ms": 60_001 }),
        json!({ "kind": "unsigned", "as_user": "li-na" }),
        json!({ "kind": "identity_mismatch", "method": "alipay.system.oauth.token" }),
        json!({ "kind": "unsigned", "count": 1 }),
        json!({ "kind": "unsigned", "rate": 1.5 }),
        json!({ "kind": "server_error", "status": 200 }),
        json!({ "kind": "unsigned", "status": 500 }),
        json!({ "kind": "refusal" }),
        json!({ "kind": "refusal", "sub_code": "isv.something-else" }),
        json!({ "kind": "unsigned", "sub_code": "isv.code-invalid" }),
    ] {
        let (status, body) = sandbox.control(Method::PUT, "fault", Some(fault)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(body["error"].is_string(), "{body}");
    }
    exchange(&sandbox).await.unwrap();
}
