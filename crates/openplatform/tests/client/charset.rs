//! GBK, whose characters may look like JSON.

use crate::peer::{APP_KEY, PLATFORM_KEY, Peer, changed, code, config, gateway, ok};
use miniauth_openplatform::{
    Action, Call, ContentKey, Gateway, GatewayErrorKind, Setting, VerifyError,
    protocol::{Charset, Parameters},
    system::SystemRandom,
};
use secrecy::SecretString;

/// Nicknames whose GBK bytes contain 0x5C, 0x7B, 0x7D, and all of these next to real escapes.
const NICKNAMES: [&[u8]; 4] =
    [b"\x95\x5c", b"\x9e\x7b\x81\x7b", b"\x9e\x7d\x81\x7d", b"\x95\x5c\\\"\x9e\x7d,\\\"sign\\\":\\\"\x95\x5c\\\\"];

fn signed(method_node: &str, node: &[u8]) -> Vec<u8> {
    let sign = PLATFORM_KEY.sign(node).unwrap();
    let body =
        [format!(r#"{{"{method_node}":"#).as_bytes(), node, format!(r#","sign":"{sign}"}}"#).as_bytes()].concat();
    answer(&body, "")
}

fn answer(body: &[u8], header: &str) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{header}content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn in_gbk(peer: &Peer) -> Gateway {
    gateway(changed(config(peer.endpoint()), |config| config.charset = Charset::Gbk))
}

#[tokio::test]
async fn a_member_in_gbk_is_read_from_the_very_bytes() {
    let token = br#"{"user_id":"2088","access_token":"composeB"}"#;
    for nick_name in NICKNAMES {
        let member =
            [&br#"{"code":"10000","user_id":"2088","nick_name":""#[..], nick_name, br#"","city":"a"}"#].concat();
        let answers = vec![
            signed("alipay_system_oauth_token_response", token),
            signed("alipay_user_info_share_response", &member),
        ];
        let peer = Peer::answering(answers).await;
        let client = in_gbk(&peer);
        let grant = client.exchange_code(&code()).await.unwrap();
        let member = client.user_info(&grant).await.unwrap();
        let text = Charset::Gbk.decode(nick_name).unwrap();
        let expected: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
        assert_eq!((member.nick_name(), member.city()), (Some(expected.as_str()), Some("a")));
    }
}

#[tokio::test]
async fn an_encrypted_answer_in_gbk_is_read() {
    let key = ContentKey::generate(&SystemRandom);
    let text = r#"{"code":"10000","nick_name":"张伟"}"#;
    let encrypted = key.encrypt(&Charset::Gbk.encode(text).unwrap()).unwrap();
    let peer = Peer::answering(vec![signed("alipay_x_response", format!("\"{encrypted}\"").as_bytes())]).await;
    let client = gateway(changed(config(peer.endpoint()), |config| {
        config.charset = Charset::Gbk;
        config.content_keys = vec![key];
    }));
    assert_eq!(client.call(Call::new("alipay.x")).await.unwrap().text(), text);
}

#[tokio::test]
async fn a_request_in_gbk_is_signed_and_sent_in_gbk() {
    let refusal = ok(r#"{"error_response":{"code":"40002"}}"#);
    let mut peer = Peer::answering(vec![refusal]).await;
    let subject = miniauth_openplatform::UserIds::from_ids(None, Some("2088".to_owned()), None).unwrap();
    in_gbk(&peer).refresh(&subject, &SecretString::from("张伟")).await.unwrap_err();
    let request = peer.received.recv().await.unwrap();
    assert!(request.head.starts_with("POST /gateway.do?charset=GBK HTTP/1.1"), "{}", request.head);
    assert!(request.head.contains("content-type: application/x-www-form-urlencoded;charset=GBK"), "{}", request.head);
    let mut body = Parameters::new();
    body.extend_from_form(&request.raw, Charset::Gbk).unwrap();
    assert_eq!(body.get("refresh_token"), Some("张伟"));
    let signature = body.get("sign").unwrap().to_owned();
    body.set("charset", "GBK");
    let message = body.canonical_string();
    APP_KEY.public_key().verify(&Charset::Gbk.encode(&message).unwrap(), &signature).unwrap();
    APP_KEY.public_key().verify(message.as_bytes(), &signature).unwrap_err();
}

#[tokio::test]
async fn text_that_gbk_lacks_is_not_sent() {
    let peer = Peer::answering(Vec::new()).await;
    let subject = miniauth_openplatform::UserIds::from_ids(None, Some("2088".to_owned()), None).unwrap();
    let error = in_gbk(&peer).refresh(&subject, &SecretString::from("🐻")).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Unencodable), "{error:?}");
    assert_eq!((error.action(), error.outcome_known()), (Action::FixConfiguration(Setting::Charset), true));
}

#[tokio::test]
async fn an_answer_in_another_character_set_is_recognised() {
    let node = r#"{"user_id":"2088","access_token":"composeB","nick_name":"张伟"}"#;
    for (asked, declared) in [(Charset::Utf8, "GBK"), (Charset::Gbk, "UTF-8"), (Charset::Gbk, "latin1")] {
        let sign = PLATFORM_KEY.sign(node.as_bytes()).unwrap();
        let body = format!(r#"{{"alipay_system_oauth_token_response":{node},"sign":"{sign}"}}"#);
        let header = format!("content-type: text/html;charset={declared}\r\n");
        let peer = Peer::answering(vec![answer(body.as_bytes(), &header)]).await;
        let client = gateway(changed(config(peer.endpoint()), |config| config.charset = asked));
        let error = client.exchange_code(&code()).await.unwrap_err();
        let told = matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::OtherCharset { asked: found }) if *found == asked);
        assert!(told, "{error:?}");
        assert_eq!(error.action(), Action::FixConfiguration(Setting::Charset));
    }
}
