//! `POST /member/refresh`: queries the platform again, and stores only its answer about this user.

use crate::support::{Answer, World};
use serde_json::json;
use std::time::Duration;

const TOKEN: &str = "alipay.system.oauth.token";
const USER_INFO: &str = "alipay.user.info.share";

/// In seconds.
const DAY: u64 = 24 * 60 * 60;

async fn refresh(world: &World, session: &str) -> Answer {
    Answer::of(world.client.post(world.url("/member/refresh")).bearer_auth(session)).await
}

async fn member_session(world: &World) -> String {
    world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned()
}

/// Sessions that outlive the platform's tokens.
async fn patient_world() -> World {
    let mut world = World::start().await;
    world.session_rules.lifetime = Duration::from_secs(365 * DAY);
    world.stop_server().await;
    world.start_server().await;
    world
}

/// Refreshes successfully; returns the called methods.
async fn calls_of_a_refresh(world: &World, session: &str) -> Vec<String> {
    let before = world.sandbox.calls().await.len();
    let answer = refresh(world, session).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.sandbox.calls().await.split_off(before)
}

#[tokio::test]
async fn each_refresh_asks_the_platform_with_the_valid_access_token() {
    let world = World::start().await;
    let session = member_session(&world).await;
    let before = world.get("/member", &session).await.body;
    for round in 1..=2 {
        world.clock.forward(60);
        assert_eq!(calls_of_a_refresh(&world, &session).await, [USER_INFO]);
        let after = world.get("/member", &session).await.body;
        assert_eq!(after["nick_name"], before["nick_name"]);
        assert!(after["stored_at"].as_u64() >= before["stored_at"].as_u64().map(|at| at + 60_000 * round));
    }
    assert_eq!((world.count("members").await, world.count("grants").await), (1, 1));
}

#[tokio::test]
async fn an_access_token_that_expired_is_refreshed_first() {
    let world = patient_world().await;
    let session = member_session(&world).await;
    world.clock.forward(16 * DAY);
    assert_eq!(calls_of_a_refresh(&world, &session).await, [TOKEN, USER_INFO]);
    assert_eq!(calls_of_a_refresh(&world, &session).await, [USER_INFO], "the new tokens were kept");
    world.clock.forward(16 * DAY);
    assert_eq!(calls_of_a_refresh(&world, &session).await, [TOKEN, USER_INFO], "the new refresh token was kept");
}

#[tokio::test]
async fn an_access_token_that_the_platform_calls_expired_is_refreshed() {
    let world = World::start().await;
    let session = member_session(&world).await;
    for sub_code in ["aop.auth-token-time-out", "aop.invalid-auth-token"] {
        let fault = json!({ "kind": "refusal", "method": USER_INFO, "sub_code": sub_code, "times": 1 });
        world.sandbox.fault(fault).await;
        assert_eq!(calls_of_a_refresh(&world, &session).await, [USER_INFO, TOKEN, USER_INFO], "{sub_code}");
    }
}

#[tokio::test]
async fn another_refusal_spends_no_refresh_token() {
    let world = World::start().await;
    let session = member_session(&world).await;
    world.sandbox.product_in_force(false).await;
    let before = world.sandbox.calls().await.len();
    refresh(&world, &session).await.assert_problem(502, "product_not_in_force");
    assert_eq!(world.sandbox.calls().await.split_off(before), [USER_INFO]);
}

#[tokio::test]
async fn refreshes_at_the_same_time_take_turns() {
    let world = World::start().await;
    let session = member_session(&world).await;
    let (one, two, three) =
        tokio::join!(refresh(&world, &session), refresh(&world, &session), refresh(&world, &session));
    for answer in [one, two, three] {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn another_users_answer_changes_nothing() {
    let world = World::start().await;
    let session = member_session(&world).await;
    let before = world.get("/member", &session).await.body;
    world.sandbox.fault(json!({ "kind": "identity_mismatch", "as_user": "li-na", "times": 1 })).await;
    refresh(&world, &session).await.assert_problem(502, "gateway_identity_mismatch");
    assert_eq!(world.get("/member", &session).await.body, before);
    let stranger = world.sandbox.user("li-na").await;
    let name = stranger["nick_name"].as_str().unwrap();
    assert!(!world.stored_bytes().await.windows(name.len()).any(|window| window == name.as_bytes()));
}

#[tokio::test]
async fn when_all_tokens_expired_the_user_has_to_consent_again() {
    let world = patient_world().await;
    let session = member_session(&world).await;
    world.clock.forward(364 * DAY);
    let calls = world.sandbox.calls().await.len();
    let answer = refresh(&world, &session).await;
    answer.assert_problem(403, "grant_expired");
    assert_eq!(answer.body["reauthorize"], true);
    assert_eq!(world.sandbox.calls().await.len(), calls, "the platform is not asked with an expired token");
}

#[tokio::test]
async fn a_refresh_token_that_the_platform_refuses_is_asked_about_once() {
    for sub_code in ["isv.refresh-token-time-out", "isv.refresh-token-invalid", "isv.refreshed-token-invalid"] {
        let world = patient_world().await;
        let session = member_session(&world).await;
        world.clock.forward(16 * DAY);
        world.sandbox.fault(json!({ "kind": "refusal", "method": TOKEN, "sub_code": sub_code, "times": 1 })).await;
        let before = world.sandbox.calls().await.len();
        for round in 0..3 {
            let answer = refresh(&world, &session).await;
            answer.assert_problem(403, "grant_expired");
            assert_eq!(answer.body["reauthorize"], true);
            assert_eq!(answer.body.get("detail"), None, "the words of the code say what to do, once: {}", answer.body);
            assert_eq!(world.sandbox.calls().await.split_off(before), [TOKEN], "{sub_code}, round {round}");
        }
        assert_eq!(world.get("/member", &session).await.status, 200, "what is stored stays");
        // The user authorises again.
        let session = member_session(&world).await;
        assert_eq!(calls_of_a_refresh(&world, &session).await, [USER_INFO]);
    }
}

#[tokio::test]
async fn without_a_member_there_is_nothing_to_refresh() {
    let world = World::start().await;
    let session = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    refresh(&world, &session).await.assert_problem(404, "member_unknown");
    Answer::of(world.client.post(world.url("/member/refresh"))).await.assert_problem(401, "bearer_missing");
    Answer::of(world.client.get(world.url("/member/refresh"))).await.assert_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_broken_gateway_is_reported_and_the_stored_member_stays() {
    let world = World::start().await;
    let session = member_session(&world).await;
    let before = world.get("/member", &session).await.body;
    world.sandbox.fault(json!({ "kind": "wrong_signature" })).await;
    refresh(&world, &session).await.assert_problem(502, "gateway_untrusted");
    assert_eq!(world.get("/member", &session).await.body, before);
}
