//! Logging in, and using the session.

use crate::support::{SESSION_SECONDS, World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_silent_login_gives_a_session_without_a_member() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let answer = world.post_auth(&json!({ "authcode": code })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.body["member"], Value::Null);
    let left = answer.body["expires_in"].as_u64().unwrap();
    assert!((SESSION_SECONDS - 5..=SESSION_SECONDS).contains(&left), "{left}");
    assert_eq!(world.sandbox.calls().await, ["alipay.system.oauth.token"]);

    let session = world.get("/session", answer.session()).await;
    assert_eq!((session.status.as_u16(), &session.body["scope"]), (200, &json!("auth_base")));
    assert_eq!(session.body["member"], Value::Null);
    assert_eq!(session.header("cache-control"), Some("no-store"));
    world.get("/member", answer.session()).await.assert_problem(404, "member_unknown");
}

#[tokio::test]
async fn a_full_login_stores_what_the_platform_says_to_the_byte() {
    let world = World::start().await;
    for user in ["zhang-wei", "emoji", "quotes", "nameless", "li-na"] {
        let known = world.sandbox.user(user).await;
        let answer = world.log_in(user, "auth_user").await;
        let member = &answer["member"];
        for field in ["nick_name", "avatar", "open_id"] {
            assert_eq!(member[field], known[field], "{field} of {user}");
        }
        let session = answer["session"].as_str().unwrap();
        assert_eq!(world.get("/member", session).await.body, *member);
        let described = world.get("/session", session).await.body;
        assert_eq!((&described["scope"], &described["member"]), (&json!("auth_user"), member));
    }
    assert_eq!(world.count("members").await, 5);
}

#[tokio::test]
async fn while_a_session_is_valid_the_platform_is_not_called() {
    let mut world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    let calls = world.sandbox.calls().await;
    assert_eq!(calls, ["alipay.system.oauth.token", "alipay.user.info.share"]);
    for _ in 0..20 {
        assert_eq!(world.get("/session", &session).await.status, 200);
        assert_eq!(world.get("/member", &session).await.status, 200);
    }
    world.stop_server().await;
    world.start_server().await;
    assert_eq!(world.get("/member", &session).await.status, 200);
    assert_eq!(world.sandbox.calls().await, calls);
}

#[tokio::test]
async fn a_session_ends_by_time_and_by_logout() {
    let world = World::start().await;
    let first = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let second = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();

    assert_eq!(world.log_out(&first).await.status, 204);
    let gone = world.get("/session", &first).await;
    gone.assert_problem(401, "session_unknown");
    assert_eq!(gone.body["reauthorize"], true);
    assert_eq!(gone.header("www-authenticate"), Some(r#"Bearer realm="miniauth", error="invalid_token""#));
    assert_eq!(world.log_out(&first).await.status, 204, "ending an ended session is no error");

    world.clock.forward(SESSION_SECONDS - 5);
    assert_eq!(world.get("/session", &second).await.status, 200);
    world.clock.forward(6);
    world.get("/session", &second).await.assert_problem(401, "session_expired");
    world.get("/member", &second).await.assert_problem(401, "session_expired");
    assert_eq!(world.log_out(&second).await.status, 204);
}

#[tokio::test]
async fn a_new_session_takes_the_place_of_the_same_users_old_one_only() {
    let world = World::start().await;
    let old = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let strangers = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    for (bearer, replaced) in [(&strangers, false), (&old, true)] {
        let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
        let body = json!({ "authcode": code, "scope": "auth_user" });
        let request = world.client.post(world.url("/auth")).bearer_auth(bearer).json(&body);
        let answer = crate::support::Answer::of(request).await;
        assert_eq!(world.get("/session", answer.session()).await.status, 200);
        let expected = if replaced { 401 } else { 200 };
        assert_eq!(world.get("/session", bearer).await.status, expected);
    }
    // An expired session does not prevent the next login.
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let request = world.client.post(world.url("/auth")).bearer_auth(&old).json(&json!({ "authcode": code }));
    assert_eq!(crate::support::Answer::of(request).await.status, 200);
}

#[tokio::test]
async fn a_silent_login_keeps_the_consent_of_an_earlier_full_one() {
    let world = World::start().await;
    let full = world.log_in("zhang-wei", "auth_user").await;
    let silent = world.log_in("zhang-wei", "auth_base").await;
    assert_eq!(silent["member"], full["member"], "the stored member comes with a silent login");
    let session = silent["session"].as_str().unwrap();
    assert_eq!(world.get("/session", session).await.body["scope"], "auth_user");
    assert_eq!(world.count("grants").await, 1);

    // When the grant has expired, a silent login replaces it.
    world.clock.forward(2 * 365 * 24 * 60 * 60);
    let silent = world.log_in("zhang-wei", "auth_base").await;
    let session = silent["session"].as_str().unwrap();
    assert_eq!(world.get("/session", session).await.body["scope"], "auth_base");
}

#[tokio::test]
async fn a_full_login_reaches_the_users_earlier_sessions() {
    let mut world = World::start().await;
    world.session_rules.per_user = 2.try_into().unwrap();
    world.stop_server().await;
    world.start_server().await;
    let silent = world.log_in("zhang-wei", "auth_base").await;
    let strangers = world.log_in("li-na", "auth_base").await;
    let full = world.log_in("zhang-wei", "auth_user").await;
    for (login, scope) in [(&silent, "auth_user"), (&full, "auth_user"), (&strangers, "auth_base")] {
        let described = world.get("/session", login["session"].as_str().unwrap()).await.body;
        assert_eq!(described["scope"], scope);
        assert_eq!(described["member"].is_null(), scope == "auth_base");
    }
}

#[tokio::test]
async fn a_full_login_stores_what_the_platform_says_now() {
    let world = World::start().await;
    let before = world.log_in("zhang-wei", "auth_user").await;
    world.clock.forward(60);
    let after = world.log_in("zhang-wei", "auth_user").await;
    assert!(after["member"]["stored_at"].as_u64() > before["member"]["stored_at"].as_u64());
    assert_eq!(world.count("members").await, 1);
}

#[tokio::test]
async fn consent_is_kept_as_reported() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let consent = json!({ "purpose": "用于显示会员等级", "at": 1_780_000_000_000_u64 });
    let answer = world.post_auth(&json!({ "authcode": code, "scope": "auth_user", "consent": consent })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.count("consents WHERE purpose = '用于显示会员等级' AND reported_at = 1780000000000").await, 1);
}

#[tokio::test]
async fn a_form_logs_in_too() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let request = world.client.post(world.url("/auth")).form(&[("authCode", code.as_str())]);
    assert_eq!(crate::support::Answer::of(request).await.status, 200);
}

#[tokio::test]
async fn health_needs_no_session() {
    let world = World::start().await;
    let answer = crate::support::Answer::of(world.client.get(world.url("/healthz"))).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!({ "status": "ok" })));
}
