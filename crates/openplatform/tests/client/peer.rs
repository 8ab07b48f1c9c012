//! A peer that answers with prepared bytes, and records the requests.

use miniauth_core::{
    time::{Clock, Timestamp},
    wire::AuthCode,
};
use miniauth_openplatform::{
    AppId, Endpoint, Gateway, GatewayConfig, GatewayError, TokenGrant,
    keys::PrivateKey,
    protocol::{Charset, Parameters},
    system::SystemRandom,
};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};

pub(crate) static APP_KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
pub(crate) static PLATFORM_KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

pub(crate) const CODE: &str = "2e4248c2f50b4653bf18ecee3466UC18";

/// One second before midnight in Beijing, one before four in the afternoon in UTC.
pub(crate) struct Evening;

impl Clock for Evening {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_190_399)
    }
}

/// A request as received: its head and the parameters of its body.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Parameters<'static>,
    /// The body as received.
    pub(crate) raw: Vec<u8>,
}

/// Answers each connection's one request with the next of the given answers, then closes the connection.
pub(crate) struct Peer {
    pub(crate) port: u16,
    pub(crate) received: mpsc::UnboundedReceiver<Received>,
}

impl Peer {
    pub(crate) async fn answering(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                sender.send(receive(&mut stream).await).ok();
                // Writing fails if the client hangs up because it has read enough.
                stream.write_all(&answer).await.ok();
                stream.shutdown().await.ok();
            }
        });
        Self { port, received }
    }

    /// Answers one request with a body of status 200.
    pub(crate) async fn answering_body(body: &str) -> Self {
        Self::answering(vec![ok(body)]).await
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::parse(&format!("http://127.0.0.1:{}/gateway.do", self.port)).unwrap()
    }

    pub(crate) fn gateway(&self) -> Gateway {
        gateway(config(self.endpoint()))
    }

    pub(crate) async fn exchange(&self) -> Result<TokenGrant, GatewayError> {
        self.gateway().exchange_code(&code()).await
    }
}

pub(crate) fn code() -> AuthCode {
    AuthCode::parse(CODE).unwrap()
}

pub(crate) fn config(endpoint: Endpoint) -> GatewayConfig {
    let app_id = AppId::parse("2021000000000001").unwrap();
    let config = GatewayConfig::new(app_id, APP_KEY.clone(), PLATFORM_KEY.public_key().clone(), endpoint);
    changed(config, |config| {
        config.connect_timeout = Duration::from_secs(2);
        config.call_timeout = Duration::from_secs(2);
    })
}

/// A configuration with a change.
pub(crate) fn changed(mut config: GatewayConfig, change: impl FnOnce(&mut GatewayConfig)) -> GatewayConfig {
    change(&mut config);
    config
}

pub(crate) fn gateway(config: GatewayConfig) -> Gateway {
    Gateway::new(config, Arc::new(Evening), Arc::new(SystemRandom)).unwrap()
}

pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// An answer as the platform would sign it.
pub(crate) fn signed(node_name: &str, node: &str) -> String {
    let signature = PLATFORM_KEY.sign(node.as_bytes()).unwrap();
    format!(r#"{{"{node_name}":{node},"sign":"{signature}"}}"#)
}

/// Reads one whole request.
pub(crate) async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Received {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let body_start = end + 4;
            if bytes.len() >= body_start + length.parse::<usize>().unwrap() {
                let raw = bytes[body_start..].to_vec();
                let mut body = Parameters::new();
                // A test of another character set reads it from the bytes.
                let _ = body.extend_from_form(&raw, Charset::Utf8);
                return Received { head, body, raw };
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the client hung up in the middle");
    }
}
