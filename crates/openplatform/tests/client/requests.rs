//! The requests, byte for byte where that matters.

use crate::peer::{APP_KEY, CODE, Peer, code, ok, signed};
use miniauth_openplatform::protocol::{OAUTH_TOKEN, USER_INFO_SHARE};

const TOKENS: &str = r#"{"user_id":"2088","access_token":"composeB-token","expires_in":1296000}"#;
const MEMBER: &str = r#"{"code":"10000","msg":"Success","user_id":"2088"}"#;

#[tokio::test]
async fn requests_are_signed_forms_and_their_url_tells_nothing() {
    let token_answer = signed("alipay_system_oauth_token_response", TOKENS);
    let member_answer = signed("alipay_user_info_share_response", MEMBER);
    let mut peer = Peer::answering(vec![ok(&token_answer), ok(&member_answer)]).await;
    let gateway = peer.gateway();
    let grant = gateway.exchange_code(&code()).await.unwrap();
    gateway.user_info(&grant).await.unwrap();

    for (method, secret) in [(OAUTH_TOKEN, ("code", CODE)), (USER_INFO_SHARE, ("auth_token", "composeB-token"))] {
        let mut request = peer.received.recv().await.unwrap();
        let first_line = request.head.lines().next().unwrap();
        assert_eq!(first_line, "POST /gateway.do?charset=utf-8 HTTP/1.1");
        assert!(!request.head.contains(secret.1), "the secret is in the body alone");
        assert!(request.head.contains("content-type: application/x-www-form-urlencoded;charset=utf-8"));

        let body = &mut request.body;
        let signature = body.get("sign").unwrap().to_owned();
        assert_eq!(body.take("charset"), None, "it is in the query, and a parameter comes once");
        body.set("charset", "utf-8");
        APP_KEY.public_key().verify(body.canonical_string().as_bytes(), &signature).unwrap();
        for (name, value) in [
            ("app_id", "2021000000000001"),
            ("method", method),
            ("format", "JSON"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-11-20 23:59:59"),
            ("version", "1.0"),
            secret,
        ] {
            assert_eq!(body.get(name), Some(value), "{name}");
        }
        assert_eq!(body.get("grant_type"), (method == OAUTH_TOKEN).then_some("authorization_code"));
        assert_eq!(body.get("biz_content"), None, "both methods take their parameters at the top");
    }
}
