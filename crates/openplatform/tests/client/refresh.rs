//! Reading a member with a stored token, and exchanging old tokens for new ones.

use crate::peer::{Peer, ok, signed};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{Action, GatewayError, GatewayErrorKind, TokenGrant, UserIds, VerifiedMember};
use secrecy::{ExposeSecret as _, SecretString};

const NODE: &str = "alipay_system_oauth_token_response";

const MEMBER_NODE: &str = "alipay_user_info_share_response";

fn subject() -> UserIds {
    UserIds::from_ids(Some("o1".to_owned()), Some("2088".to_owned()), None).unwrap()
}

async fn refresh(peer: &Peer) -> Result<TokenGrant, GatewayError> {
    peer.gateway().refresh(&subject(), &SecretString::from("composeR1")).await
}

async fn member_again(peer: &Peer) -> Result<VerifiedMember, GatewayError> {
    peer.gateway().user_info_with(&subject(), &SecretString::from("composeB1")).await
}

#[tokio::test]
async fn a_stored_access_token_reads_its_own_user() {
    let node = r#"{"code":"10000","msg":"Success","open_id":"o1","nick_name":"张伟"}"#;
    let mut peer = Peer::answering_body(&signed(MEMBER_NODE, node)).await;
    let member = member_again(&peer).await.unwrap();
    assert_eq!((member.ids(), member.nick_name()), (&subject(), Some("张伟")));
    let request = peer.received.recv().await.unwrap();
    assert_eq!(request.body.get("auth_token"), Some("composeB1"));
    assert!(!request.head.contains("composeB1"));

    let peer = Peer::answering_body(&signed(MEMBER_NODE, &node.replace("o1", "o2"))).await;
    let error = member_again(&peer).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::IdentityMismatch), "{error:?}");
    assert!(!error.access_token_rejected());
}

#[tokio::test]
async fn an_expired_stored_access_token_is_recognised() {
    for (code, sub_code, over) in [
        ("20001", "aop.auth-token-time-out", true),
        ("20001", "aop.invalid-auth-token", true),
        ("40002", "isv.invalid-token", false),
        ("40006", "isv.insufficient-isv-permissions", false),
    ] {
        let refusal = format!(r#"{{"code":"{code}","msg":"refused","sub_code":"{sub_code}"}}"#);
        let error = member_again(&Peer::answering_body(&signed(MEMBER_NODE, &refusal)).await).await.unwrap_err();
        assert_eq!(error.access_token_rejected(), over, "{sub_code}");
        let unsigned = Peer::answering_body(&format!(r#"{{"{MEMBER_NODE}":{refusal}}}"#)).await;
        assert!(!member_again(&unsigned).await.unwrap_err().access_token_rejected(), "only the platform's word counts");
    }
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_new_tokens_of_the_same_user() {
    let tokens = r#"{"open_id":"o1","access_token":"composeB2","refresh_token":"composeR2","expires_in":"9"}"#;
    let mut peer = Peer::answering_body(&signed(NODE, tokens)).await;
    let grant = refresh(&peer).await.unwrap();
    assert_eq!(grant.access_token().expose_secret(), "composeB2");
    assert_eq!(grant.refresh_token().map(|token| token.expose_secret()), Some("composeR2"));
    let request = peer.received.recv().await.unwrap();
    assert_eq!(request.body.get("grant_type"), Some("refresh_token"));
    assert_eq!(request.body.get("refresh_token"), Some("composeR1"));
    assert_eq!((request.body.get("code"), request.head.contains("composeR1")), (None, false));
}

#[tokio::test]
async fn tokens_of_another_user_are_refused() {
    let peer = Peer::answering_body(&signed(NODE, r#"{"open_id":"o2","access_token":"composeB2"}"#)).await;
    let error = refresh(&peer).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::IdentityMismatch), "{error:?}");
    assert_eq!((error.code(), error.action()), (ErrorCode::GatewayIdentityMismatch, Action::DoNotTrust));
}

#[tokio::test]
async fn an_expired_refresh_token_requires_new_consent() {
    for sub_code in ["isv.refresh-token-invalid", "isv.refresh-token-time-out", "isv.refreshed-token-invalid"] {
        let refusal = format!(r#"{{"code":"40002","msg":"Invalid Arguments","sub_code":"{sub_code}"}}"#);
        let body = signed("error_response", &refusal);
        let with_trace = String::from_utf8(ok(&body)).unwrap().replacen("\r\n", "\r\ntrace_id: 21bb5edf1697\r\n", 1);
        let error = refresh(&Peer::answering(vec![with_trace.into_bytes()]).await).await.unwrap_err();
        assert_eq!((error.action(), error.sub_code()), (Action::Reauthorize, Some(sub_code)));
        assert_eq!(error.trace_id(), Some("21bb5edf1697"));
        assert!(error.to_string().contains("21bb5edf1697") && error.explanation().zh.contains("刷新令牌"), "{error}");
    }
}
