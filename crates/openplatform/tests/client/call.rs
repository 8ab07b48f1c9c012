//! Any method of the platform.

use crate::peer::{APP_KEY, Evening, PLATFORM_KEY, Peer, changed, config, gateway, ok, signed};
use miniauth_core::{error_code::ErrorCode, time::Clock as _};
use miniauth_openplatform::{
    Action, Call, ContentKey, EncryptError, Endpoint, GatewayErrorKind, NodeKind, PhoneSignature, Refusal, Retry,
    Setting, UserIds, VerifyError,
    protocol::{Charset, OAUTH_TOKEN},
    system::SystemRandom,
};
use secrecy::SecretString;
use serde_json::json;

const METHOD: &str = "alipay.open.app.qrcode.create";
const NODE: &str = "alipay_open_app_qrcode_create_response";
const MADE: &str = r#"{"code":"10000","msg":"Success","qr_code_url":"https:\/\/qr.example\/1","a": 1}"#;
const PASSING: &str = r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}"#;

#[tokio::test]
async fn a_method_is_called_with_its_parameters_and_answers_its_very_bytes() {
    let mut peer = Peer::answering_body(&signed(NODE, MADE)).await;
    let token = SecretString::from("composeB1");
    let call = Call::new(METHOD)
        .biz_content(&json!({ "url_param": "pages/index/index", "describe": "海报" }))
        .parameter("notify_url", "https://shop.example/notify")
        .auth_token(&token);
    let node = peer.gateway().call(call).await.unwrap();
    assert_eq!((node.bytes(), node.kind()), (MADE.as_bytes(), NodeKind::Response));
    assert_eq!(node.json().unwrap()["qr_code_url"], "https://qr.example/1");
    assert_eq!(format!("{node:?}"), "VerifiedNode { kind: Response, .. }", "nothing of what it holds");

    let mut request = peer.received.recv().await.unwrap();
    assert!(!request.head.contains("compose") && !request.head.contains("notify"), "{}", request.head);
    let signature = request.body.get("sign").unwrap().to_owned();
    request.body.set("charset", "utf-8");
    APP_KEY.public_key().verify(request.body.canonical_string().as_bytes(), &signature).unwrap();
    for (name, value) in [
        ("method", METHOD),
        ("biz_content", r#"{"describe":"海报","url_param":"pages/index/index"}"#),
        ("notify_url", "https://shop.example/notify"),
        ("auth_token", "composeB1"),
    ] {
        assert_eq!(request.body.get(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn an_answer_in_gbk_is_text_and_its_own_bytes() {
    let made = MADE.replace("Success", "诚\\\"功");
    let bytes = Charset::Gbk.encode(&made).unwrap().into_owned();
    let sign = PLATFORM_KEY.sign(&bytes).unwrap();
    let body = [format!(r#"{{"{NODE}":"#).as_bytes(), &bytes, format!(r#","sign":"{sign}"}}"#).as_bytes()].concat();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let peer = Peer::answering(vec![[head.as_bytes(), &body].concat()]).await;
    let client = gateway(changed(config(peer.endpoint()), |config| config.charset = Charset::Gbk));
    let node = client.call(Call::new(METHOD)).await.unwrap();
    assert_eq!((node.bytes(), node.text().as_ref()), (bytes.as_slice(), made.as_str()));
    assert_eq!(node.json().unwrap()["msg"], "诚\"功");
}

#[tokio::test]
async fn a_refusal_is_typed_and_an_unsigned_one_is_only_a_claim() {
    let refusal = r#"{"code":"40006","msg":"Insufficient Permissions","sub_code":"isv.insufficient-isv-permissions"}"#;
    let is_it =
        |refusal: &Refusal| (refusal.code(), refusal.sub_code()) == ("40006", Some("isv.insufficient-isv-permissions"));
    for name in [NODE, "error_response"] {
        let error =
            Peer::answering_body(&signed(name, refusal)).await.gateway().call(Call::new(METHOD)).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Refused(refusal) if is_it(refusal)), "{error:?}");
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::ProductNotInForce, true));

        let unsigned = Peer::answering_body(&format!(r#"{{"{name}":{refusal}}}"#)).await;
        let error = unsigned.gateway().call(Call::new(METHOD)).await.unwrap_err();
        let claims = |error: &GatewayErrorKind| matches!(error, GatewayErrorKind::Untrusted(VerifyError::Unsigned { claim: Some(claim) }) if is_it(claim));
        assert!(claims(error.kind()), "{error:?}");
        assert!(error.unsigned_claim().is_some_and(is_it), "{error:?}");
        assert!(
            error.to_string().starts_with("the gateway says, unsigned: isv.insufficient-isv-permissions"),
            "{error}"
        );
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUntrusted, false));
    }
}

#[tokio::test]
async fn success_is_the_code_of_success() {
    for node in [r#"{"msg":"Success"}"#, r#"{"code":"10003","msg":"order success pay inprocess"}"#, "{}"] {
        let error =
            Peer::answering_body(&signed(NODE, node)).await.gateway().call(Call::new(METHOD)).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Refused(_)), "{node}: {error:?}");
    }
}

#[tokio::test]
async fn calls_are_retried_only_on_request_and_exchanges_never() {
    let token_node = "alipay_system_oauth_token_response";
    let exchange = Call::new(OAUTH_TOKEN).parameter("grant_type", "authorization_code").parameter("code", "2e42");
    for (call, node, expected) in [
        (Call::new(METHOD), NODE, 1),
        (Call::new(METHOD).retry(Retry::Never), NODE, 1),
        (Call::new(METHOD).retry(Retry::WithoutEffect), NODE, 2),
        (Call::new(METHOD).retry(Retry::Read), NODE, 2),
        (exchange.retry(Retry::Read), token_node, 1),
    ] {
        let mut peer = Peer::answering(vec![ok(&signed(node, PASSING)), ok(&signed(node, MADE))]).await;
        let outcome = peer.gateway().call(call.clone()).await;
        assert_eq!(outcome.is_ok(), expected == 2, "{call:?}: {outcome:?}");
        assert_eq!(std::iter::from_fn(|| peer.received.try_recv().ok()).count(), expected, "{call:?}");
    }
}

#[tokio::test]
async fn a_days_revocations_are_read() {
    let page = r#"{"code":"10000","response":{"details":[{"open_id":"o1","del_auth_time":"2026-11-20 10:00:00"}]}}"#;
    let peer = Peer::answering_body(&signed("alipay_user_deloauth_detail_query_response", page)).await;
    let page = peer.gateway().revocations(Evening.now(), 1).await.unwrap();
    assert_eq!(page.revocations.iter().map(|revocation| revocation.ids.open_id()).collect::<Vec<_>>(), [Some("o1")]);
}

#[test]
fn a_phone_number_is_read_with_the_clients_own_keys() {
    let key = ContentKey::generate(&SystemRandom);
    let encrypted = key.encrypt(br#"{"code":"10000","msg":"Success","mobile":"13800001234"}"#).unwrap();
    let sign = PLATFORM_KEY.sign(format!("\"{encrypted}\"").as_bytes()).unwrap();
    let config = config(Endpoint::parse("http://127.0.0.1:9/gateway.do").unwrap());
    let trusting = changed(config, |config| config.content_keys = vec![key]);
    let client = gateway(trusting.clone());
    let answer = json!({ "response": encrypted, "sign": sign }).to_string();
    let number = client.read_phone_number(&answer, None).unwrap();
    assert_eq!(number.expose(), "13800001234");
    let unsigned = json!({ "response": encrypted }).to_string();
    for (signature, taken) in [(PhoneSignature::Required, false), (PhoneSignature::Optional, true)] {
        let client = gateway(changed(trusting.clone(), |config| config.phone_signature = signature));
        assert_eq!(client.read_phone_number(&unsigned, None).is_ok(), taken, "{signature:?}");
    }
}

#[tokio::test]
async fn an_unsigned_refusal_that_names_a_setting_has_it_looked_at() {
    for (sub_code, action) in
        [("isv.invalid-app-id", Action::FixConfiguration(Setting::AppId)), ("isp.unknow-error", Action::DoNotTrust)]
    {
        let refusal = format!(r#"{{"error_response":{{"code":"40002","msg":"x","sub_code":"{sub_code}"}}}}"#);
        let error = Peer::answering_body(&refusal).await.gateway().call(Call::new(METHOD)).await.unwrap_err();
        assert_eq!(error.action(), action, "{sub_code}");
    }
}

#[tokio::test]
async fn a_consent_can_be_queried() {
    let node = r#"{"code":"10000","query_detail":"{\"auth_user\":false,\"auth_base\":true}"}"#;
    let peer = Peer::answering_body(&signed("alipay_open_auth_userauth_relationship_query_response", node)).await;
    let ids = UserIds::from_ids(None, Some("2088".to_owned()), None).unwrap();
    let granted = peer.gateway().consents(&ids, &["auth_user", "auth_base"]).await.unwrap();
    assert_eq!(Vec::from_iter(granted), [("auth_base".to_owned(), true), ("auth_user".to_owned(), false)]);
}

/// An answer of code 40002.
fn refused(sub_code: &str) -> String {
    format!(r#"{{"code":"40002","msg":"Invalid Arguments","sub_code":"{sub_code}"}}"#)
}

#[tokio::test]
async fn a_probe_succeeds_only_with_the_expected_refusal() {
    let taken = r#"{"user_id":"2088","access_token":"composeB"}"#.to_owned();
    for (node, passes) in [(refused("isv.code-invalid"), true), (refused("isv.invalid-app-id"), false), (taken, false)]
    {
        let peer = Peer::answering_body(&signed("alipay_system_oauth_token_response", &node)).await;
        assert_eq!(peer.gateway().probe().await.outcome.is_ok(), passes, "{node}");
    }
    let member = r#"{"code":"10000","user_id":"2088"}"#.to_owned();
    for (node, passes) in [
        (refused("aop.invalid-auth-token"), true),
        (refused("isv.insufficient-isv-permissions"), false),
        (member, false),
    ] {
        let peer = Peer::answering_body(&signed("alipay_user_info_share_response", &node)).await;
        assert_eq!(peer.gateway().probe_user_info().await.is_ok(), passes, "{node}");
    }
    let client = gateway(config(Endpoint::parse("http://127.0.0.1:9/gateway.do").unwrap()));
    let error = client.probe_content_key().await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotEncrypted(EncryptError::NoKey)), "{error:?}");
    assert!(client.answer_to_address_check().unwrap().contains("<biz_content>"));
}

#[tokio::test]
async fn what_the_client_sets_itself_cannot_be_set() {
    let mut peer = Peer::answering_body(&signed(NODE, MADE)).await;
    for name in ["app_id", "method", "charset", "sign", "sign_type", "timestamp", "app_cert_sn"] {
        let error = peer.gateway().call(Call::new(METHOD).parameter(name, "x")).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::ReservedParameter(found) if *found == name), "{error:?}");
        assert_eq!((error.action(), error.outcome_known()), (Action::ReportBug, true));
    }
    assert!(peer.received.try_recv().is_err(), "nothing was sent");
}
