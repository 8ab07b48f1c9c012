//! One code, one exchange.

use crate::support::{Answer, World};
use serde_json::json;
use std::time::{Duration, Instant};

const ATTEMPT: &str = "attempt-0123456789";
const OTHER_ATTEMPT: &str = "attempt-9876543210";

async fn exchanges(world: &World) -> usize {
    world.sandbox.calls().await.iter().filter(|method| *method == "alipay.system.oauth.token").count()
}

#[tokio::test]
async fn a_repeated_post_gets_the_same_session_for_a_minute() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": ATTEMPT });
    let first = world.post_auth(&body).await;
    world.clock.forward(30);
    let again = world.post_auth(&body).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.session(), first.session());
    assert_eq!(again.body["member"], first.body["member"]);
    assert!(again.body["expires_in"].as_u64() <= first.body["expires_in"].as_u64().map(|left| left - 29));

    world.clock.forward(31);
    let late = world.post_auth(&body).await;
    late.assert_problem(409, "code_used");
    assert_eq!(late.body["reauthorize"], true);
    assert_eq!(exchanges(&world).await, 1);
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn any_other_second_post_gets_nothing() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let first = world.post_auth(&json!({ "authcode": code, "login_id": ATTEMPT })).await;
    assert_eq!(first.status, 200);
    world.post_auth(&json!({ "authcode": code, "login_id": OTHER_ATTEMPT })).await.assert_problem(409, "code_used");
    world.post_auth(&json!({ "authcode": code })).await.assert_problem(409, "code_used");

    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    assert_eq!(world.post_auth(&json!({ "authcode": code })).await.status, 200);
    let nameless = world.post_auth(&json!({ "authcode": code })).await;
    nameless.assert_problem(409, "code_used");
    assert_eq!(exchanges(&world).await, 2);
}

#[tokio::test]
async fn after_logout_a_repeated_post_gets_no_session() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": ATTEMPT });
    let session = world.post_auth(&body).await.session().to_owned();
    assert_eq!(world.log_out(&session).await.status, 204);
    world.post_auth(&body).await.assert_problem(409, "code_used");
    world.get("/session", &session).await.assert_problem(401, "session_unknown");
}

#[tokio::test]
async fn a_repeated_post_survives_a_restart() {
    let mut world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": ATTEMPT });
    let session = world.post_auth(&body).await.session().to_owned();
    world.stop_server().await;
    world.start_server().await;
    assert_eq!(world.post_auth(&body).await.session(), session);
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn posts_at_the_same_time_share_one_exchange() {
    let world = World::start().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 300 })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let mine = json!({ "authcode": code, "login_id": ATTEMPT });
    let first = world.post_auth(&mine);
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let foreign = json!({ "authcode": code, "login_id": OTHER_ATTEMPT });
        tokio::join!(world.post_auth(&mine), world.post_auth(&mine), world.post_auth(&foreign))
    };
    let (first, (second, third, foreign)) = tokio::join!(first, others);
    assert_eq!(second.session(), first.session());
    assert_eq!(third.session(), first.session());
    foreign.assert_problem(409, "code_used");
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn different_codes_do_not_wait_for_each_other() {
    let world = World::start().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 1_000 })).await;
    let mut logins = Vec::new();
    for _ in 0..10 {
        let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
        let request = world.client.post(world.url("/auth")).json(&json!({ "authcode": code }));
        logins.push(tokio::spawn(Answer::of(request)));
    }
    let started = Instant::now();
    for login in logins {
        assert_eq!(login.await.unwrap().status, 200);
    }
    // One after another they would take ten seconds.
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_hangs_up_loses_nothing() {
    let world = World::start().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 900 })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": ATTEMPT });
    let hung_up = world.client.post(world.url("/auth")).json(&body).timeout(Duration::from_millis(500));
    assert!(hung_up.send().await.unwrap_err().is_timeout());
    let answer = world.post_auth(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["member"]["nick_name"], "张伟");
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn stopping_waits_for_a_login_whose_client_hung_up() {
    let mut world = World::start().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 900 })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": ATTEMPT });
    let hung_up = world.client.post(world.url("/auth")).json(&body).timeout(Duration::from_millis(500));
    assert!(hung_up.send().await.unwrap_err().is_timeout());
    world.stop_server().await;
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn without_an_answer_the_code_is_never_exchanged_again() {
    let world = World::start().await;
    for kind in ["reset", "unavailable"] {
        world.sandbox.fault(json!({ "kind": kind, "times": 1 })).await;
        let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
        let body = json!({ "authcode": code, "login_id": ATTEMPT });
        let before = world.sandbox.calls().await.len();
        world.post_auth(&body).await.assert_problem(503, "gateway_unavailable");
        let again = world.post_auth(&body).await;
        again.assert_problem(409, "code_outcome_unknown");
        assert_eq!(again.body["reauthorize"], true);
        world.post_auth(&json!({ "authcode": code })).await.assert_problem(409, "code_outcome_unknown");
        assert_eq!(world.sandbox.calls().await.len(), before + 1);
    }
}

#[tokio::test]
async fn a_gateway_that_answers_too_late_leaves_the_outcome_unknown() {
    let mut world = World::start().await;
    world.stop_server().await;
    world.call_timeout = Duration::from_secs(1);
    world.start_server().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 3_000, "times": 1 })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": ATTEMPT });
    world.post_auth(&body).await.assert_problem(503, "gateway_unavailable");
    // The gateway would answer this time.
    world.post_auth(&body).await.assert_problem(409, "code_outcome_unknown");
}

#[tokio::test]
async fn a_repeated_post_of_a_failed_login_fails_the_same_way() {
    let world = World::start().await;
    world.sandbox.product_in_force(false).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": ATTEMPT });
    world.post_auth(&body).await.assert_problem(502, "product_not_in_force");
    let calls = world.sandbox.calls().await;
    world.sandbox.product_in_force(true).await;
    world.post_auth(&body).await.assert_problem(502, "product_not_in_force");
    world.post_auth(&json!({ "authcode": code, "scope": "auth_user" })).await.assert_problem(409, "code_used");
    assert_eq!(world.sandbox.calls().await, calls);
}
