//! Several instances on the same stores: one code, one exchange, wherever it is posted and whatever crashes in between.

use crate::support::{Answer, World};
use serde_json::{Value, json};
use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

const ATTEMPT: &str = "attempt-0123456789";

async fn post(world: &World, to: SocketAddr, body: &Value) -> Answer {
    Answer::of(world.client.post(format!("http://{to}/auth")).json(body)).await
}

async fn exchanges(world: &World) -> usize {
    world.sandbox.calls().await.iter().filter(|method| *method == "alipay.system.oauth.token").count()
}

#[tokio::test]
async fn a_repeated_post_to_another_instance_gets_the_same_session() {
    let world = World::start().await;
    let other = world.start_instance().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": ATTEMPT });
    let first = world.post_auth(&body).await;
    let again = post(&world, other.address, &body).await;
    assert_eq!((again.status.as_u16(), again.session()), (200, first.session()));
    assert_eq!(again.body["member"], first.body["member"]);
    post(&world, other.address, &json!({ "authcode": code })).await.assert_problem(409, "code_used");
    assert_eq!(exchanges(&world).await, 1);

    let url = format!("http://{}/session", other.address);
    let check = || Answer::of(world.client.get(&url).bearer_auth(first.session()));
    assert_eq!(check().await.status, 200);
    assert_eq!(world.log_out(first.session()).await.status, 204);
    check().await.assert_problem(401, "session_unknown");
}

#[tokio::test]
async fn posts_to_all_instances_at_once_make_one_exchange() {
    let world = World::start().await;
    let others = [world.start_instance().await, world.start_instance().await];
    let instances = [world.address(), others[0].address, others[1].address];
    for _ in 0..5 {
        let before = exchanges(&world).await;
        let body = json!({ "authcode": world.sandbox.auth_code("li-na", "auth_base").await, "login_id": ATTEMPT });
        let posts: Vec<_> = (0..12)
            .map(|index| {
                let url = format!("http://{}/auth", instances[index % instances.len()]);
                tokio::spawn(Answer::of(world.client.post(url).json(&body)))
            })
            .collect();
        let mut sessions = Vec::new();
        for post in posts {
            let answer = post.await.unwrap();
            match answer.status.as_u16() {
                200 => sessions.push(answer.session().to_owned()),
                // It arrived during the exchange at another instance, or, with Redis, between saving the outcome and
                // the session.
                _ => {
                    assert_eq!((answer.status.as_u16(), &answer.body["reauthorize"]), (409, &Value::Bool(true)));
                    let code = answer.body["code"].as_str().unwrap();
                    let between = code == "code_used" && world.data.redis.is_some();
                    assert!(code == "code_outcome_unknown" || between, "{}", answer.body);
                }
            }
        }
        assert_eq!(exchanges(&world).await, before + 1);
        assert!(!sessions.is_empty() && sessions.iter().all(|session| *session == sessions[0]), "{sessions:?}");
    }
}

