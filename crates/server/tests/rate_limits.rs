//! Rate limits by address and by session, over real connections.

use crate::support::{Answer, World, log::Log};
use miniauth_server::{ForwardingHeader, Server};
use std::{net::IpAddr, num::NonZeroU32, time::Instant};

/// A client with its own loopback address.
fn client_at(address: [u8; 4]) -> reqwest::Client {
    reqwest::Client::builder().local_address(IpAddr::from(address)).build().unwrap()
}

async fn ask(world: &World, client: &reqwest::Client, forwarded_for: &str) -> u16 {
    let request = client.get(world.url("/session")).header("x-forwarded-for", forwarded_for);
    Answer::of(request).await.status.as_u16()
}

async fn world_with(per_address: u32, per_session: u32, proxies: &[&str]) -> World {
    let mut world = World::start().await;
    world.limits.requests_per_minute_per_address = NonZeroU32::new(per_address);
    world.limits.requests_per_minute_per_session = NonZeroU32::new(per_session);
    world.proxies.networks = proxies.iter().map(|network| network.parse().unwrap()).collect();
    world.stop_server().await;
    world.start_server().await;
    world
}

#[tokio::test]
async fn an_address_that_asks_too_often_gets_retry_after_and_others_are_served() {
    let world = world_with(3, 0, &[]).await;
    let (first, second) = (client_at([127, 0, 0, 2]), client_at([127, 0, 0, 3]));
    for _ in 0..3 {
        Answer::of(first.get(world.url("/session"))).await.assert_problem(401, "bearer_missing");
    }
    let refused = Answer::of(first.get(world.url("/member"))).await;
    refused.assert_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((15..=20).contains(&wait), "one request comes back every 20 seconds: {wait}");
    let body = first.post(world.url("/auth")).json(&serde_json::json!({ "authcode": "a" }));
    Answer::of(body).await.assert_problem(429, "rate_limited");
    assert_eq!(Answer::of(second.get(world.url("/session"))).await.status, 401);
    for watched in ["/healthz", "/readyz"] {
        assert_eq!(Answer::of(first.get(world.url(watched))).await.status, 200, "who watches is answered");
    }
    let metrics = first.get(world.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"route="/member",status="429"} 1"#), "{metrics}");
}

#[tokio::test]
async fn a_client_cannot_choose_its_address() {
    let world = world_with(2, 0, &[]).await;
    let client = client_at([127, 0, 0, 2]);
    let mut answers = Vec::new();
    for other in 1..=4 {
        answers.push(ask(&world, &client, &format!("203.0.113.{other}")).await);
    }
    assert_eq!(answers, [401, 401, 429, 429], "no proxy is trusted");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself_whatever_it_says_of_itself() {
    let world = world_with(2, 0, &["127.0.0.2/32"]).await;
    let (proxy, stranger) = (client_at([127, 0, 0, 2]), client_at([127, 0, 0, 3]));
    let mut answers = Vec::new();
    // The proxy appends the address that it saw to what the client sent.
    for made_up in 1..=3 {
        answers.push(ask(&world, &proxy, &format!("198.51.100.{made_up}, 203.0.113.5")).await);
    }
    answers.push(ask(&world, &proxy, "203.0.113.6").await);
    assert_eq!(answers, [401, 401, 429, 401]);
    let mut answers = Vec::new();
    for made_up in 1..=3 {
        answers.push(ask(&world, &stranger, &format!("203.0.113.{made_up}")).await);
    }
    assert_eq!(answers, [401, 401, 429], "who is no trusted proxy counts by its own address");
}

#[tokio::test]
async fn only_the_header_that_the_proxies_write_counts() {
    let mut world = world_with(1, 0, &["127.0.0.2/32"]).await;
    world.proxies.header = ForwardingHeader::Forwarded;
    world.stop_server().await;
    world.start_server().await;
    let proxy = client_at([127, 0, 0, 2]);
    let mut answers = Vec::new();
    for (forwarded, made_up) in [("for=203.0.113.5", "198.51.100.1"), ("for=203.0.113.5", "198.51.100.2")] {
        let request = proxy.get(world.url("/session")).header("forwarded", forwarded);
        answers.push(Answer::of(request.header("x-forwarded-for", made_up)).await.status.as_u16());
    }
    assert_eq!(answers, [401, 429]);
}

#[tokio::test]
async fn a_session_has_a_count_of_its_own_from_wherever_it_is_used() {
    let world = world_with(0, 3, &[]).await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let other = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    for last in 2..5 {
        let client = client_at([127, 0, 0, last]);
        assert_eq!(Answer::of(client.get(world.url("/session")).bearer_auth(&session)).await.status, 200);
    }
    let refused = world.get("/session", &session).await;
    refused.assert_problem(429, "rate_limited");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.get("/session", &other).await.status, 200);
    assert_eq!(Answer::of(world.client.get(world.url("/session"))).await.status, 401, "no session, no count");
}

/// The limits as documented for operators.
#[tokio::test]
async fn the_limits_are_the_documented_ones_unless_it_is_said_otherwise() {
    let document = include_str!("../../../docs/server.md");
    assert!(
        document.contains("send 1200 requests a minute, a session 300; above that the answer is 429 with Retry-After")
    );
    let world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let client = client_at([127, 0, 0, 4]);
    let ask = |session: Option<String>| {
        let request = client.get(world.url("/session"));
        let request = if let Some(session) = session { request.bearer_auth(session) } else { request };
        async move { Answer::of(request).await }
    };
    let refused = |answer: &Answer| {
        answer.assert_problem(429, "rate_limited");
        assert_eq!(answer.header("retry-after"), Some("1"), "one comes back within a second");
    };
    let mut allowed = 0;
    // The session regains its quota meanwhile: 5 per second.
    let begun = Instant::now();
    let last = loop {
        let answer = ask(Some(session.clone())).await;
        if answer.status != 200 || allowed == 1_199 {
            break answer;
        }
        allowed += 1;
    };
    refused(&last);
    let back = 5 * (begun.elapsed().as_secs() as u32 + 1);
    assert!((300..=300 + back).contains(&allowed), "{allowed} requests with a session");
    // The request that the session's limit refused counts for the address too.
    allowed += 1;
    let last = loop {
        let answer = ask(None).await;
        if answer.status != 401 || allowed == 4_800 {
            break answer;
        }
        allowed += 1;
    };
    refused(&last);
    let back = 20 * (begun.elapsed().as_secs() as u32 + 1);
    assert!((1_200..=1_200 + back).contains(&allowed), "{allowed} requests of an address");
}

/// An app that is served without addresses: its operator is warned once.
#[tokio::test]
async fn requests_without_an_address_are_not_limited_by_it_and_that_is_said() {
    let mut world = World::start().await;
    world.limits.requests_per_minute_per_address = NonZeroU32::new(1);
    world.stop_server().await;
    let log = Log::default();
    let _logging =
        tracing::subscriber::set_default(tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/session", listener.local_addr().unwrap());
    let miniauth = Server::open(world.config()).await.unwrap();
    let asking = async {
        for _ in 0..3 {
            Answer::of(world.client.get(&url)).await.assert_problem(401, "bearer_missing");
        }
    };
    miniauth
        .run(async |endpoints| {
            tokio::select! {
                served = axum::serve(listener, endpoints) => served.unwrap(),
                () = asking => {}
            }
        })
        .await;
    let told = log.text().matches("without their clients' addresses").count();
    assert_eq!(told, 1, "{}", log.text());
}

#[tokio::test]
async fn invented_codes_are_limited_before_the_gateway_while_others_log_in() {
    let mut world = World::start().await;
    world.limits.failed_logins_per_minute_per_address = NonZeroU32::new(3);
    world.stop_server().await;
    world.start_server().await;
    let (inventor, user) = (client_at([127, 0, 0, 2]), client_at([127, 0, 0, 3]));
    let post = async |client: &reqwest::Client, code: String| {
        Answer::of(client.post(world.url("/auth")).json(&serde_json::json!({ "authcode": code }))).await
    };
    for number in 0..3 {
        post(&inventor, format!("invented-{number}")).await.assert_problem(422, "code_invalid");
    }
    let refused = post(&inventor, "invented-3".to_owned()).await;
    refused.assert_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    assert_eq!(world.sandbox.calls().await.len(), 3, "calls of the gateway");
    assert_eq!(world.count("code_claims").await, 3);
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    assert_eq!(post(&user, code).await.status, 200);
    assert_eq!(ask(&world, &inventor, "").await, 401, "other requests of the address go on");
}
