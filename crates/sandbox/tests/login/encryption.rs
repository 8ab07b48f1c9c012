//! Content encryption (接口内容加密), between the real client and the sandbox.

use crate::running::{RunningSandbox, changed, gateway, withdrawn};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::{
    Action, Call, ContentKey, DecryptError, Gateway, GatewayErrorKind, Setting, protocol::REVOCATIONS_QUERY,
    system::SystemRandom,
};
use miniauth_sandbox::CONTENT_KEY_FILE;
use serde_json::{Value, json};

fn client(sandbox: &RunningSandbox, keys: Vec<ContentKey>) -> Gateway {
    gateway(changed(sandbox.config(), |config| config.content_keys = keys))
}

fn key(sandbox: &RunningSandbox) -> ContentKey {
    ContentKey::parse(&sandbox.read(CONTENT_KEY_FILE)).unwrap()
}

fn revocations(sandbox: &RunningSandbox) -> Call<'static> {
    let date = miniauth_openplatform::protocol::beijing_date(sandbox.clock.now());
    Call::new(REVOCATIONS_QUERY).biz_content(&json!({ "date": date, "limit": 20, "offset": 1 })).encrypted()
}

#[tokio::test]
async fn a_call_and_its_answer_are_encrypted() {
    let sandbox = RunningSandbox::start().await;
    withdrawn(&sandbox, "zhang-wei").await;
    let client = client(&sandbox, vec![key(&sandbox)]);
    let answer: Value = client.call(revocations(&sandbox)).await.unwrap().json().unwrap();
    // v2 puts it inside `response`.
    let details = answer.pointer("/response/details").or_else(|| answer.pointer("/details")).unwrap();
    assert_eq!(details.as_array().unwrap().len(), 1, "{answer}");
    client.probe_content_key().await.unwrap();
}

#[tokio::test]
async fn another_content_key_is_told_apart_from_every_other_fault() {
    let sandbox = RunningSandbox::start().await;
    let (right, other) = (key(&sandbox), ContentKey::generate(&SystemRandom));
    let error = client(&sandbox, vec![other.clone(), right.clone()]).call(revocations(&sandbox)).await.unwrap_err();
    assert!(error.sub_code().is_some_and(|code| code.ends_with("decryption-error-unknown")), "{error:?}");
    assert_eq!(error.action(), Action::FixConfiguration(Setting::ContentKey));
    // Without a content key, the client does not ask for encryption, but understands a platform that encrypts anyway.
    sandbox.put("fault", json!({ "kind": "encrypted" })).await;
    let error = client(&sandbox, vec![]).revocations(sandbox.clock.now(), 1).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotDecrypted(DecryptError::NoKey)), "{error:?}");
    let error = client(&sandbox, vec![right]).revocations(sandbox.clock.now(), 1).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotDecrypted(DecryptError::OtherKey)), "{error:?}");
}

#[tokio::test]
async fn unencrypted_answers_are_read_despite_a_content_key() {
    let sandbox = RunningSandbox::start().await;
    let client = client(&sandbox, vec![key(&sandbox)]);
    let grant = client.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    client.user_info(&grant).await.unwrap();
}

#[tokio::test]
async fn an_encrypted_refusal_is_read_like_any_other() {
    let sandbox = RunningSandbox::start().await;
    let call = Call::new(REVOCATIONS_QUERY).biz_content(&json!({ "date": "never" })).encrypted();
    let error = client(&sandbox, vec![key(&sandbox)]).call(call).await.unwrap_err();
    assert!(error.sub_code().is_some_and(|code| code.ends_with("invalid-parameter")), "{error:?}");
    let call = Call::new("alipay.no.such.method").biz_content(&json!({})).encrypted();
    let error = client(&sandbox, vec![key(&sandbox)]).call(call).await.unwrap_err();
    assert!(error.sub_code().is_some_and(|code| code.ends_with("invalid-method")), "{error:?}");
}
