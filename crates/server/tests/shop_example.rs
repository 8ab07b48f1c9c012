//! The example `shop` over TCP: a team's own handlers with miniauth's sessions.

#[path = "../examples/shop.rs"]
#[allow(dead_code, reason = "the test has a main of its own")]
mod shop;

use crate::support::{Answer, World};
use reqwest::RequestBuilder;
use serde_json::json;
use std::net::SocketAddr;
use tokio::{sync::oneshot, task::JoinHandle};

/// Its address, what stops it, and its end.
async fn open_shop(world: &mut World) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    world.stop_server().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let config = world.config();
    let serving = tokio::spawn(async move {
        shop::serve(config, listener, async { stopped.await.unwrap_or_default() }).await.unwrap();
    });
    (address, stop, serving)
}

async fn text(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn orders_belong_to_the_logged_in_user() {
    let mut world = World::start().await;
    let (address, stop, serving) = open_shop(&mut world).await;
    let url = |path: &str| format!("http://{address}{path}");
    let mut sessions = Vec::new();
    for (user, scope) in [("zhang-wei", "auth_user"), ("li-na", "auth_base")] {
        let code = world.sandbox.auth_code(user, scope).await;
        let body = json!({ "authcode": code, "scope": scope });
        let answer = Answer::of(world.client.post(url("/login/auth")).json(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        sessions.push(answer.session().to_owned());
    }
    let order = world.client.post(url("/orders")).bearer_auth(&sessions[0]).json(&json!({ "article": "tea" }));
    assert_eq!(Answer::of(order).await.body, json!([{ "article": "tea" }]));
    let own = Answer::of(world.client.get(url("/orders")).bearer_auth(&sessions[0])).await;
    assert_eq!(own.body, json!([{ "article": "tea" }]));
    let others = Answer::of(world.client.get(url("/orders")).bearer_auth(&sessions[1])).await;
    assert_eq!((others.status.as_u16(), others.body), (200, json!([])));

    Answer::of(world.client.get(url("/login/member")).bearer_auth(&sessions[1]))
        .await
        .assert_problem(404, "member_unknown");
    let gone = Answer::of(world.client.delete(url("/login/auth")).bearer_auth(&sessions[0])).await;
    assert_eq!(gone.status, 204);
    let over = Answer::of(world.client.get(url("/orders")).bearer_auth(&sessions[0])).await;
    assert_eq!((over.status.as_u16(), &over.body["code"]), (401, &json!("session_unknown")));

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(!world.folder.path().join("miniauth.db-wal").exists(), "the database was closed");
}

#[tokio::test]
async fn each_address_has_its_limit_in_an_app_of_ones_own_too() {
    let mut world = World::start().await;
    world.limits.requests_per_minute_per_address = std::num::NonZeroU32::new(2);
    let (address, _stop, _serving) = open_shop(&mut world).await;
    let url = format!("http://{address}/login/session");
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(text(world.client.get(&url)).await.0);
    }
    assert_eq!(answers, [401, 401, 429]);
}

#[tokio::test]
async fn an_optional_session_lets_strangers_in_and_refuses_what_expired() {
    let mut world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    let (address, _stop, _serving) = open_shop(&mut world).await;
    let url = format!("http://{address}/");
    assert_eq!(text(world.client.get(&url)).await, (200, "欢迎，客人".to_owned()));
    let (status, welcome) = text(world.client.get(&url).bearer_auth(&session)).await;
    let name = world.sandbox.user("zhang-wei").await["nick_name"].as_str().unwrap().to_owned();
    assert_eq!((status, welcome), (200, format!("欢迎，{name}")));
    let (status, problem) = text(world.client.get(&url).bearer_auth("A".repeat(43))).await;
    assert!(status == 401 && problem.contains("session_unknown"), "{status} {problem}");
    let stranger = Answer::of(world.client.get(format!("http://{address}/orders"))).await;
    assert_eq!((stranger.status.as_u16(), &stranger.body["code"]), (401, &json!("bearer_missing")));
}
