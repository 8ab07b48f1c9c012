//! Which calls are retried, which are not, and how many can be in flight.

use crate::peer::{Peer, changed, code, config, gateway, ok, receive, signed};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{Endpoint, Gateway, GatewayErrorKind, UserIds};
use secrecy::SecretString;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const TOKEN_NODE: &str = "alipay_system_oauth_token_response";
const MEMBER_NODE: &str = "alipay_user_info_share_response";
const TOKENS: &str = r#"{"user_id":"2088","access_token":"composeB"}"#;
const MEMBER: &str = r#"{"code":"10000","user_id":"2088"}"#;
const PASSING: &str = r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}"#;

fn passing(node: &str) -> Vec<u8> {
    ok(&signed(node, PASSING))
}

/// The number of calls received.
fn calls(mut peer: Peer) -> usize {
    std::iter::from_fn(|| peer.received.try_recv().ok()).count()
}

#[tokio::test]
async fn an_exchange_is_never_repeated() {
    let genuine = ok(&signed(TOKEN_NODE, TOKENS));
    let unavailable = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec();
    for first in [passing("error_response"), unavailable, Vec::new()] {
        let peer = Peer::answering(vec![first, genuine.clone()]).await;
        peer.exchange().await.unwrap_err();
        assert_eq!(calls(peer), 1);
    }
}

#[tokio::test]
async fn reading_a_member_is_repeated_when_platform_or_network_fail() {
    let unavailable = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec();
    let answers =
        vec![ok(&signed(TOKEN_NODE, TOKENS)), passing(MEMBER_NODE), unavailable, ok(&signed(MEMBER_NODE, MEMBER))];
    let peer = Peer::answering(answers).await;
    let client = peer.gateway();
    let grant = client.exchange_code(&code()).await.unwrap();
    client.user_info(&grant).await.unwrap();
    assert_eq!(calls(peer), 4);
}

#[tokio::test]
async fn retries_are_limited_and_useless_ones_are_not_made() {
    let tokens = ok(&signed(TOKEN_NODE, TOKENS));
    let refused = ok(&signed(MEMBER_NODE, r#"{"code":"20001","sub_code":"aop.invalid-auth-token"}"#));
    for (answer, expected) in [(passing(MEMBER_NODE), 1 + 3), (refused, 1 + 1), (ok(MEMBER), 1 + 1)] {
        let answers = [vec![tokens.clone()], vec![answer; 4]].concat();
        let peer = Peer::answering(answers).await;
        let client = peer.gateway();
        let grant = client.exchange_code(&code()).await.unwrap();
        client.user_info(&grant).await.unwrap_err();
        assert_eq!(calls(peer), expected);
    }
}

#[tokio::test]
async fn a_refresh_is_repeated_only_when_it_had_no_effect() {
    let subject = UserIds::from_ids(None, Some("2088".to_owned()), None).unwrap();
    let genuine = ok(&signed(TOKEN_NODE, TOKENS));
    for (first, expected) in [(passing("error_response"), 2), (Vec::new(), 1)] {
        let peer = Peer::answering(vec![first, genuine.clone()]).await;
        let outcome = peer.gateway().refresh(&subject, &SecretString::from("composeR")).await;
        assert_eq!((outcome.is_ok(), calls(peer)), (expected == 2, expected));
    }
}

#[tokio::test]
async fn repeats_stay_within_the_time_of_the_call() {
    let answers = [vec![ok(&signed(TOKEN_NODE, TOKENS))], vec![passing(MEMBER_NODE); 3]].concat();
    let peer = Peer::answering(answers).await;
    let grant = peer.exchange().await.unwrap();
    let call_timeout = Duration::from_millis(60);
    let hasty = gateway(changed(config(peer.endpoint()), |config| config.call_timeout = call_timeout));
    let started = Instant::now();
    hasty.user_info(&grant).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}

/// A gateway that accepts calls and never answers.
async fn silent() -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/gateway.do", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            receive(&mut stream).await;
            held.push(stream);
        }
    });
    Endpoint::parse(&endpoint).unwrap()
}

#[tokio::test]
async fn a_slow_gateway_holds_a_bounded_number_of_calls() {
    let client = gateway(changed(config(silent().await), |config| {
        config.calls_in_flight = 2;
        config.turn_timeout = Duration::from_millis(100);
    }));
    let call = |client: Gateway| tokio::spawn(async move { client.exchange_code(&code()).await.unwrap_err() });
    let held = [call(client.clone()), call(client.clone())];
    tokio::time::sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    let error = call(client.clone()).await.unwrap();
    assert!(matches!(error.kind(), GatewayErrorKind::Busy), "{error:?}");
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, true));
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    for call in held {
        assert!(matches!(call.await.unwrap().kind(), GatewayErrorKind::Interrupted(_)));
    }
}
