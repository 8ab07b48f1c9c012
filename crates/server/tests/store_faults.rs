//! Database servers that crash under load and come back: 503 in between, automatic recovery, and no losses beyond those
//! documented.

use crate::support::{Answer, World, message::PlatformMessage};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// Clients that log in and check their sessions, again and again.
const CLIENTS: usize = 6;

/// How long a server takes to notice that its stores are back.
const RECOVERY: Duration = Duration::from_secs(15);

#[derive(Default)]
struct Seen {
    /// Each session of a successful login, and when.
    sessions: Vec<(String, Instant)>,
    /// How often each problem occurred, by status and code.
    problems: BTreeMap<(u16, String), usize>,
}

impl Seen {
    fn note(&mut self, answer: &Answer) {
        if answer.status.is_success() {
            return;
        }
        let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), Some("1"), "{}", answer.body);
        }
        *self.problems.entry((answer.status.as_u16(), code)).or_default() += 1;
    }
}

/// Keeps logging in; returns what it saw when it is stopped.
struct Load {
    seen: Arc<Mutex<Seen>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(world: &World) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let users = ["zhang-wei", "li-na", "emoji", "quotes", "nameless"];
        let clients = (0..CLIENTS).map(|index| {
            let (seen, client, url) = (seen.clone(), world.client.clone(), world.url(""));
            let (sandbox, user) = (world.sandbox.address, users[index % users.len()]);
            tokio::spawn(async move {
                loop {
                    let wanted = json!({ "user": user, "scopes": ["auth_base"] });
                    let made = client.post(format!("http://{sandbox}/control/auth-codes")).json(&wanted);
                    let code = Answer::of(made).await.body["auth_code"].clone();
                    let login = Answer::of(client.post(format!("{url}/auth")).json(&json!({ "authcode": code }))).await;
                    seen.lock().unwrap().note(&login);
                    if login.status.is_success() {
                        let session = login.session().to_owned();
                        seen.lock().unwrap().sessions.push((session.clone(), Instant::now()));
                        let check = client.get(format!("{url}/session")).bearer_auth(session);
                        let check = Answer::of(check).await;
                        seen.lock().unwrap().note(&check);
                    }
                }
            })
        });
        let clients = clients.collect();
        Self { seen, clients }
    }

    async fn end(self) -> Seen {
        for client in &self.clients {
            client.abort();
        }
        for client in self.clients {
            // A client that failed reports why; one that was stopped reports nothing.
            if let Err(ended) = client.await {
                assert!(ended.is_cancelled(), "{ended}");
            }
        }
        Arc::into_inner(self.seen).unwrap().into_inner().unwrap()
    }
}

async fn world(redis: bool) -> World {
    let mut world = World::start_with_own_stores(redis).await;
    world.session_rules.per_user = 1_000.try_into().unwrap();
    // The whole load comes from one address.
    world.limits.requests_per_minute_per_address = None;
    world.stop_server().await;
    world.start_server().await;
    world
}

async fn is_ready(world: &World) -> bool {
    Answer::of(world.client.get(world.url("/readyz"))).await.status == 200
}

