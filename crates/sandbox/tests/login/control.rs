//! The control interface, the keys, starting and stopping.

use crate::running::{RunningSandbox, read};
use miniauth_openplatform::{
    keys::{PrivateKey, PublicKey},
    system::{SystemClock, SystemRandom},
};
use miniauth_sandbox::{
    ALIPAY_PUBLIC_KEY_FILE, APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE, PLATFORM_PRIVATE_KEY_FILE, SandboxConfig,
    StartError,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{net::SocketAddr, path::Path, sync::Arc};

#[tokio::test]
async fn each_fresh_user_is_a_new_one() {
    let sandbox = RunningSandbox::start().await;
    let (status, first) = sandbox.control(Method::POST, "users", Some(json!({}))).await;
    assert_eq!(status, StatusCode::CREATED);
    let (_, second) = sandbox.control(Method::POST, "users", Some(json!({ "nick_name": null, "avatar": null }))).await;
    assert!(first["nick_name"].is_string() && first["avatar"].as_str().unwrap().starts_with("https://"));
    assert_eq!((&second["nick_name"], &second["avatar"]), (&Value::Null, &Value::Null));
    for field in ["id", "user_id", "open_id"] {
        assert_ne!(first[field], second[field]);
    }
    assert_eq!(first["user_id"].as_str().unwrap().len(), 16);
    let users = sandbox.get("users").await;
    assert!(users["users"].as_array().unwrap().contains(&first));

    assert_eq!(sandbox.control(Method::POST, "reset", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(sandbox.get("users").await["users"].as_array().unwrap().len(), 5);
    let (_, again) = sandbox.control(Method::POST, "users", Some(json!({}))).await;
    assert_ne!(again["open_id"], first["open_id"], "a user of an earlier run does not come back under the same ids");
}

#[tokio::test]
async fn users_and_calls_are_bounded() {
    let sandbox = RunningSandbox::start().await;
    for _ in 5..1_000 {
        assert_eq!(sandbox.control(Method::POST, "users", Some(json!({}))).await.0, StatusCode::CREATED);
    }
    let (status, body) = sandbox.control(Method::POST, "users", Some(json!({}))).await;
    assert_eq!(status, StatusCode::CONFLICT, "{body}");

    for _ in 0..1_003 {
        sandbox.post("", "method=unknown").await;
    }
    let calls = sandbox.get("calls").await;
    let calls = calls["calls"].as_array().unwrap();
    assert_eq!((calls.len(), &calls[0]["sequence"]), (1_000, &json!(4)));
}

#[tokio::test]
async fn a_reader_of_the_calls_misses_none_after_a_reset() {
    let sandbox = RunningSandbox::start().await;
    for _ in 0..3 {
        sandbox.post("", "method=unknown").await;
    }
    assert_eq!(sandbox.get("calls?after=3").await["calls"], json!([]));
    sandbox.control(Method::POST, "reset", None).await;
    sandbox.post("", "method=unknown").await;
    assert_eq!(sandbox.get("calls?after=3").await["calls"][0]["sequence"], 1);
}

#[tokio::test]
async fn senseless_values_are_refused_with_an_explanation() {
    let sandbox = RunningSandbox::start().await;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let cases = [
        (Method::POST, "users", Some(json!({ "nickname": "x" })), unprocessable),
        (Method::POST, "users", Some(json!({ "nick_name": "x".repeat(2_049) })), unprocessable),
        (Method::GET, "consent?user=nobody", None, StatusCode::NOT_FOUND),
        (Method::GET, "consent", None, unprocessable),
        (Method::GET, "consent?user=li-na&scope=auth_base", None, unprocessable),
        (Method::DELETE, "consent?user=li-na&scope=userinfo", None, unprocessable),
        (Method::GET, "settings?user=nobody", None, StatusCode::NOT_FOUND),
        (Method::GET, "display-info?user=li-na&call=getUserInfo", None, unprocessable),
        (Method::PUT, "product", Some(json!({ "product": "会员", "in_force": true })), unprocessable),
        (Method::PUT, "fields", Some(json!({ "fields": ["cert_no"] })), unprocessable),
        (Method::PUT, "profiles", Some(json!({ "profile": "ids:union_id" })), unprocessable),
        (
            Method::POST,
            "consent",
            Some(json!({ "user": "li-na", "scope": "auth_user", "decision": "maybe" })),
            unprocessable,
        ),
        (Method::POST, "auth-codes", Some(json!({ "user": "li-na", "scopes": [] })), unprocessable),
        (
            Method::POST,
            "auth-codes",
            Some(json!({ "user": "li-na", "scopes": ["auth_base"], "lifetime_seconds": 86_401 })),
            unprocessable,
        ),
        (
            Method::POST,
            "auth-codes",
            Some(json!({ "user": "li-na", "scopes": ["auth_base"], "app_id": "2021000000000009" })),
            unprocessable,
        ),
        (Method::POST, "auth-codes", Some(json!({ "user": "nobody", "scopes": ["auth_base"] })), StatusCode::NOT_FOUND),
        (Method::PUT, "product", Some(json!({})), unprocessable),
        (Method::GET, "calls?after=x", None, unprocessable),
        (Method::GET, "nothing", None, StatusCode::NOT_FOUND),
        (Method::GET, "reset", None, StatusCode::METHOD_NOT_ALLOWED),
    ];
    for (method, path, body, expected) in cases {
        let (status, answer) = sandbox.control(method, path, body).await;
        assert_eq!(status, expected, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_steer_the_sandbox() {
    let sandbox = RunningSandbox::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let reset =
        |host: &'static str| http.post(format!("{}/control/reset", sandbox.address)).header("host", host).send();
    assert_eq!(reset("attacker.example").await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(reset("localhost:8702").await.unwrap().status(), StatusCode::NO_CONTENT);
    // A form on a page cannot send JSON, and JSON needs a preflight request, which is never answered.
    let form = http.post(format!("{}/control/users", sandbox.address)).header("content-type", "text/plain").body("{}");
    assert_eq!(form.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

fn config(listen: &str, state_dir: &Path) -> SandboxConfig {
    SandboxConfig::new(listen.parse().unwrap(), state_dir)
}

async fn start(config: SandboxConfig) -> Result<SocketAddr, StartError> {
    let sandbox = miniauth_sandbox::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
    Ok(sandbox.local_addr())
}

#[tokio::test]
async fn keys_are_made_once_and_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state/sandbox");
    start(config("127.0.0.1:0", &state)).await.unwrap();
    let private = [APP_PRIVATE_KEY_FILE, PLATFORM_PRIVATE_KEY_FILE].map(|name| read(&state, name));
    let public = [APP_PUBLIC_KEY_FILE, ALIPAY_PUBLIC_KEY_FILE].map(|name| read(&state, name));
    for (private, public) in private.iter().zip(&public) {
        assert_eq!(PrivateKey::parse(private).unwrap().public_key(), &PublicKey::parse(public).unwrap());
    }
    assert_ne!(public[0], public[1]);
    for entry in std::fs::read_dir(&state).unwrap() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&entry.as_ref().unwrap().metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.unwrap().path());
    }
    start(config("127.0.0.1:0", &state)).await.unwrap();
    assert_eq!([APP_PRIVATE_KEY_FILE, PLATFORM_PRIVATE_KEY_FILE].map(|name| read(&state, name)), private);
}

#[tokio::test]
async fn it_says_why_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let beyond = start(config("0.0.0.0:0", folder.path())).await.unwrap_err();
    assert!(matches!(beyond, StartError::NotLoopback(_)), "{beyond}");

    let sandbox = RunningSandbox::start().await;
    let taken = sandbox.address.trim_start_matches("http://");
    let error = start(config(taken, folder.path())).await.unwrap_err();
    assert!(error.to_string().contains(taken), "{error}");

    std::fs::write(folder.path().join(APP_PRIVATE_KEY_FILE), "no key").unwrap();
    let error = start(config("127.0.0.1:0", folder.path())).await.unwrap_err();
    assert!(error.to_string().contains(APP_PRIVATE_KEY_FILE), "{error}");
}

#[tokio::test]
async fn it_stops_on_request_despite_open_connections() {
    let sandbox = RunningSandbox::start().await;
    sandbox.get("users").await;
    let address: SocketAddr = sandbox.address.trim_start_matches("http://").parse().unwrap();
    let started = std::time::Instant::now();
    sandbox.stop().await;
    assert!(started.elapsed().as_secs() < 4, "an idle connection does not hold it up");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
