//! Logs at all levels and the database contain nothing that they must not.
//!
//! A separate program, because it captures all log lines of its process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_server::{
    Audience, Traces,
    store::{Actor, Backend, Stores},
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
};
use support::{
    Answer, SandboxControl, World, collector::TestCollector, log::Log, message::PlatformMessage, recorder::Recorder,
};
use tracing_subscriber::{Layer as _, filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

const PAGES_NICKNAME: &str = "页面上的昵称";

/// The client's address as the server sees it.
const CLIENT: [u8; 4] = [127, 0, 0, 77];

/// Requests per minute with one session.
const PER_SESSION: u32 = 17;

/// A client behind a proxy, or one that pretends to be.
fn client_at(address: [u8; 4], forwarded_for: [u8; 4]) -> reqwest::Client {
    let forwarded_for = HeaderValue::from_str(&Ipv4Addr::from(forwarded_for).to_string()).unwrap();
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), forwarded_for)]);
    reqwest::Client::builder().local_address(IpAddr::from(address)).default_headers(headers).build().unwrap()
}

#[tokio::test]
async fn a_whole_life_leaves_no_secret_and_no_person_in_the_log_and_no_secret_in_the_database() {
    let log = Log::default();
    let collector = TestCollector::start().await;
    let traces = Traces::to(&collector.url().parse().unwrap(), 100).unwrap();
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(log.clone()).with_filter(LevelFilter::TRACE);
    tracing_subscriber::registry().with(traces.layer()).with(lines).init();

    let folder = tempfile::tempdir().unwrap();
    let sandbox = SandboxControl::start(folder.path().join("sandbox")).await;
    let (recorder, gateway) = Recorder::start(sandbox.address).await;
    let mut world = World::start_with(folder, sandbox, format!("http://{gateway}/gateway.do")).await;
    // One for the connection, and one that a proxy names.
    world.client = client_at(CLIENT, [203, 0, 113, 99]);
    world.proxies.networks = vec!["127.0.0.77/32".parse().unwrap()];
    world.limits.requests_per_minute_per_session = NonZeroU32::new(PER_SESSION);
    world.tokens.audiences = vec![Audience { name: "shop".parse().unwrap(), ids: true }];
    world.stop_server().await;
    world.start_server().await;

    let secret = add_back_end(&world).await;
    let mut secrets = vec![secret.clone()];
    let mut persons = vec![PAGES_NICKNAME.to_owned(), "127.0.0.77".to_owned(), "203.0.113.".to_owned()];
    // Also parts: the users' numbers without what a mask shows.
    persons.extend(["00001234", "0001234", "45550199"].map(str::to_owned));
    for user in ["zhang-wei", "emoji", "quotes"] {
        let known = world.sandbox.user(user).await;
        persons.extend(
            ["nick_name", "avatar", "open_id", "user_id"]
                .iter()
                .filter_map(|field| known[field].as_str())
                .map(str::to_owned),
        );
        secrets.extend(one_life(&world, user, &secret).await);
    }
    take_back(&world).await;
    for token in ["access_token", "refresh_token"] {
        let seen = recorder.values(token);
        assert!(seen.len() >= 3, "the recorder saw {} of {token}", seen.len());
        secrets.extend(seen);
    }
    persons.push("2088000000000099".to_owned());
    let user_id = recorder.values("open_id");
    assert!(!user_id.is_empty());
    persons.extend(user_id);

    traces.end().await;
    let spans = collector.text();
    let operations = ["POST /auth", "finish_login", "gateway user_info", "erase_user", "withdraw", "clean up"];
    for operation in operations {
        assert!(spans.contains(&format!("name: \"{operation}\"")), "{operation} is not among the spans: {spans}");
    }
    let log = log.text();
    assert!(log.contains("route=\"/auth\" status=200"), "the log has its line per request: {log}");
    assert!(log.contains("TRACE"), "the log has every level");
    assert!(!log.contains("panicked"), "neither a request nor a thread of the database");
    let marks: std::collections::BTreeSet<&str> =
        log.split(" user=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(marks.len(), 5, "each user is one keyed hash, an erased one another: {marks:?}");
    assert!(log.contains("a phone number is stored as unconfirmed") && log.contains("phone_signature_invalid"));
    assert!(log.contains("a back-end received data about a user"), "a log line for access to personal data");
    assert!(log.contains("display_only_forwarded") && log.contains("rate_limited"));
    assert!(log.contains("a request names a proxy"), "the warning about a proxy is there, without its address");
    for secret in secrets.iter().chain(&persons) {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
        assert!(!spans.contains(secret.as_str()), "{secret} is in a trace");
    }
    assert!(!marks.is_empty() && marks.iter().all(|mark| !spans.contains(mark)), "not even as a keyed hash");
    let taken_back = log.lines().filter(|line| line.contains("a user withdrew consent"));
    let outcomes: Vec<_> = taken_back.filter_map(|line| line.split("outcome=").nth(1)).collect();
    assert_eq!(outcomes, [r#""ended""#, r#""nothing_older""#, r#""unknown""#], "an audit line for each message");
    let stored = world.stored_bytes().await;
    for secret in &secrets {
        let found = stored.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in the database");
    }
}

/// Posts messages of the platform: about a known user, an unknown one, and a forged one.
async fn take_back(world: &World) {
    world.log_in("zhang-wei", "auth_user").await;
    let now = SystemClock.now();
    let message = |user_id| PlatformMessage::withdrawal(user_id, now);
    for user_id in ["2088000000000001", "2088000000000001", "2088000000000099"] {
        world.take_message(message(user_id)).await;
    }
    let forged = message("2088000000000002").form(world).replace("2088000000000002", "2088000000000001");
    world.refuse_message("/platform-messages", &forged).await.assert_problem(422, "field_invalid");
}

/// Queries everything as a back-end; returns its secret.
async fn add_back_end(world: &World) -> String {
    let stores = Stores::open(&world.data.database_url(), None).await.unwrap();
    let (name, claims) = ("curious".parse().unwrap(), "member,phone,ids".parse().unwrap());
    let backend = Backend { name, claims, app_id: None, changed_at: SystemClock.now() };
    let secret = stores.add_backend(backend, &Actor::User, &SystemRandom).await.unwrap().unwrap();
    stores.close().await;
    secret.expose().to_owned()
}

/// Makes every kind of request, and fails in every way; returns codes, attempts and sessions.
async fn one_life(world: &World, user: &str, secret: &str) -> Vec<String> {
    let attempt = format!("attempt-of-{user}-0123456789");
    let code = world.sandbox.auth_code(user, "auth_user").await;
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": attempt });
    let session = world.post_auth(&body).await.session().to_owned();
    world.get("/session", &session).await;
    world.get("/member", &session).await;
    world.get("/consents", &session).await;
    world.get("/sessions", &session).await;
    for fault in [None, Some("tampered"), Some("wrong_key"), Some("no_consent")] {
        let response = world.sandbox.phone_number(user, fault).await;
        let number = json!({ "response": response });
        world.client.post(world.url("/phone")).bearer_auth(&session).json(&number).send().await.unwrap();
    }
    let other = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    let response = world.sandbox.phone_number(user, None).await;
    let number = json!({ "response": response });
    world.client.post(world.url("/phone")).bearer_auth(&other).json(&number).send().await.unwrap();
    world.client.post(world.url("/member/refresh")).bearer_auth(&session).send().await.unwrap();
    let wanted =
        world.client.post(world.url("/session/token")).bearer_auth(&session).json(&json!({ "audience": "shop" }));
    let token = Answer::of(wanted).await.body["token"].as_str().unwrap().to_owned();
    let told =
        world.client.post(world.url("/introspect")).basic_auth("curious", Some(secret)).form(&[("token", &session)]);
    let told = Answer::of(told).await.body;
    assert!(told["phone"]["phone_number"].is_string() && told["ids"]["user_id"].is_string(), "{told}");
    let forward =
        world.client.get(world.url("/forward-auth?audience=shop")).bearer_auth(&session).send().await.unwrap();
    let by_proxy = forward.headers()["x-miniauth-token"].to_str().unwrap().to_owned();
    for path in ["/metrics", "/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json"] {
        world.client.get(world.url(path)).send().await.unwrap();
    }
    let of_app = format!("/apps/{}/session", miniauth_sandbox::APP_ID);
    assert_eq!(world.get(&of_app, &session).await.status, 200);
    world.client.delete(world.url("/sessions/no-such-session")).bearer_auth(&session).send().await.unwrap();
    assert_eq!(world.post_auth(&body).await.session(), session);
    world.post_auth(&json!({ "authcode": code })).await.assert_problem(409, "code_used");
    world.client.get(world.url(&format!("/auth?authcode={code}"))).send().await.unwrap();
    world.client.get(world.url(&format!("/{code}"))).send().await.unwrap();
    let forwarded = json!({ "authcode": code, "nickName": PAGES_NICKNAME });
    world.post_auth(&forwarded).await.assert_problem(422, "display_only_forwarded");

    let mut secrets = vec![code, attempt, session.clone(), other, token, by_proxy];
    let faults = ["identity_mismatch", "wrong_signature", "unsigned", "unavailable", "reset", "server_error"];
    for kind in faults {
        let mut fault = json!({ "kind": kind });
        if kind == "identity_mismatch" {
            fault["as_user"] = json!("li-na");
        }
        world.sandbox.fault(fault).await;
        let code = world.sandbox.auth_code(user, "auth_user").await;
        let answer = world.post_auth(&json!({ "authcode": code, "scope": "auth_user" })).await;
        assert!(answer.status.is_server_error(), "{kind}: {}", answer.body);
        secrets.push(code);
    }
    world.sandbox.fault(json!({ "kind": "none" })).await;
    world.client.delete(world.url("/member")).bearer_auth(&session).send().await.unwrap();
    world.log_out(&session).await;
    // The requests up to the limit come before the one that it refuses.
    let mut statuses = Vec::new();
    for _ in 0..=PER_SESSION {
        statuses.push(world.get("/session", &session).await.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    // A client whose proxy the server does not trust.
    let stranger = client_at([127, 0, 0, 1], [203, 0, 113, 98]);
    stranger.get(world.url("/session")).send().await.unwrap();
    secrets
}
