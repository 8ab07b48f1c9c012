//! What only `gateway.do` has: character sets and nodes.

use crate::running::{RunningSandbox, changed, gateway};
use miniauth_openplatform::{EnvelopeError, GatewayErrorKind, VerifyError, protocol::Charset};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_nickname_whose_bytes_look_like_json_in_gbk_arrives() {
    let sandbox = RunningSandbox::start().await;
    // Characters whose second byte in GBK is a backslash or a brace, among ordinary ones, and one that GBK lacks.
    let awkward = Charset::Gbk.decode(b"\x95\x5c\x9e\x7b\"}{\\\x9e\x7d").unwrap().into_owned();
    for (nick_name, expected) in [(awkward.clone(), awkward), ("小🐻".to_owned(), "小?".to_owned())] {
        let (_, user) = sandbox.control(Method::POST, "users", Some(json!({ "nick_name": nick_name }))).await;
        let client = gateway(changed(sandbox.config(), |config| config.charset = Charset::Gbk));
        let code = sandbox.code(user["id"].as_str().unwrap(), "auth_user").await;
        let member = client.user_info(&client.exchange_code(&code).await.unwrap()).await.unwrap();
        assert_eq!(member.nick_name(), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn an_answer_with_one_fault_is_refused_for_that_fault() {
    let sandbox = RunningSandbox::start().await;
    for (kind, distrust) in [
        ("duplicate_node", VerifyError::Malformed(EnvelopeError::DuplicateNode)),
        ("truncated_body", VerifyError::Malformed(EnvelopeError::Truncated)),
        ("wrong_charset", VerifyError::OtherCharset { asked: Charset::Utf8 }),
    ] {
        sandbox.put("fault", json!({ "kind": kind })).await;
        let error = sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Untrusted(found) if *found == distrust), "{kind}: {error:?}");
    }
}
