//! Networks to the stores that fail silently: dead connections, truncated answers, proxies with nothing behind them,
//! and slow links.

use crate::support::{Answer, World, data::Network};
use miniauth_testservices::{Proxy, Weather};
use reqwest::RequestBuilder;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The number of an instance's connections to PostgreSQL.
const CONNECTIONS: usize = 16;

fn network(world: &World) -> &Network {
    world.data.network.as_ref().unwrap()
}

fn redis(world: &World) -> &Proxy {
    network(world).redis.as_ref().unwrap()
}

async fn world(redis: bool) -> World {
    let mut world = World::start_behind_proxies(redis).await;
    // The whole load comes from one address and one session.
    world.limits.requests_per_minute_per_address = None;
    world.limits.requests_per_minute_per_session = None;
    world.stop_server().await;
    world.start_server().await;
    world
}

async fn session(world: &World) -> String {
    world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned()
}

/// Measures how long sessions cannot be checked and logins fail, one attempt after another; each failure must be a 503.
async fn until_service_returns(world: &World, session: &str, limit: Duration) -> Duration {
    let started = Instant::now();
    loop {
        let check = world.get("/session", session).await;
        let code = world.sandbox.auth_code("li-na", "auth_base").await;
        let login = world.post_auth(&json!({ "authcode": code })).await;
        if check.status == 200 && login.status == 200 {
            return started.elapsed();
        }
        for failed in [check, login].iter().filter(|answer| answer.status != 200) {
            failed.assert_problem(503, "overloaded");
            assert_eq!(failed.header("retry-after"), Some("1"));
        }
        assert!(started.elapsed() < limit, "no service for {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_connection_to_redis_that_dies_silently_is_replaced() {
    let world = world(true).await;
    let session = session(&world).await;
    assert_eq!(redis(&world).silence(), 1);
    let took = until_service_returns(&world, &session, Duration::from_secs(8)).await;
    println!("Redis: silent for {took:?}");
}

#[tokio::test]
async fn idle_connections_to_postgres_that_die_silently_are_replaced() {
    let world = world(false).await;
    let session = session(&world).await;
    // Each has its own connection, other than the checks'.
    asked(&world, "/sessions", &session, CONNECTIONS).join_all().await;
    // Longer than a connection is used without a ping.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(network(&world).postgres.silence() > 1);
    let took = until_service_returns(&world, &session, Duration::from_secs(8)).await;
    println!("PostgreSQL, idle: silent for {took:?}");
}

#[tokio::test]
async fn connections_to_postgres_that_die_silently_in_use_are_replaced() {
    let world = world(false).await;
    let session = session(&world).await;
    // Slow enough that all are in use, some by a statement and some by the pool's own ping afterwards.
    network(&world).postgres.set(Weather::Slow(Duration::from_millis(150)));
    let mut load = JoinSet::new();
    for _ in 0..CONNECTIONS * 2 {
        let (client, url, session) = (world.client.clone(), world.url("/sessions"), session.clone());
        load.spawn(async move {
            loop {
                Answer::of(client.get(&url).bearer_auth(&session)).await;
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let silenced = network(&world).postgres.silence();
    assert_eq!(silenced, CONNECTIONS, "all are in use");
    load.abort_all();
    network(&world).postgres.set(Weather::Fair);
    let took = until_service_returns(&world, &session, Duration::from_secs(30)).await;
    println!("PostgreSQL, {silenced} in use: silent for {took:?}");
}

/// Measures the same with concurrent attempts.
fn asked(world: &World, path: &str, session: &str, count: usize) -> JoinSet<Answer> {
    let ask = || Answer::of(world.client.get(world.url(path)).bearer_auth(session));
    (0..count).map(|_| ask()).collect()
}

/// One of each kind.
async fn requests(world: &World, session: &str) -> Vec<RequestBuilder> {
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let login = json!({ "authcode": code, "login_id": "attempt-0123456789" });
    let client = &world.client;
    vec![
        client.get(world.url("/session")).bearer_auth(session),
        client.get(world.url("/sessions")).bearer_auth(session),
        client.post(world.url("/auth")).json(&login),
        client.delete(world.url("/auth")).bearer_auth(session),
        client.get(world.url("/readyz")),
    ]
}

#[track_caller]
fn assert_put_off(answer: &Answer, weather: Weather) {
    let code = answer.body["code"].as_str().unwrap_or_default();
    assert_eq!((answer.status.as_u16(), code), (503, "overloaded"), "{weather:?}: {}", answer.body);
    assert_eq!(answer.header("retry-after"), Some("1"), "{weather:?}");
}

#[tokio::test]
async fn a_broken_connection_to_redis_is_answered_503() {
    let world = world(true).await;
    let session = session(&world).await;
    for weather in [Weather::Closed, Weather::HalfAnswers] {
        redis(&world).set(weather);
        // One after another: of the answers to several commands, half may be complete.
        for _ in 0..2 {
            for request in requests(&world, &session).await {
                assert_put_off(&Answer::of(request).await, weather);
            }
        }
        redis(&world).set(Weather::Fair);
        let took = until_service_returns(&world, &session, Duration::from_secs(8)).await;
        println!("Redis, {weather:?}: back after {took:?}");
    }
}

#[tokio::test]
async fn a_broken_connection_to_postgres_is_answered_503() {
    let world = world(false).await;
    let session = session(&world).await;
    for weather in [Weather::Closed, Weather::HalfAnswers] {
        network(&world).postgres.set(weather);
        // Concurrently, because each waits for a connection.
        for _ in 0..2 {
            let asked: JoinSet<Answer> = requests(&world, &session).await.into_iter().map(Answer::of).collect();
            asked.join_all().await.iter().for_each(|answer| assert_put_off(answer, weather));
        }
        network(&world).postgres.set(Weather::Fair);
        let took = until_service_returns(&world, &session, Duration::from_secs(8)).await;
        println!("PostgreSQL, {weather:?}: back after {took:?}");
    }
}

/// Liveness must not depend on the stores: restarting a server that waits for its store would not help. operations.rs
/// tests that a busy server is ready.
#[tokio::test]
async fn a_server_whose_store_hangs_is_alive_and_not_ready_and_says_what_it_waits_for() {
    const PLACES: usize = 4;
    // Longer than any wait.
    const HANGS: Weather = Weather::Slow(Duration::from_secs(60));
    let mut world = world(false).await;
    world.limits.requests = PLACES;
    world.stop_server().await;
    world.start_server().await;
    let session = session(&world).await;
    network(&world).postgres.set(HANGS);
    let mut waiting = asked(&world, "/session", &session, PLACES);
    let get = |path: &str| world.client.get(world.url(path)).send();
    let metrics = async || get("/metrics").await.unwrap().text().await.unwrap();
    while !metrics().await.contains(&format!("miniauth_requests_under_way{{of=\"clients\"}} {PLACES}\n")) {
        assert!(waiting.try_join_next().is_none(), "all of them wait");
    }
    // All permits are taken, so a new request fails at once instead of waiting.
    world.get("/session", &session).await.assert_problem(503, "overloaded");
    assert_eq!(get("/healthz").await.unwrap().status(), 200);
    assert!(waiting.try_join_next().is_none(), "they still wait");
    let ready = Answer::of(world.client.get(world.url("/readyz"))).await;
    assert_put_off(&ready, HANGS);
    assert_eq!(ready.body["detail"], "Sessions cannot be checked.");
    waiting.join_all().await.iter().for_each(|answer| assert_put_off(answer, HANGS));
    assert!(metrics().await.contains("miniauth_store_failures_total{operation=\"find_session\"} 4\n"));
    network(&world).postgres.set(Weather::Fair);
    until_service_returns(&world, &session, Duration::from_secs(20)).await;
    assert_eq!(get("/readyz").await.unwrap().status(), 200);
}

/// A session is as old as its query, however long the answer takes.
#[tokio::test]
async fn a_slow_store_does_not_make_sessions_staler() {
    const STALENESS: Duration = Duration::from_secs(1);
    let mut world = world(true).await;
    world.session_rules.staleness = STALENESS;
    world.stop_server().await;
    world.start_server().await;
    let session = session(&world).await;
    redis(&world).set(Weather::Slow(STALENESS * 9 / 10));
    let asked_at = Instant::now();
    let ended = async {
        tokio::time::sleep(STALENESS / 3).await;
        let client = redis::Client::open(world.data.redis.as_ref().unwrap().url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let () = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    };
    let (check, ()) = tokio::join!(world.get("/session", &session), ended);
    assert_eq!(check.status, 200, "it was read before it ended");
    redis(&world).set(Weather::Fair);
    tokio::time::sleep((STALENESS + Duration::from_millis(50)).saturating_sub(asked_at.elapsed())).await;
    world.get("/session", &session).await.assert_problem(401, "session_unknown");
}
