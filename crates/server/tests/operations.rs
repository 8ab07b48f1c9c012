//! Protection against bad clients and overload, and monitoring.

use crate::support::{Answer, World};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemRandom;
use miniauth_server::{
    Audience,
    store::{Actor, Backend, Stores},
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

async fn metrics(world: &World) -> String {
    let answer = world.client.get(world.url("/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_which_no_client_chooses() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for path in ["/healthz", "/member", "/nowhere"] {
        let answer = Answer::of(world.client.get(world.url(path)).header("x-request-id", "mine")).await;
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())), "{ids:?}");
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
}

/// Adds a back-end as the command does; returns its secret.
async fn add_backend(world: &World, name: &str) -> String {
    let stores = Stores::open(&world.data.database_url(), None).await.unwrap();
    let backend = Backend {
        name: name.parse().unwrap(),
        claims: "".parse().unwrap(),
        app_id: None,
        changed_at: world.clock.now(),
    };
    let secret = stores.add_backend(backend, &Actor::User, &SystemRandom).await.unwrap().unwrap();
    stores.close().await;
    secret.expose().to_owned()
}

#[tokio::test]
async fn the_counters_tell_requests_logins_refusals_and_gateway_calls() {
    let mut world = World::start().await;
    world.tokens.audiences = vec![Audience { name: "shop".parse().unwrap(), ids: false }];
    let secret = add_backend(&world, "shop").await;
    restart(&mut world).await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    world.get("/member", &session).await;
    let token = world.client.post(world.url("/session/token")).bearer_auth(&session);
    assert_eq!(Answer::of(token.json(&json!({ "audience": "shop" }))).await.status, 200);
    let question = world.client.post(world.url("/introspect")).basic_auth("shop", Some(secret));
    assert_eq!(Answer::of(question.form(&[("token", &session)])).await.body["active"], true);
    world.post_auth(&json!({ "authcode": "never-was" })).await.assert_problem(422, "code_invalid");
    let forwarded = json!({ "authcode": "a", "nickName": "x" });
    world.post_auth(&forwarded).await.assert_problem(422, "display_only_forwarded");
    world.client.get(world.url("/no-such-path")).send().await.unwrap();
    let over = json!({ "kind": "refusal", "method": "alipay.user.info.share", "sub_code": "aop.auth-token-time-out", "times": 1 });
    world.sandbox.fault(over).await;
    let refresh = world.client.post(world.url("/member/refresh")).bearer_auth(&session);
    assert_eq!(Answer::of(refresh).await.status, 200);

    let text = metrics(&world).await;
    for line in [
        r#"miniauth_requests_total{method="POST",route="/auth",status="200"} 1"#,
        r#"miniauth_requests_total{method="POST",route="/auth",status="422"} 2"#,
        r#"miniauth_requests_total{method="GET",route="/member",status="200"} 1"#,
        r#"miniauth_requests_total{method="GET",route="(none)",status="404"} 1"#,
        r#"miniauth_logins_total{outcome="ok"} 1"#,
        r#"miniauth_logins_total{outcome="code_invalid"} 1"#,
        "miniauth_display_only_refused_total 1",
        r#"miniauth_gateway_calls_total{call="exchange_code",outcome="ok"} 1"#,
        r#"miniauth_gateway_calls_total{call="exchange_code",outcome="code_invalid"} 1"#,
        r#"miniauth_gateway_calls_total{call="user_info",outcome="ok"} 2"#,
        r#"miniauth_gateway_calls_total{call="user_info",outcome="scope_insufficient"} 1"#,
        r#"miniauth_gateway_calls_total{call="refresh",outcome="ok"} 1"#,
        r#"miniauth_tokens_total{audience="shop"} 1"#,
        r#"miniauth_introspections_total{backend="shop",active="true"} 1"#,
        "# TYPE miniauth_logins_total counter",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("no-such-path"), "a client makes no label");

    let count = |histogram: &str| {
        let line =
            text.lines().find_map(|line| line.strip_prefix(histogram)).unwrap_or_else(|| panic!("{histogram}\n{text}"));
        line.trim().parse::<u64>().unwrap()
    };
    assert_eq!(count(r#"miniauth_request_duration_seconds_count{method="POST",route="/auth",status="2xx"}"#), 1);
    assert_eq!(
        count(r#"miniauth_request_duration_seconds_bucket{method="POST",route="/auth",status="4xx",le="+Inf"}"#),
        2
    );
    assert_eq!(count(r#"miniauth_store_duration_seconds_count{operation="finish_login"}"#), 1);
    assert_eq!(count(r#"miniauth_limit{setting="requests_per_minute_per_session"}"#), 300);
    assert_eq!(count(r#"miniauth_requests_under_way{of="clients"}"#), 0);
    assert!(count("miniauth_connections") >= 1, "the one that asks");
    assert!(count("miniauth_last_clean_up_timestamp_seconds") > 1_700_000_000);
    assert!(count("miniauth_token_key_age_seconds") < 86_400);
    assert_eq!(count(r#"miniauth_cleaned_total{kind="sessions"}"#), 0);
    assert_eq!(count(r#"miniauth_gateway_call_duration_seconds_count{call="exchange_code"}"#), 2);
    assert_eq!(count(r#"miniauth_gateway_call_duration_seconds_count{call="user_info"}"#), 3);

    let served: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let documented = include_str!("../../../docs/metrics.md").split('`').filter(|text| text.starts_with("miniauth_"));
    assert_eq!(served, documented.collect(), "docs/metrics.md has every name");
}

#[tokio::test]
async fn above_the_limit_requests_get_retry_after_and_the_health_paths_answer() {
    let mut world = World::start().await;
    world.limits.requests = 2;
    restart(&mut world).await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 1_500 })).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let body = json!({ "authcode": world.sandbox.auth_code("zhang-wei", "auth_base").await });
        waiting.push(tokio::spawn(Answer::of(world.client.post(world.url("/auth")).json(&body))));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let refused = Answer::of(world.client.get(world.url("/session"))).await;
    refused.assert_problem(503, "overloaded");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(Answer::of(world.client.get(world.url("/readyz"))).await.status, 200);
    assert!(metrics(&world).await.contains(r#"route="/session",status="503"} 1"#));
    for answer in waiting {
        assert_eq!(answer.await.unwrap().status, 200, "what was accepted is finished");
    }
    Answer::of(world.client.get(world.url("/session"))).await.assert_problem(401, "bearer_missing");
}

/// Sends a piece every 50 milliseconds; returns the server's answer and how long it waited.
async fn drip(world: &World, start: &str, piece: &str) -> (String, Duration) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    stream.write_all(start.as_bytes()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let piece = piece.to_owned();
    let dripping = tokio::spawn(async move {
        while write.write_all(piece.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut answer = Vec::new();
    // A reset is an end as well.
    let ended = tokio::time::timeout(Duration::from_secs(20), read.read_to_end(&mut answer)).await;
    dripping.abort();
    assert!(ended.is_ok(), "the server still listens to a client that drips");
    (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
}

#[tokio::test]
async fn slow_heads_and_bodies_are_cut_off_while_others_are_served() {
    let mut world = World::start().await;
    world.limits.header_time = Duration::from_millis(600);
    world.limits.body_time = Duration::from_millis(600);
    restart(&mut world).await;
    let body = "POST /auth HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{";
    let (head, body, login) = tokio::join!(
        drip(&world, "GET /healthz HTTP/1.1\r\nHost: a\r\n", "X-A: b\r\n"),
        drip(&world, body, " "),
        world.log_in("zhang-wei", "auth_base"),
    );
    assert!(login["session"].is_string());
    assert!(head.1 < Duration::from_secs(5) && body.1 < Duration::from_secs(5), "{:?} {:?}", head.1, body.1);
    assert!(!head.0.starts_with("HTTP/1.1 200"), "{}", head.0);
    assert!(body.0.starts_with("HTTP/1.1 408") && body.0.contains("request_timeout"), "{}", body.0);
}

#[tokio::test]
async fn headers_are_limited_in_number_and_size() {
    let world = World::start().await;
    let many: String = (0..100).map(|index| format!("X-{index}: a\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "a".repeat(64 * 1024));
    for headers in [many, large] {
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        let head = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        // The server may hang up before it has read everything.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(Answer::of(world.client.get(world.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn above_the_limit_connections_wait_for_their_turn() {
    let mut world = World::start().await;
    world.limits.connections = 1;
    world.limits.header_time = Duration::from_millis(500);
    restart(&mut world).await;
    let _idle = TcpStream::connect(world.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let answer = Answer::of(reqwest::Client::new().get(world.url("/healthz"))).await;
    assert_eq!(answer.status, 200, "served when the idle one was cut");
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_accepted_and_takes_no_more() {
    let mut world = World::start().await;
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": 800 })).await;
    let body = json!({ "authcode": world.sandbox.auth_code("zhang-wei", "auth_base").await });
    let login = tokio::spawn(Answer::of(world.client.post(world.url("/auth")).json(&body)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let address = world.address();
    world.stop_server().await;
    let answer = login.await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(TcpStream::connect(address).await.is_err());
    world.start_server().await;
    assert_eq!(world.get("/session", answer.session()).await.status, 200);
}

#[tokio::test]
async fn operators_have_a_listener_of_their_own_which_stops_with_the_other() {
    let world = World::start().await;
    let server = world.open().await.unwrap();
    let [public, operators] =
        [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let [at_public, at_operators] = [public.local_addr().unwrap(), operators.local_addr().unwrap()];
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(server.serve_apart(public, operators, async move { stopped.await.unwrap() }));
    let get = async |address, path| world.client.get(format!("http://{address}{path}")).send().await.unwrap();
    let status = async |address, path| get(address, path).await.status().as_u16();
    for path in ["/metrics", "/readyz", "/readyz/reads"] {
        assert_eq!((status(at_public, path).await, status(at_operators, path).await), (404, 200), "{path}");
    }
    assert_eq!((status(at_public, "/healthz").await, status(at_operators, "/healthz").await), (200, 200));
    assert_eq!((status(at_public, "/session").await, status(at_operators, "/session").await), (401, 404));
    let counted = get(at_operators, "/metrics").await.text().await.unwrap();
    assert!(counted.contains(r#"miniauth_requests_total{method="GET",route="/session",status="401"} 1"#), "{counted}");
    stop.send(()).unwrap();
    serving.await.unwrap();
    for address in [at_public, at_operators] {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
}
