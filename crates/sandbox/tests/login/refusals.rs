//! Calls that the platform is right to refuse.

use crate::running::{RunningSandbox, changed, gateway};
use miniauth_core::{error_code::ErrorCode, wire::AuthCode};
use miniauth_openplatform::{AppId, Gateway, GatewayError, keys::PrivateKey};
use miniauth_sandbox::OTHER_APP_ID;
use reqwest::Method;
use serde_json::json;
use std::{error::Error as _, time::Duration};

/// The error code that the server would report, and the platform's own.
fn refusal(error: &GatewayError) -> (ErrorCode, Option<&str>) {
    assert!(error.outcome_known(), "a signed refusal is an outcome: {error}");
    (error.code(), error.sub_code())
}

async fn exchange_fails(gateway: &Gateway, code: &AuthCode) -> GatewayError {
    gateway.exchange_code(code).await.unwrap_err()
}

#[tokio::test]
async fn a_code_can_be_exchanged_once() {
    let sandbox = RunningSandbox::start().await;
    let (gateway, code) = (sandbox.gateway(), sandbox.code("li-na", "auth_user").await);
    gateway.exchange_code(&code).await.unwrap();
    let error = exchange_fails(&gateway, &code).await;
    assert_eq!(refusal(&error), (ErrorCode::CodeInvalid, Some("isv.code-invalid")));
    let error = exchange_fails(&gateway, &AuthCode::parse("never-issued").unwrap()).await;
    assert_eq!(refusal(&error), (ErrorCode::CodeInvalid, Some("isv.code-invalid")));
}

#[tokio::test]
async fn a_code_expires() {
    let sandbox = RunningSandbox::start().await;
    let (gateway, code) = (sandbox.gateway(), sandbox.code("li-na", "auth_user").await);
    sandbox.clock.advance(Duration::from_secs(180));
    assert_eq!(refusal(&exchange_fails(&gateway, &code).await), (ErrorCode::CodeInvalid, Some("isv.code-invalid")));
}

#[tokio::test]
async fn a_silent_code_does_not_give_access_to_the_member() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    let grant = gateway.exchange_code(&sandbox.code("li-na", "auth_base").await).await.unwrap();
    let error = gateway.user_info(&grant).await.unwrap_err();
    assert_eq!(refusal(&error), (ErrorCode::ScopeInsufficient, Some("isv.invalid-token")));
}

#[tokio::test]
async fn a_token_ends_by_time_and_by_the_users_will() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    let grant = gateway.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    sandbox.control(Method::DELETE, "consent?user=li-na", None).await;
    let error = gateway.user_info(&grant).await.unwrap_err();
    assert_eq!(refusal(&error), (ErrorCode::ScopeInsufficient, Some("aop.invalid-auth-token")));

    let grant = gateway.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    sandbox.clock.advance(grant.expires_in().unwrap());
    let error = gateway.user_info(&grant).await.unwrap_err();
    assert_eq!(refusal(&error), (ErrorCode::ScopeInsufficient, Some("aop.auth-token-time-out")));
}

#[tokio::test]
async fn the_product_must_be_in_force() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    let grant = gateway.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    sandbox.put("product", json!({ "in_force": false })).await;
    let error = gateway.user_info(&grant).await.unwrap_err();
    assert_eq!(refusal(&error), (ErrorCode::ProductNotInForce, Some("isv.insufficient-isv-permissions")));
    sandbox.put("product", json!({ "in_force": true })).await;
    gateway.user_info(&grant).await.unwrap();
}

#[tokio::test]
async fn a_wrong_app_key_is_reported_without_the_code() {
    let sandbox = RunningSandbox::start().await;
    let stranger =
        gateway(changed(sandbox.config(), |config| config.app_private_key = PrivateKey::generate().unwrap()));
    let code = sandbox.code("li-na", "auth_user").await;
    let error = exchange_fails(&stranger, &code).await;
    assert_eq!(refusal(&error), (ErrorCode::ServerMisconfigured, Some("isv.invalid-signature")));
    // The platform's sub_msg contains the string to sign, and so the code.
    let told = format!("{error} {error:?} {:?}", error.source());
    assert!(!told.contains(code.expose()) && !told.contains("app_id="), "{told}");
    sandbox
        .gateway()
        .exchange_code(&code)
        .await
        .expect("a call that is not the app's own does not spend the app's code");
}

#[tokio::test]
async fn a_signed_refusal_of_an_unknown_app_is_reported() {
    let sandbox = RunningSandbox::start_as("errors:signed").await;
    let stranger =
        gateway(changed(sandbox.config(), |config| config.app_id = AppId::parse("2021000000000404").unwrap()));
    let error = exchange_fails(&stranger, &sandbox.code("li-na", "auth_user").await).await;
    assert_eq!(refusal(&error), (ErrorCode::ServerMisconfigured, Some("isv.invalid-app-id")));
}

#[tokio::test]
async fn a_code_is_valid_only_for_its_own_app() {
    let sandbox = RunningSandbox::start_as("ids:both").await;
    let other = gateway(changed(sandbox.config(), |config| config.app_id = AppId::parse(OTHER_APP_ID).unwrap()));
    let error = exchange_fails(&other, &sandbox.code("li-na", "auth_base").await).await;
    assert_eq!(error.sub_code(), Some("isv.invalid-app-id"));
    assert!(error.outcome_known(), "the platform knows the app, and signs: {error}");

    let grant = other.exchange_code(&sandbox.code_for(OTHER_APP_ID, "li-na", "auth_base").await).await.unwrap();
    let own = sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_base").await).await.unwrap();
    assert_ne!(grant.ids().open_id(), own.ids().open_id(), "an open id is for one app");
    assert_eq!(grant.ids().user_id(), own.ids().user_id());
}
