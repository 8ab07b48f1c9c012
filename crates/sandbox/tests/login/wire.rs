//! The gateway's raw answers, for clients other than our own.

use crate::{
    raw::{RawAnswer, post_signed, request},
    running::RunningSandbox,
};
use miniauth_openplatform::{
    keys::PrivateKey,
    protocol::{Charset, OAUTH_TOKEN, USER_INFO_SHARE},
};
use miniauth_sandbox::APP_PRIVATE_KEY_FILE;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::ErrorKind;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The name and the raw text of the signed node.
fn node<'a>(sandbox: &RunningSandbox, body: &'a str) -> (&'a str, &'a str) {
    let answer = RawAnswer::read(sandbox, body);
    assert!(answer.signed, "{body}");
    (answer.name, answer.node)
}

#[tokio::test]
async fn avatars_arrive_with_escaped_slashes_and_parameters_may_be_in_the_query() {
    let sandbox = RunningSandbox::start().await;
    let code = sandbox.code("zhang-wei", "auth_user").await;
    let business = [("grant_type", "authorization_code"), ("code", code.expose())];
    let body = post_signed(&sandbox, request(OAUTH_TOKEN, &business)).await;
    let (name, tokens) = node(&sandbox, &body);
    assert_eq!(name, "alipay_system_oauth_token_response");
    let tokens: Value = serde_json::from_str(tokens).unwrap();
    assert!(tokens.get("code").is_none(), "success of this method has no code");
    assert!(tokens["expires_in"].is_number());

    let mut parameters = request(USER_INFO_SHARE, &[("auth_token", tokens["access_token"].as_str().unwrap())]);
    let key = PrivateKey::parse(&sandbox.read(APP_PRIVATE_KEY_FILE)).unwrap();
    parameters.set("sign", key.sign(parameters.canonical_string().as_bytes()).unwrap());
    let token = parameters.take("auth_token").unwrap();
    let (_, body) = sandbox.post(&parameters.to_form(Charset::Utf8).unwrap(), &format!("auth_token={token}")).await;
    let (name, member) = node(&sandbox, &body);
    assert_eq!(name, "alipay_user_info_share_response");
    assert!(member.contains(r#""avatar":"https:\/\/avatars.shop.example\/zhang-wei.png""#), "{member}");
}

#[tokio::test]
async fn each_fault_of_a_request_has_its_own_refusal() {
    let sandbox = RunningSandbox::start_as("errors:signed,node:own").await;
    let exchange = || request(OAUTH_TOKEN, &[("grant_type", "authorization_code"), ("code", "none")]);
    let own_node = "alipay_system_oauth_token_response";
    let cases = [
        ("method", "", "error_response", "40001", "isv.missing-method"),
        ("method", "alipay.trade.pay", "error_response", "40002", "isv.invalid-method"),
        ("app_id", "", own_node, "40001", "isv.missing-app-id"),
        ("app_id", "2021000000000404", own_node, "40002", "isv.invalid-app-id"),
        ("charset", "BIG5", own_node, "40002", "isv.invalid-charset"),
        ("sign_type", "", own_node, "40001", "isv.missing-signature-type"),
        ("sign_type", "RSA", own_node, "40002", "isv.invalid-signature-type"),
        ("timestamp", "", own_node, "40001", "isv.missing-timestamp"),
        ("timestamp", "2026-11-21T00:00:00", own_node, "40002", "isv.invalid-timestamp"),
        ("version", "", own_node, "40001", "isv.missing-version"),
        ("grant_type", "password", own_node, "40002", "isv.grant-type-invalid"),
        ("code", "", own_node, "40002", "isv.code-invalid"),
    ];
    for (name, value, expected_node, code, sub_code) in cases {
        let mut parameters = exchange();
        parameters.set(name, value);
        let body = post_signed(&sandbox, parameters).await;
        let (node_name, refusal) = node(&sandbox, &body);
        let refusal: Value = serde_json::from_str(refusal).unwrap();
        let found = (node_name, refusal["code"].as_str().unwrap(), refusal["sub_code"].as_str().unwrap());
        assert_eq!(found, (expected_node, code, sub_code), "{name}={value}");
        assert!(refusal["msg"].is_string() && refusal["sub_msg"].is_string());
    }
    let outcomes: Vec<Value> = sandbox.calls().await.into_iter().map(|[_, outcome, ..]| outcome).collect();
    assert_eq!(outcomes, cases.map(|(.., sub_code)| sub_code), "the log of calls tells the same");
}

#[tokio::test]
async fn a_request_that_was_changed_or_not_signed_is_refused() {
    let sandbox = RunningSandbox::start().await;
    let key = PrivateKey::parse(&sandbox.read(APP_PRIVATE_KEY_FILE)).unwrap();
    let mut parameters = request(USER_INFO_SHARE, &[("auth_token", "one")]);
    let unsigned = parameters.to_form(Charset::Utf8).unwrap();
    parameters.set("sign", key.sign(parameters.canonical_string().as_bytes()).unwrap());
    let changed = parameters.to_form(Charset::Utf8).unwrap().replace("auth_token=one", "auth_token=two");
    let twice = format!("{}&auth_token=two", parameters.to_form(Charset::Utf8).unwrap());
    for (form, sub_code) in [
        (unsigned, "isv.missing-signature"),
        (changed, "isv.invalid-signature"),
        (twice, "isv.invalid-parameter"),
        (parameters.to_form(Charset::Utf8).unwrap(), "aop.invalid-auth-token"),
    ] {
        let (_, body) = sandbox.post("", &form).await;
        let (_, refusal) = node(&sandbox, &body);
        assert!(refusal.contains(&format!(r#""sub_code":"{sub_code}""#)), "{sub_code}: {refusal}");
    }
}

#[tokio::test]
async fn an_orderly_end_and_a_reset_differ() {
    let sandbox = RunningSandbox::start().await;
    for (kind, expected) in [("unavailable", Ok(0)), ("reset", Err(ErrorKind::ConnectionReset))] {
        sandbox.put("fault", json!({ "kind": kind })).await;
        let mut stream = TcpStream::connect(sandbox.address.trim_start_matches("http://")).await.unwrap();
        let request = b"POST /gateway.do HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(request).await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.map_err(|fault| fault.kind()), expected, "{kind}");
    }
}

#[tokio::test]
async fn too_large_a_request_is_not_read() {
    let sandbox = RunningSandbox::start().await;
    let (status, _) = sandbox.post("", &"x".repeat(65 * 1024)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}
