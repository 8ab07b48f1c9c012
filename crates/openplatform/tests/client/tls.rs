//! With https, the certificate is checked before anything is sent.

use crate::peer::{code, config, gateway};
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::{Endpoint, GatewayErrorKind};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use tokio::{io::AsyncReadExt as _, net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer},
};

/// Serves TLS with a self-signed certificate; returns what the client sent over the connection.
async fn stranger() -> (Endpoint, JoinHandle<Vec<u8>>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}/gateway.do", listener.local_addr().unwrap().port());
    let received = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        if let Ok(mut stream) = TlsAcceptor::from(Arc::new(tls)).accept(stream).await {
            stream.read_to_end(&mut sent).await.ok();
        }
        sent
    });
    (Endpoint::parse(&endpoint).unwrap(), received)
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_with_an_untrusted_certificate() {
    let (endpoint, received) = stranger().await;
    let error = gateway(config(endpoint)).exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotReached(_)), "{error:?}");
    assert_eq!((error.code(), error.outcome_known()), (ErrorCode::GatewayUnavailable, true));
    assert_eq!(received.await.unwrap(), b"");
}

#[tokio::test]
async fn a_peer_without_tls_is_sent_nothing_that_it_could_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}/gateway.do", listener.local_addr().unwrap().port());
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut first = vec![0; 3];
        stream.read_exact(&mut first).await.unwrap();
        first
    });
    let error = gateway(config(Endpoint::parse(&endpoint).unwrap())).exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::NotReached(_)), "{error:?}");
    // A TLS handshake record.
    assert_eq!(received.await.unwrap()[..2], [0x16, 0x03]);
}
