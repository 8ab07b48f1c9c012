//! Answers that look right and are not.

use crate::peer::{APP_KEY, PLATFORM_KEY, Peer, code, ok, signed};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{Action, EnvelopeError, GatewayError, GatewayErrorKind, Setting, VerifyError};

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
async fn an_encrypted_answer_says_what_to_switch_off() {
    let error = answered(&signed(NODE, r#""YWJj""#)).await;
    assert!(matches!(error.kind(), GatewayErrorKind::Encrypted), "{error:?}");
    assert_eq!(error.action(), Action::FixConfiguration(Setting::ContentEncryption));
    assert!(error.to_string().contains("接口内容加密"), "{error}");
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
