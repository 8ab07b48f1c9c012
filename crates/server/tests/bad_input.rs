//! Malformed input gets a problem document, and the server keeps running.

use crate::support::{Answer, World};
use reqwest::Method;
use serde_json::{Value, json};

async fn post(world: &World, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(world.client.post(world.url("/auth")).header("content-type", content_type).body(body)).await
}

#[tokio::test]
async fn bodies() {
    let world = World::start().await;
    let cases: [(&str, &str, u16, &str, Value); 16] = [
        ("application/json", "", 400, "body_malformed", Value::Null),
        ("application/json", "{", 400, "body_malformed", Value::Null),
        ("application/json", "[]", 400, "body_malformed", Value::Null),
        ("application/json", "null", 400, "body_malformed", Value::Null),
        ("application/json", "{}", 422, "field_invalid", json!("authcode")),
        ("application/x-www-form-urlencoded", "", 422, "field_invalid", json!("authcode")),
        ("application/json", r#"{"authcode":7}"#, 422, "field_invalid", json!("authcode")),
        ("application/json", r#"{"authcode":"a b"}"#, 422, "field_invalid", json!("authcode")),
        ("application/json", r#"{"authcode":"a","authcode":"b"}"#, 422, "field_invalid", json!("authcode")),
        ("application/json", r#"{"authcode":"a","scope":"auth_all"}"#, 422, "field_invalid", json!("scope")),
        ("application/json", r#"{"authcode":"a","login_id":"short"}"#, 422, "field_invalid", json!("login_id")),
        ("application/json", r#"{"authcode":"a","colour":"red"}"#, 422, "field_unknown", json!("colour")),
        ("application/x-www-form-urlencoded", "authcode=a&colour=red", 422, "field_unknown", json!("colour")),
        ("application/json", r#"{"authcode":"a","nickName":"x"}"#, 422, "display_only_forwarded", json!("nickName")),
        (
            "application/json; charset=utf-8",
            r#"{"authcode":"a","profile":{"avatar":"x"}}"#,
            422,
            "display_only_forwarded",
            json!("profile.avatar"),
        ),
        (
            "application/x-www-form-urlencoded",
            "authcode=a&nick_name=x",
            422,
            "display_only_forwarded",
            json!("nick_name"),
        ),
    ];
    for (content_type, body, status, code, field) in cases {
        let answer = post(&world, content_type, body).await;
        answer.assert_problem(status, code);
        assert_eq!(answer.body["field"], field, "{body}");
    }
    assert!(world.sandbox.calls().await.is_empty(), "nothing of this went to the platform");
    assert_eq!(world.count("code_claims").await, 0);
    world.log_in("zhang-wei", "auth_base").await;
}

#[tokio::test]
async fn a_code_under_a_wrong_field_name_is_refused_by_that_name() {
    let world = World::start().await;
    for (content_type, body, field) in [
        ("application/json", r#"{"code":"a"}"#, "code"),
        ("application/json", r#"{"scope":"auth_user","auth_code":"a"}"#, "auth_code"),
        ("application/x-www-form-urlencoded", "auth_code=a", "auth_code"),
    ] {
        let answer = post(&world, content_type, body).await;
        answer.assert_problem(422, "field_unknown");
        assert_eq!(answer.body["field"], field);
        for words in [&answer.body["detail"], &answer.body["advice"]["en"]] {
            assert!(words.as_str().unwrap().contains("as authcode"), "{words}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_and_nesting_without_end() {
    let world = World::start().await;
    post(&world, "application/json", vec![0xff, 0xfe, 0x00]).await.assert_problem(400, "body_malformed");
    post(&world, "application/json", "[".repeat(16_000)).await.assert_problem(400, "body_malformed");
    let deep = format!(r#"{{"authcode":"a","x":{}{}}}"#, "[".repeat(8_000), "]".repeat(8_000));
    post(&world, "application/json", deep).await.assert_problem(400, "body_malformed");
    let many = vec!["a=1"; 4_000].join("&");
    post(&world, "application/x-www-form-urlencoded", many).await.assert_problem(422, "field_unknown");
    world.log_in("zhang-wei", "auth_base").await;
}

#[tokio::test]
async fn a_body_over_16_kib_is_refused_also_without_its_length() {
    let world = World::start().await;
    let fits = format!(r#"{{"authcode":"{}"}}"#, "a".repeat(16 * 1024 - 15));
    assert_eq!(fits.len(), 16 * 1024);
    post(&world, "application/json", fits.clone()).await.assert_problem(422, "field_invalid");
    post(&world, "application/json", format!("{fits} ")).await.assert_problem(413, "body_too_large");

    // Chunked, so that only counting finds the size.
    let mut stream = tokio::net::TcpStream::connect(world.address()).await.unwrap();
    let head = "POST /auth HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("4000\r\n{}\r\n1\r\n \r\n0\r\n\r\n", fits);
    assert!(exchange(&mut stream, format!("{head}{chunk}").as_bytes()).await.starts_with("HTTP/1.1 413"));
    world.log_in("zhang-wei", "auth_base").await;
}

async fn exchange(stream: &mut tokio::net::TcpStream, request: &[u8]) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    stream.write_all(request).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn content_types() {
    let world = World::start().await;
    for content_type in ["text/plain", "multipart/form-data; boundary=x", "application/json; charset=gbk", "", "json"] {
        post(&world, content_type, r#"{"authcode":"a"}"#).await.assert_problem(415, "content_type_unsupported");
    }
    let none = Answer::of(world.client.post(world.url("/auth")).body(r#"{"authcode":"a"}"#)).await;
    none.assert_problem(415, "content_type_unsupported");
}

#[tokio::test]
async fn bearers() {
    let world = World::start().await;
    for (method, path) in [(Method::GET, "/session"), (Method::GET, "/member"), (Method::DELETE, "/auth")] {
        let request = || world.client.request(method.clone(), world.url(path));
        let missing = Answer::of(request()).await;
        missing.assert_problem(401, "bearer_missing");
        assert_eq!(missing.header("www-authenticate"), Some(r#"Bearer realm="miniauth""#));
        for value in ["Bearer", "Bearer x", "Basic dXNlcjp3b3Jk", "x", &format!("Bearer {}", "x".repeat(9_000))] {
            let malformed = Answer::of(request().header("authorization", value)).await;
            malformed.assert_problem(400, "bearer_malformed");
            assert!(malformed.header("www-authenticate").unwrap().contains("invalid_request"));
        }
    }
    let unknown = "A".repeat(43);
    world.get("/session", &unknown).await.assert_problem(401, "session_unknown");
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let login = world.client.post(world.url("/auth")).json(&json!({ "authcode": code }));
    Answer::of(login.header("authorization", "Bearer x")).await.assert_problem(400, "bearer_malformed");
    assert_eq!(world.post_auth(&json!({ "authcode": code })).await.status, 200, "the code was not touched");
}

#[tokio::test]
async fn methods_and_paths() {
    let world = World::start().await;
    let ask = |method: &str, path: &str| {
        Answer::of(world.client.request(Method::from_bytes(method.as_bytes()).unwrap(), world.url(path)))
    };
    let get = ask("GET", "/auth?authcode=2e4248c2").await;
    get.assert_problem(405, "method_not_allowed");
    assert!(get.body["detail"].as_str().unwrap().contains("URL"), "{}", get.body);
    let mut allowed: Vec<_> = get.header("allow").unwrap().split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "POST"]);
    let put = ask("PUT", "/auth").await;
    put.assert_problem(405, "method_not_allowed");
    assert!(!put.body["detail"].as_str().unwrap_or_default().contains("URL"), "{}", put.body);
    ask("POST", "/session").await.assert_problem(405, "method_not_allowed");
    ask("PUT", "/member").await.assert_problem(405, "method_not_allowed");
    ask("BREW", "/healthz").await.assert_problem(405, "method_not_allowed");
    ask("GET", "/").await.assert_problem(404, "not_found");
    ask("GET", "/auth/").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn rubbish_does_not_stop_the_server() {
    let world = World::start().await;
    for rubbish in [&b"\x16\x03\x01\x02\x00"[..], b"GET\r\n\r\n", b"POST /auth HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        let mut stream = tokio::net::TcpStream::connect(world.address()).await.unwrap();
        let answer = exchange(&mut stream, rubbish).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    world.log_in("zhang-wei", "auth_base").await;
}