#[tokio::test]
async fn logins_of_one_user_at_all_instances_leave_as_many_sessions_as_allowed() {
    let mut world = World::start().await;
    world.session_rules.per_user = NonZeroU32::new(1).unwrap();
    world.stop_server().await;
    world.start_server().await;
    let other = world.start_instance().await;
    let instances = [world.address(), other.address];
    let mut posts = Vec::new();
    for index in 0..10 {
        let scope = ["auth_base", "auth_user"][index / 2 % 2];
        let body = json!({ "authcode": world.sandbox.auth_code("li-na", scope).await, "scope": scope });
        let url = format!("http://{}/auth", instances[index % 2]);
        posts.push(tokio::spawn(Answer::of(world.client.post(url).json(&body))));
    }
    for post in posts {
        let answer = post.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!((world.count("sessions").await, world.count("grants").await), (1, 1));
}

async fn logged_in(world: &World) -> String {
    world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned()
}

async fn remembering(staleness: Duration) -> World {
    let mut world = World::start().await;
    world.session_rules.staleness = staleness;
    world.stop_server().await;
    world.start_server().await;
    world
}

#[tokio::test]
async fn a_change_takes_effect_at_once_here_and_elsewhere_after_the_staleness() {
    const STALENESS: Duration = Duration::from_secs(1);
    let world = remembering(STALENESS).await;
    let other = world.start_instance().await;
    let session = logged_in(&world).await;
    let url = format!("http://{}/session", other.address);
    let elsewhere = || Answer::of(world.client.get(&url).bearer_auth(&session));
    assert_eq!(world.get("/session", &session).await.status, 200);
    assert_eq!(elsewhere().await.status, 200);
    assert_eq!(world.log_out(&session).await.status, 204);
    world.get("/session", &session).await.assert_problem(401, "session_unknown");
    tokio::time::sleep(STALENESS).await;
    elsewhere().await.assert_problem(401, "session_unknown");
}

#[tokio::test]
async fn a_session_that_was_read_is_not_read_again_before_the_staleness() {
    let world = remembering(Duration::from_secs(60)).await;
    let other = world.start_instance().await;
    let session = logged_in(&world).await;
    let url = format!("http://{}/session", other.address);
    let elsewhere = || Answer::of(world.client.get(&url).bearer_auth(&session));
    assert_eq!(elsewhere().await.status, 200);
    assert_eq!(world.log_out(&session).await.status, 204);
    assert_eq!(elsewhere().await.status, 200, "the store was asked");
}

#[tokio::test]
async fn an_instance_that_dies_between_claim_and_answer_leaves_the_outcome_unknown() {
    let world = World::start().await;
    let (sender, started) = std::sync::mpsc::channel();
    // A separate runtime, which can be dropped with everything that runs on it.
    let dying = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config = world.config();
    dying.spawn(async move {
        let server = miniauth_server::Server::open(config).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        sender.send(listener.local_addr().unwrap()).unwrap();
        server.serve(listener, std::future::pending()).await;
    });
    let address = tokio::task::spawn_blocking(move || started.recv().unwrap()).await.unwrap();

    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 1_500, "times": 1 })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": ATTEMPT });
    let cut = tokio::spawn(world.client.post(format!("http://{address}/auth")).json(&body).send());
    let started = std::time::Instant::now();
    while world.count("code_claims").await == 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "the code is not claimed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Long enough to call the gateway, too short for its answer.
    tokio::time::sleep(Duration::from_millis(300)).await;
    dying.shutdown_background();
    assert!(cut.await.unwrap().is_err(), "nobody answers any more");

    let asked = exchanges(&world).await;
    let again = world.post_auth(&body).await;
    again.assert_problem(409, "code_outcome_unknown");
    assert_eq!(again.body["reauthorize"], true);
    world.post_auth(&json!({ "authcode": code })).await.assert_problem(409, "code_outcome_unknown");
    assert_eq!(exchanges(&world).await, asked, "the gateway is not asked again");
}

/// A refresh token can be exchanged once, and each instance has the same one.
#[tokio::test]
async fn a_member_who_is_refreshed_at_all_instances_at_once_is_asked_for_no_consent() {
    const DAY: u64 = 24 * 60 * 60;
    let mut world = World::start().await;
    world.session_rules.lifetime = Duration::from_secs(365 * DAY);
    world.limits.requests_per_minute_per_session = None;
    world.stop_server().await;
    world.start_server().await;
    let others = [world.start_instance().await, world.start_instance().await];
    let instances = [world.address(), others[0].address, others[1].address];
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    // Expiry according to the platform counts, and so does the expiry that it gave.
    for (round, says_so) in [false, true, false, true, false].into_iter().enumerate() {
        if says_so {
            let fault = json!({ "kind": "refusal", "method": "alipay.user.info.share", "sub_code": "aop.auth-token-time-out", "times": 3 });
            world.sandbox.fault(fault).await;
        } else {
            world.clock.forward(16 * DAY);
        }
        let refreshes = instances.map(|instance| {
            let url = format!("http://{instance}/member/refresh");
            tokio::spawn(Answer::of(world.client.post(url).bearer_auth(&session)))
        });
        for refresh in refreshes {
            let answer = refresh.await.unwrap();
            assert_eq!(answer.status, 200, "round {round}: {}", answer.body);
        }
    }
}
