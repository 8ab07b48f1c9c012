//! The sandbox's answers under each gateway profile.

use crate::{
    raw::{RawAnswer, post_signed, request},
    running::{RunningSandbox, changed, gateway},
};
use miniauth_core::{error_code::ErrorCode, wire::AuthCode};
use miniauth_openplatform::{Action, AppId, Refusal, Setting, protocol::OAUTH_TOKEN};
use miniauth_sandbox::KEYLESS_APP_ID;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// The ids that an answer contains.
fn ids(answer: &Value) -> &'static str {
    match (answer["user_id"].is_string(), answer["open_id"].is_string()) {
        (true, true) => "both",
        (true, false) => "user_id",
        (false, true) => "open_id",
        (false, false) => "neither",
    }
}

#[tokio::test]
async fn both_answers_of_a_login_name_the_ids_of_the_profile() {
    let sandbox = RunningSandbox::start().await;
    for profile in ["user_id", "both", "open_id"] {
        sandbox.put("profiles", json!({ "profile": format!("ids:{profile}") })).await;
        let tokens = sandbox.exchange("li-na").await;
        let member = sandbox.share_with(&tokens).await;
        assert_eq!((ids(&tokens), ids(&member)), (profile, profile));
        for (id, own) in [("user_id", "2088000000000002"), ("open_id", "open-li-na")] {
            assert!(tokens[id].is_null() || tokens[id] == own, "{tokens}");
            assert_eq!(member[id], tokens[id]);
        }
        assert_eq!(ids(&sandbox.refresh(&tokens).await), profile);
    }
}

#[tokio::test]
async fn an_app_that_is_being_moved_sees_one_users_ids_change() {
    let sandbox = RunningSandbox::start_as("ids:mixed").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let tokens = sandbox.exchange("li-na").await;
        assert_eq!(ids(&sandbox.share_with(&tokens).await), ids(&tokens), "one login is about one time");
        seen.push(ids(&tokens));
    }
    assert_eq!(seen, ["user_id", "both", "open_id", "open_id"], "no way leads back");
    let tokens = sandbox.exchange("emoji").await;
    assert_eq!((ids(&tokens), ids(&sandbox.refresh(&tokens).await)), ("user_id", "both"), "a refresh is an answer too");
}

#[tokio::test]
async fn the_ids_of_one_user_are_chosen_by_a_test() {
    let sandbox = RunningSandbox::start_as("ids:both").await;
    // The ids in the exchange, and then in the member's information.
    for (chosen, exchanged, shared) in [
        (json!("user_id"), "user_id", "user_id"),
        (json!("both"), "both", "both"),
        (json!("open_id"), "open_id", "open_id"),
        (json!("alipay_open_id"), "open_id", "neither"),
        (json!("nobody"), "open_id", "neither"),
        (json!("mixed"), "open_id", "open_id"),
        (json!(null), "both", "both"),
    ] {
        sandbox.put("ids", json!({ "user": "li-na", "ids": chosen })).await;
        let tokens = sandbox.exchange("li-na").await;
        let member = sandbox.share_with(&tokens).await;
        assert_eq!((ids(&tokens), ids(&member)), (exchanged, shared), "{chosen}");
        assert_eq!(member["alipay_open_id"] == "open-li-na", chosen == "alipay_open_id", "{member}");
    }
    sandbox.put("ids", json!({ "user": "li-na", "ids": "user_id" })).await;
    assert_eq!(ids(&sandbox.exchange("emoji").await), "both", "another user");
    let tokens = sandbox.exchange("li-na").await;
    sandbox.put("ids", json!({ "user": "li-na", "ids": "both" })).await;
    assert_eq!((ids(&tokens), ids(&sandbox.share_with(&tokens).await)), ("user_id", "both"), "within one login");
    // A login keeps the ids its code was issued with, whatever profile is chosen later.
    for chosen in ["user_id", "both", "open_id"] {
        sandbox.decide("li-na", "auth_user", "accept").await;
        let wanted = json!({ "user": "li-na", "scopes": ["auth_user"], "ids": chosen });
        let (_, issued) = sandbox.control(Method::POST, "auth-codes", Some(wanted)).await;
        let tokens = sandbox.exchange_code(issued["auth_code"].as_str().unwrap()).await;
        assert_eq!((ids(&tokens), ids(&sandbox.share_with(&tokens).await)), (chosen, chosen));
        assert_eq!(ids(&sandbox.refresh(&tokens).await), chosen);
    }
    for wrong in [json!({ "user": "nobody", "ids": "both" }), json!({ "user": "li-na", "ids": "union_id" })] {
        let (status, body) = sandbox.control(Method::PUT, "ids", Some(wrong)).await;
        assert!(status.is_client_error(), "{status}: {body}");
    }
}

