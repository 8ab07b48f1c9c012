//! Peers that send too much, too little, too slowly, or elsewhere.

use crate::peer::{Peer, changed, code, config, gateway, ok, receive, signed};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{GatewayErrorKind, VerifyError};
use std::time::{Duration, Instant};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

const NODE: &str = "alipay_system_oauth_token_response";
const TOKENS: &str = r#"{"user_id":"2088","access_token":"composeB"}"#;

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let genuine = ok(&signed(NODE, TOKENS));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Peer::answering(vec![genuine.clone()]).await;
        let location = elsewhere.endpoint().as_str().to_owned();
        let redirect = format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let error = Peer::answering(vec![redirect.into_bytes()]).await.exchange().await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Status(300..400)), "{status}: {error:?}");
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::ServerMisconfigured, false));
        let mut elsewhere = elsewhere;
        assert!(elsewhere.received.try_recv().is_err(), "{status}: the code went elsewhere");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let huge = "x".repeat(300 * 1024);
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{huge}\r\n", huge.len());
    for answer in [ok(&huge), chunked.into_bytes()] {
        let error = Peer::answering(vec![answer]).await.exchange().await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::TooLarge)), "{error:?}");
        assert!(!error.outcome_known());
    }
}

fn with_unknown(value: &str) -> String {
    format!(r#"{{"user_id":"2088","access_token":"composeB","unknown":"{value}"}}"#)
}

#[tokio::test]
async fn a_genuine_answer_may_be_as_large_as_the_limit() {
    let of_length = |length: usize| {
        let padding = "x".repeat(length - signed(NODE, &with_unknown("")).len());
        signed(NODE, &with_unknown(&padding))
    };
    let limit = 256 * 1024;
    Peer::answering_body(&of_length(limit)).await.exchange().await.unwrap();
    let error = Peer::answering_body(&of_length(limit + 1)).await.exchange().await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::TooLarge)), "{error:?}");
}

#[tokio::test]
async fn a_truncated_answer_is_refused() {
    let whole = ok(&signed(NODE, TOKENS));
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        let error = Peer::answering(vec![whole[..length].to_vec()]).await.exchange().await.unwrap_err();
        assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{length} bytes: {error:?}");
        assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, false));
    }
}

async fn trickle(mut stream: TcpStream) {
    receive(&mut stream).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.ok();
    while stream.write_all(b" ").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_answer_that_trickles_in_ends_at_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/gateway.do", listener.local_addr().unwrap());
    tokio::spawn(async move { trickle(listener.accept().await.unwrap().0).await });
    let endpoint = miniauth_openplatform::Endpoint::parse(&endpoint).unwrap();
    let hasty = gateway(changed(config(endpoint), |config| config.call_timeout = Duration::from_millis(400)));
    let started = Instant::now();
    let error = hasty.exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_call_that_is_not_signed_in_time_is_not_sent() {
    let mut peer = Peer::answering_body(&signed(NODE, TOKENS)).await;
    let hurried = gateway(changed(config(peer.endpoint()), |config| config.call_timeout = Duration::from_nanos(1)));
    let error = hurried.exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotSigned), "{error:?}");
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, true));
    assert!(peer.received.try_recv().is_err());
}

#[tokio::test]
async fn an_error_never_holds_the_address() {
    let error = Peer::answering(vec![Vec::new()]).await.exchange().await.unwrap_err();
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        told += &format!(" {next} {next:?}");
        cause = next.source();
    }
    assert!(!told.contains("gateway.do"), "{told}");
}
