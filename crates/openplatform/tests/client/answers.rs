//! Answers that look right and are not.

use crate::peer::{APP_KEY, PLATFORM_KEY, Peer, changed, code, config, gateway, ok, signed};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{
    Action, Call, ContentKey, DecryptError, EncryptError, Endpoint, EnvelopeError, GatewayError, GatewayErrorKind,
    Setting, TokenGrant, VerifyError, system::SystemRandom,
};
use serde_json::json;

const NODE: &str = "alipay_system_oauth_token_response";
const TOKENS: &str = r#"{"user_id":"2088","access_token":"composeB"}"#;

async fn answered(body: &str) -> GatewayError {
    let error = Peer::answering_body(body).await.exchange().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("composeB"), "no part of an answer gets into an error: {error:?}");
    error
}

async fn distrusted(body: &str) -> VerifyError {
    match answered(body).await.kind() {
        GatewayErrorKind::Untrusted(distrust) => distrust.clone(),
        other => panic!("{body}: {other:?}"),
    }
}

#[tokio::test]
async fn the_signature_counts_for_its_exact_bytes() {
    let genuine = signed(NODE, TOKENS);
    Peer::answering_body(&genuine).await.exchange().await.unwrap();
    for changed in [
        genuine.replace("2088", "2089"),
        genuine.replace(r#""user_id":"2088","#, r#""user_id":"2088", "#),
        genuine.replace(r#""user_id""#, r#""\u0075ser_id""#),
        genuine.replace(r#""sign":""#, r#""sign":"A"#),
        genuine.replace(r#""sign":""#, r#""sign":" "#),
    ] {
        assert_ne!(changed, genuine);
        assert_eq!(distrusted(&changed).await, VerifyError::SignatureInvalid, "{changed}");
    }
}

#[tokio::test]
async fn the_apps_own_signature_is_not_the_platforms() {
    let signature = APP_KEY.sign(TOKENS.as_bytes()).unwrap();
    let body = format!(r#"{{"{NODE}":{TOKENS},"sign":"{signature}"}}"#);
    assert_eq!(distrusted(&body).await, VerifyError::SignatureInvalid);
}

#[tokio::test]
async fn a_signed_node_among_others_proves_nothing() {
    let signature = PLATFORM_KEY.sign(TOKENS.as_bytes()).unwrap();
    let sign = format!(r#""sign":"{signature}""#);
    let forged = r#"{"user_id":"2089","access_token":"composeB"}"#;
    for (body, fault) in [
        (format!(r#"{{"{NODE}":{forged},"{NODE}":{TOKENS},{sign}}}"#), EnvelopeError::DuplicateNode),
        (format!(r#"{{"{NODE}":{forged},"error_response":{TOKENS},{sign}}}"#), EnvelopeError::DuplicateNode),
        (format!(r#"{{"alipay_user_info_share_response":{TOKENS},{sign}}}"#), EnvelopeError::ForeignNode),
        (format!(r#"{{"a":{{"{NODE}":{TOKENS},{sign}}}}}"#), EnvelopeError::NoNode),
    ] {
        assert_eq!(distrusted(&body).await, VerifyError::Malformed(fault), "{body}");
    }
    // A signature inside a string of a forged node is text, not the answer's signature.
    let hidden = format!(r#"{{"{NODE}":{{"user_id":"\"}},{}"}}}}"#, sign.replace('"', r#"\""#));
    assert_eq!(distrusted(&hidden).await, VerifyError::Unsigned { claim: None });
}

#[tokio::test]
async fn a_signed_success_under_the_name_of_an_error_is_no_success() {
    let error = answered(&signed("error_response", TOKENS)).await;
    assert!(matches!(error.kind(), GatewayErrorKind::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn a_signed_answer_that_lacks_what_it_must_hold_is_told_apart() {
    for node in [r#"{"user_id":"2088"}"#, r#"{"access_token":"composeB"}"#, r#"[]"#, "null", "1"] {
        let error = answered(&signed(NODE, node)).await;
        assert!(matches!(error.kind(), GatewayErrorKind::Unusable(_)), "{node}: {error:?}");
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUntrusted, true), "{node}");
    }
}

#[tokio::test]
async fn an_encrypted_answer_says_which_key_is_missing() {
    let error = answered(&signed(NODE, r#""YWJj""#)).await;
    assert!(matches!(error.kind(), GatewayErrorKind::NotDecrypted(DecryptError::NoKey)), "{error:?}");
    assert_eq!(error.action(), Action::FixConfiguration(Setting::ContentKey));
    assert!(error.to_string().contains("接口内容加密") && error.outcome_known(), "{error}");
}

/// The outcome of an exchange by a client with these content keys.
async fn exchanged_with(keys: &[&ContentKey], body: &str) -> Result<TokenGrant, GatewayError> {
    let config = config(Peer::answering_body(body).await.endpoint());
    let keys = keys.iter().map(|&key| key.clone()).collect();
    gateway(changed(config, |config| config.content_keys = keys)).exchange_code(&code()).await
}

#[tokio::test]
async fn an_encrypted_answer_is_read_with_either_key_during_a_change() {
    let [old, new, other] = [(); 3].map(|()| ContentKey::generate(&SystemRandom));
    for key in [&old, &new] {
        let encrypted = key.encrypt(TOKENS.as_bytes()).unwrap();
        // JSON may escape a slash; the signature covers the text as written.
        for node in [format!("\"{encrypted}\""), format!("\"{}\"", encrypted.replace('/', r"\/"))] {
            let grant = exchanged_with(&[&new, &old], &signed(NODE, &node)).await.unwrap();
            assert_eq!(grant.ids().user_id(), Some("2088"));
        }
    }
    let encrypted = format!("\"{}\"", other.encrypt(TOKENS.as_bytes()).unwrap());
    let error = exchanged_with(&[&new, &old], &signed(NODE, &encrypted)).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotDecrypted(DecryptError::OtherKey)), "{error:?}");
    let refusal = other.encrypt(br#"{"code":"40002","sub_code":"isv.code-invalid"}"#).unwrap();
    let error = exchanged_with(&[&other], &signed(NODE, &format!("\"{refusal}\""))).await.unwrap_err();
    assert_eq!(error.sub_code(), Some("isv.code-invalid"));
}

#[tokio::test]
async fn what_was_encrypted_and_not_signed_is_advice_and_no_data() {
    // A refusal of a wrong signature, as seen in https://github.com/smartwalle/alipay/issues/242.
    let key = ContentKey::generate(&SystemRandom);
    let refusal = key.encrypt(br#"{"code":"40002","msg":"m","sub_code":"isv.invalid-signature"}"#).unwrap();
    let error = exchanged_with(&[&key], &format!(r#"{{"{NODE}":"{refusal}"}}"#)).await.unwrap_err();
    assert_eq!(error.unsigned_claim().and_then(|claim| claim.sub_code()), Some("isv.invalid-signature"));
    let success = key.encrypt(TOKENS.as_bytes()).unwrap();
    let error = exchanged_with(&[&key], &format!(r#"{{"{NODE}":"{success}"}}"#)).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::Unsigned { claim: None })), "{error:?}");
}

#[tokio::test]
async fn a_call_that_cannot_be_encrypted_is_not_sent() {
    let key = ContentKey::generate(&SystemRandom);
    for (keys, call, expected) in [
        (vec![], Call::new("alipay.x").biz_content(&json!({})), EncryptError::NoKey),
        (vec![key.clone()], Call::new("alipay.x").parameter("a", "b"), EncryptError::NoContent),
    ] {
        let config = config(Endpoint::parse("http://127.0.0.1:9/gateway.do").unwrap());
        let error =
            gateway(changed(config, |config| config.content_keys = keys)).call(call.encrypted()).await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::NotEncrypted(why) if *why == expected), "{error:?}");
        assert!(error.outcome_known());
    }
}

#[tokio::test]
async fn user_information_without_the_code_of_success_is_none() {
    let member = r#"{"user_id":"2088","nick_name":"x"}"#;
    let answers = [signed(NODE, TOKENS), signed("alipay_user_info_share_response", member)];
    let gateway = Peer::answering(answers.map(|body| ok(&body)).into()).await.gateway();
    let grant = gateway.exchange_code(&code()).await.unwrap();
    let error = gateway.user_info(&grant).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_taken_from_either_node() {
    let refusal = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"composeB"}"#;
    for name in [NODE, "error_response"] {
        let error = answered(&signed(name, refusal)).await;
        assert_eq!((error.code(), error.sub_code()), (ErrorCode::CodeInvalid, Some("isv.code-invalid")));
        assert!(error.outcome_known());
    }
    let unavailable = r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}"#;
    let error = answered(&signed("error_response", unavailable)).await;
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, false));
}