#[tokio::test]
async fn the_client_works_with_every_profile() {
    for profile in miniauth_platform::behaviours().profiles.iter().flat_map(|(name, profile)| {
        let here = profile.acts_in == miniauth_platform::behaviours::Part::Sandbox;
        profile.values.iter().filter(move |_| here).map(move |value| format!("{name}:{value}"))
    }) {
        let sandbox = RunningSandbox::start_as(&profile).await;
        let gateway = sandbox.gateway();
        let grant = gateway.exchange_code(&sandbox.code("zhang-wei", "auth_user").await).await.unwrap();
        assert_eq!(gateway.user_info(&grant).await.unwrap().nick_name(), Some("张伟"), "{profile}");
        let renewed = gateway.refresh(grant.ids(), grant.refresh_token().unwrap()).await.unwrap();
        assert_eq!(gateway.user_info(&renewed).await.unwrap().nick_name(), Some("张伟"), "{profile}");
        let again = gateway.refresh(grant.ids(), grant.refresh_token().unwrap()).await.unwrap_err();
        assert_eq!(again.sub_code(), Some("isv.refreshed-token-invalid"), "{profile}");
    }
}

#[tokio::test]
async fn the_client_uses_unsigned_refusals_as_advice_only() {
    let of_app = |sandbox: &RunningSandbox, app_id: &str| {
        gateway(changed(sandbox.config(), |config| config.app_id = AppId::parse(app_id).unwrap()))
    };
    for (app_id, sub_code, setting) in [
        ("2021000000000404", "isv.invalid-app-id", Setting::AppId),
        (KEYLESS_APP_ID, "isv.missing-signature-config", Setting::AppPrivateKey),
    ] {
        let code = AuthCode::parse("none").unwrap();
        let sandbox = RunningSandbox::start().await;
        let error = of_app(&sandbox, app_id).exchange_code(&code).await.unwrap_err();
        assert_eq!((error.code(), error.sub_code()), (ErrorCode::GatewayUntrusted, None), "{error}");
        assert_eq!(error.unsigned_claim().and_then(Refusal::sub_code), Some(sub_code));
        assert_eq!(error.action(), Action::FixConfiguration(setting));
        assert!(!error.outcome_known(), "nobody vouches for it");
        let told = format!("the gateway says, unsigned: {sub_code}: check {setting}. ");
        assert!(error.to_string().starts_with(&told), "{error}");

        let sandbox = RunningSandbox::start_as("errors:signed").await;
        let error = of_app(&sandbox, app_id).exchange_code(&code).await.unwrap_err();
        assert_eq!((error.code(), error.sub_code()), (ErrorCode::ServerMisconfigured, Some(sub_code)));
        assert_eq!((error.unsigned_claim(), error.outcome_known()), (None, true));
    }
    // A success without a signature is not data.
    let sandbox = RunningSandbox::start().await;
    sandbox.put("fault", json!({ "kind": "unsigned" })).await;
    let error = sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap_err();
    assert_eq!((error.unsigned_claim(), error.action()), (None, Action::DoNotTrust));
    assert!(error.to_string().contains("cannot be trusted: it is not signed"), "{error}");
}