async fn recovered(world: &World) -> Duration {
    let started = Instant::now();
    while !is_ready(world).await {
        assert!(started.elapsed() < RECOVERY, "the server does not recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(world.log_in("zhang-wei", "auth_user").await["member"].is_object());
    started.elapsed()
}

/// Starts a login while the store is down.
async fn refused(world: &World) {
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    world.post_auth(&json!({ "authcode": code })).await.assert_problem(503, "overloaded");
}

async fn alive(world: &World, session: &str) -> bool {
    let answer = world.get("/session", session).await;
    match answer.status.as_u16() {
        200 => true,
        401 => false,
        _ => panic!("{}", answer.body),
    }
}

async fn postgres_goes_away_and_comes_back(end: fn(&mut miniauth_testservices::Postgres)) {
    let mut world = world(false).await;
    let load = Load::start(&world);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut postgres = world.data.own_postgres.take().unwrap();
    end(&mut postgres);
    assert!(!is_ready(&world).await);
    // Each login of the load may have passed the write test, and is retried until the store is back.
    refused(&world).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    postgres.restart().unwrap();
    let took = recovered(&world).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen = load.end().await;

    let mut unexpected = seen.problems.clone();
    unexpected.remove(&(503, "overloaded".to_owned()));
    assert!(unexpected.is_empty(), "{unexpected:?}");
    for (session, _) in &seen.sessions {
        assert!(alive(&world, session).await, "a login that was answered is lost");
    }
    println!("{} logins, all there; back after {took:?}; {:?}", seen.sessions.len(), seen.problems);
    assert!(seen.sessions.len() > CLIENTS);
}

#[tokio::test]
async fn postgres_is_stopped_and_started_under_load() {
    postgres_goes_away_and_comes_back(|postgres| postgres.stop().unwrap()).await;
}

#[tokio::test]
async fn postgres_is_killed_and_started_under_load() {
    postgres_goes_away_and_comes_back(|postgres| postgres.kill().unwrap()).await;
}

#[tokio::test]
async fn redis_is_killed_and_started_under_load() {
    let mut world = world(true).await;
    let load = Load::start(&world);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut redis = world.data.redis.take().unwrap();
    let killed_at = Instant::now();
    redis.kill().unwrap();
    assert!(!is_ready(&world).await);

    let calls = world.sandbox.calls().await.len();
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let put_off = json!({ "authcode": code, "login_id": "attempt-0123456789" });
    world.post_auth(&put_off).await.assert_problem(503, "overloaded");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let exchanged = world.sandbox.calls().await.len() - calls;
    assert!(exchanged <= CLIENTS, "{exchanged} codes were exchanged without a place for a session");
    redis.restart().unwrap();
    let took = recovered(&world).await;
    let answer = world.post_auth(&put_off).await;
    assert_eq!(answer.status, 200, "an outage of Redis costs no code: {}", answer.body);
    let seen = load.end().await;

    let mut unexpected = seen.problems.clone();
    unexpected.remove(&(503, "overloaded".to_owned()));
    assert!(unexpected.is_empty(), "{unexpected:?}");
    let mut lost = 0;
    for (session, answered_at) in &seen.sessions {
        if !alive(&world, session).await {
            lost += 1;
            let before = killed_at.saturating_duration_since(*answered_at);
            assert!(before < Duration::from_secs(1), "a session from {before:?} before the crash is lost");
        }
    }
    println!("{} logins, {lost} lost; back after {took:?}; {:?}", seen.sessions.len(), seen.problems);
    assert!(seen.sessions.len() > CLIENTS);
}

/// The connection has ended, which an instance notices with its next command.
#[tokio::test]
async fn after_a_restart_of_redis_nobody_is_put_off() {
    let mut world = world(true).await;
    let other = world.start_instance().await;
    for round in 0..3 {
        let mut redis = world.data.redis.take().unwrap();
        redis.restart().unwrap();
        world.data.redis = Some(redis);
        for instance in [world.address(), other.address] {
            let login = json!({ "authcode": world.sandbox.auth_code("li-na", "auth_base").await });
            let answer = Answer::of(world.client.post(format!("http://{instance}/auth")).json(&login)).await;
            assert_eq!(answer.status, 200, "round {round}: {}", answer.body);
        }
    }
}

/// The worst case for Redis: all sessions are lost.
#[tokio::test]
async fn when_redis_loses_everything_each_user_logs_in_silently_once_and_members_stay() {
    let world = world(true).await;
    let users = ["zhang-wei", "li-na", "emoji"];
    let mut sessions: Vec<(&str, String, Value)> = Vec::new();
    for user in users {
        let answer = world.log_in(user, "auth_user").await;
        sessions.push((user, answer["session"].as_str().unwrap().to_owned(), answer["member"].clone()));
    }
    let client = redis::Client::open(world.data.redis.as_ref().unwrap().url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let () = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    for (user, session, member) in &sessions {
        world.get("/session", session).await.assert_problem(401, "session_unknown");
        let again = world.log_in(user, "auth_base").await;
        assert_eq!(again["member"], *member, "without a consent");
        assert!(alive(&world, again["session"].as_str().unwrap()).await);
    }
}

/// The platform repeats a message until it is answered `success`, and that suffices, even for a user who agreed again
/// in between.
#[tokio::test]
async fn a_withdrawal_that_a_store_fails_is_followed_when_it_is_posted_again() {
    let mut world = world(true).await;
    for away in ["PostgreSQL", "Redis"] {
        let mut withdrawn = Vec::new();
        for (user, user_id) in [("zhang-wei", "2088000000000001"), ("li-na", "2088000000000002")] {
            let session = world.log_in(user, "auth_user").await["session"].as_str().unwrap().to_owned();
            withdrawn.push((session, PlatformMessage::withdrawal(user_id, SystemClock.now()).form(&world)));
        }
        let mut postgres = world.data.own_postgres.take().unwrap();
        let mut redis = world.data.redis.take().unwrap();
        if away == "Redis" {
            redis.kill().unwrap()
        } else {
            postgres.stop().unwrap()
        }
        for (_, message) in &withdrawn {
            world.refuse_message("/platform-messages", message).await.assert_problem(503, "overloaded");
        }
        // The platform's times of consent have a resolution of one second.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        if away == "Redis" {
            redis.restart().unwrap()
        } else {
            postgres.restart().unwrap()
        }
        (world.data.own_postgres, world.data.redis) = (Some(postgres), Some(redis));
        // Zhang Wei agrees again.
        recovered(&world).await;
        for (session, message) in &withdrawn {
            let answer = world.post_message("/platform-messages", message).await;
            assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "success"), "{away}");
            assert!(!alive(&world, session).await, "a session of before, after {away} was away");
        }
        for table in ["grants", "members", "sessions"] {
            assert_eq!(world.count(table).await, 1, "{table} after {away} was away");
        }
    }
}