#[tokio::test]
async fn a_refresh_extends_the_lifetime_as_the_profile_says() {
    let half = 1_296_000;
    // The refresh token's lifetime, once half of it has passed.
    for (profile, re_expires_in) in [("renewed", 2 * half), ("fixed", half)] {
        let sandbox = RunningSandbox::start_as(&format!("refresh:{profile}")).await;
        let first = sandbox.exchange("li-na").await;
        assert_eq!(first["re_expires_in"], 2 * half);
        let second = sandbox.refresh(&first).await;
        assert_eq!(sandbox.share_with(&first).await["code"], "20001", "{profile}: the old token ends at once");
        assert_eq!(sandbox.share_with(&second).await["code"], "10000", "{profile}");

        sandbox.clock.advance(Duration::from_secs(half));
        let third = sandbox.refresh(&second).await;
        let left = third["re_expires_in"].as_u64().unwrap();
        // The test itself takes some seconds too.
        assert!((re_expires_in - 60..=re_expires_in).contains(&left), "{profile}: {left}");
    }
}

#[tokio::test]
async fn refusals_of_no_known_app_are_signed_or_not() {
    let business = [("grant_type", "authorization_code"), ("code", "none")];
    for (profile, expected) in [("errors:unsigned", false), ("errors:signed", true)] {
        let sandbox = RunningSandbox::start_as(profile).await;
        for (app_id, sub_code, always_signed) in [
            ("2021000000000404", "isv.invalid-app-id", false),
            ("", "isv.missing-app-id", false),
            (KEYLESS_APP_ID, "isv.missing-signature-config", false),
            ("2021000000000001", "isv.code-invalid", true),
        ] {
            let mut parameters = request(OAUTH_TOKEN, &business);
            parameters.set("app_id", app_id);
            let body = post_signed(&sandbox, parameters).await;
            let answer = RawAnswer::read(&sandbox, &body);
            assert_eq!(
                (answer.json()["sub_code"].as_str(), answer.signed),
                (Some(sub_code), always_signed || expected)
            );
        }
        sandbox.put("fault", json!({ "kind": "refusal", "sub_code": "isv.missing-signature-config" })).await;
        let body = post_signed(&sandbox, request(OAUTH_TOKEN, &business)).await;
        assert_eq!(RawAnswer::read(&sandbox, &body).signed, expected, "an app that left no key: {body}");
    }
}

#[tokio::test]
async fn a_refused_exchange_has_the_name_of_the_profile() {
    let business = [("grant_type", "authorization_code"), ("code", "none")];
    for (profile, expected) in [("own", "alipay_system_oauth_token_response"), ("error_response", "error_response")] {
        let sandbox = RunningSandbox::start_as(&format!("node:{profile}")).await;
        for app_id in ["2021000000000404", "2021000000000001"] {
            let mut parameters = request(OAUTH_TOKEN, &business);
            parameters.set("app_id", app_id);
            let body = post_signed(&sandbox, parameters).await;
            assert_eq!(RawAnswer::read(&sandbox, &body).name, expected, "{app_id}");
        }
        let share = post_signed(&sandbox, request("alipay.user.info.share", &[("auth_token", "none")])).await;
        assert_eq!(RawAnswer::read(&sandbox, &share).name, "alipay_user_info_share_response");
    }
}

#[tokio::test]
async fn profiles_are_set_shown_and_go_back_to_the_start() {
    let sandbox = RunningSandbox::start_as("ids:both,refresh:fixed").await;
    let shown = async || sandbox.get("profiles").await;
    assert_eq!(shown().await["profile"], "ids:both,refresh:fixed");
    sandbox.put("profiles", json!({ "profile": "errors:signed" })).await;
    let profiles = shown().await;
    assert_eq!((&profiles["profile"], &profiles["profiles"]["errors"]), (&json!("errors:signed"), &json!("signed")));
    assert_ne!(profiles["profiles"]["ids"], "both", "what is not named has its default");
    let wrong = json!({ "profile": "ids:both,close:10" });
    let (status, body) = sandbox.control(Method::PUT, "profiles", Some(wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body["error"].as_str().unwrap().contains("refresh:"), "{body}");
    assert_eq!(shown().await["profile"], "errors:signed");
    sandbox.control(Method::POST, "reset", None).await;
    assert_eq!(shown().await["profile"], "ids:both,refresh:fixed");
}
