//! HTTP requests to the gateway: no redirects, no retries, and a limit for everything.

use crate::{
    answer::{MAXIMUM_ANSWER, VerifyError},
    charset::Charset,
    config::{ConfigError, Endpoint, GatewayConfig},
    content::ENCRYPT_TYPE,
    error::GatewayErrorKind as Kind,
    v3::{self, Verb},
};
use reqwest::{
    Client, ClientBuilder, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap},
    redirect, retry,
};
use std::time::Duration;

/// How long an idle connection is kept. Servers commonly close connections after a minute, and a call that is sent at
/// that moment is lost.
const LONGEST_IDLE: Duration = Duration::from_secs(20);

/// The user agent of every request.
const OWN_NAME: &str = concat!("miniauth/", env!("CARGO_PKG_VERSION"));

/// The HTTP client for the gateway's URL.
pub(crate) struct Transport {
    client: Client,
    url: Url,
    charset: Charset,
}

/// Information from an answer's headers. They are not signed, so use them only to find causes.
#[derive(Debug, Default)]
pub(crate) struct AboutAnswer {
    pub(crate) trace_id: Option<String>,
    pub(crate) date: Option<String>,
}

impl Transport {
    /// Creates the client. An https URL may be reached through the environment's proxy (`HTTPS_PROXY`, `ALL_PROXY`,
    /// `NO_PROXY`); certificates are checked against the system's.
    pub(crate) fn new(config: &GatewayConfig) -> Result<Self, ConfigError> {
        let client = match config.endpoint.is_encrypted() {
            true => Client::builder(),
            // Loopback needs no proxy, and must work on a machine without CA certificates.
            false => Client::builder().no_proxy().tls_certs_only([]),
        };
        let client = client.connect_timeout(config.connect_timeout).pool_max_idle_per_host(config.calls_in_flight);
        Self::with(client, &config.endpoint, config.charset)
    }

    fn with(client: ClientBuilder, endpoint: &Endpoint, charset: Charset) -> Result<Self, ConfigError> {
        let client = client
            .user_agent(OWN_NAME)
            // A redirect could send code and token to any server.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(LONGEST_IDLE)
            .build()
            .map_err(|fault| ConfigError::HttpClient(fault.into()))?;
        let mut url = endpoint.url().clone();
        // The gateway decodes the body by the query's charset. Nothing else belongs in the URL, which proxies log.
        url.query_pairs_mut().append_pair("charset", charset.as_str());
        Ok(Self { client, url, charset })
    }

    /// Sends a request of OpenAPI v3 and reads the whole answer, whatever its status. Fills in `about` as soon as the
    /// headers arrive.
    pub(crate) async fn send_v3(
        &self,
        request: v3::Request,
        authorization: String,
        root_serial: Option<&str>,
        about: &mut AboutAnswer,
    ) -> Result<v3::Answer, Kind> {
        // Sends path and query exactly as signed.
        let url = self.url.join(&request.path_and_query).map_err(|fault| Kind::NotReached(fault.into()))?;
        let mut sent = match request.verb {
            Verb::Get => self.client.get(url),
            Verb::Post => self.client.post(url).header(CONTENT_TYPE, request.content_type()).body(request.body),
        };
        sent = sent.header(AUTHORIZATION, authorization).header(ACCEPT, "application/json");
        let optional = [
            (v3::ROOT_SERIAL_HEADER, root_serial),
            (v3::APP_AUTH_TOKEN_HEADER, request.app_auth_token.as_deref()),
            (v3::ENCRYPT_TYPE_HEADER, request.is_encrypted.then_some(ENCRYPT_TYPE)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                sent = sent.header(name, value);
            }
        }
        let answer = sent.send().await.map_err(no_answer)?;
        *about = AboutAnswer::read(answer.headers());
        let text = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(v3::Answer {
            status: answer.status().as_u16(),
            signature: text(v3::SIGNATURE_HEADER),
            timestamp: text(v3::TIMESTAMP_HEADER),
            nonce: text(v3::NONCE_HEADER),
            serial: text(v3::SERIAL_HEADER),
            body: read(answer).await?,
        })
    }

    /// Posts a form and reads the whole answer. Fills in `about` as soon as the headers arrive.
    pub(crate) async fn post(&self, form: String, about: &mut AboutAnswer) -> Result<Vec<u8>, Kind> {
        let content_type = match self.charset {
            Charset::Utf8 => "application/x-www-form-urlencoded;charset=utf-8",
            Charset::Gbk => "application/x-www-form-urlencoded;charset=GBK",
        };
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, content_type).body(form);
        let answer = request.send().await.map_err(no_answer)?;
        *about = AboutAnswer::read(answer.headers());
        if answer.status() != StatusCode::OK {
            return Err(Kind::Status(answer.status().as_u16()));
        }
        let declared = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if declared.and_then(Charset::declared).is_some_and(|declared| declared != Ok(self.charset)) {
            return Err(VerifyError::OtherCharset { asked: self.charset }.into());
        }
        read(answer).await
    }
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Kind> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(no_answer)? {
        if body.len() + piece.len() > MAXIMUM_ANSWER {
            return Err(VerifyError::TooLarge.into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Only a failure to connect proves that the call was not sent.
fn no_answer(fault: reqwest::Error) -> Kind {
    let is_connecting = fault.is_connect();
    let fault = fault.without_url().into();
    if is_connecting { Kind::NotReached(fault) } else { Kind::Interrupted(fault) }
}

impl AboutAnswer {
    fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // It is not signed, but is logged.
        let trace_id = text("trace_id").or_else(|| text("alipay-trace-id")).filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        Self { trace_id, date: text(DATE.as_str()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use reqwest::Proxy;
    use std::sync::Arc;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer},
    };

    #[test]
    fn a_trace_id_is_taken_from_either_header_if_it_is_plain() {
        let read = |name: &'static str, value: &str| {
            AboutAnswer::read(&HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])).trace_id
        };
        for name in ["trace_id", "alipay-trace-id"] {
            assert_eq!(read(name, "0ae5-1").as_deref(), Some("0ae5-1"));
            assert_eq!(read(name, &"a".repeat(64)).map(|id| id.len()), Some(64));
            for bad in ["", "a b", "a_b", "INFO all is well", &"a".repeat(65)] {
                assert_eq!(read(name, bad), None, "{bad}");
            }
        }
    }

    async fn called_through(proxy: Proxy) -> Kind {
        let endpoint = Endpoint::parse("https://gateway.shop.example/gateway.do").unwrap();
        let client = Client::builder().proxy(proxy);
        let transport = Transport::with(client, &endpoint, Charset::Utf8).unwrap();
        transport.post("code=secret".to_owned(), &mut AboutAnswer::default()).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_proxy_gets_the_host_and_nothing_else() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://user:word@{}", listener.local_addr().unwrap());
        let proxy = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut through = vec![0; 2];
            stream.read_exact(&mut through).await.unwrap();
            (String::from_utf8(request).unwrap(), through)
        });
        let failure = called_through(Proxy::https(address).unwrap()).await;
        assert!(matches!(failure, Kind::NotReached(_)), "there is no gateway behind this proxy: {failure:?}");
        let (request, through) = proxy.await.unwrap();
        assert!(request.starts_with("CONNECT gateway.shop.example:443 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("Basic dXNlcjp3b3Jk") && !request.contains("gateway.do"), "{request}");
        assert_eq!(through, [0x16, 0x03], "a TLS handshake record");
    }

    #[tokio::test]
    async fn a_socks_proxy_is_spoken_to_as_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("socks5h://{}", listener.local_addr().unwrap());
        let proxy = tokio::spawn(async move {
            let mut first = vec![0; 1];
            listener.accept().await.unwrap().0.read_exact(&mut first).await.unwrap();
            first
        });
        let failure = called_through(Proxy::https(address).unwrap()).await;
        assert!(matches!(failure, Kind::NotReached(_)), "{failure:?}");
        assert_eq!(proxy.await.unwrap(), [5]);
    }

    #[tokio::test]
    async fn a_trusted_certificate_is_accepted_only_under_its_own_name() {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into())
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = tls.accept(stream).await else { continue };
                stream.read_buf(&mut Vec::with_capacity(4096)).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            }
        });
        for (host, expected) in [("localhost", true), ("127.0.0.1", false)] {
            let endpoint = Endpoint::parse(&format!("https://{host}:{port}/gateway.do")).unwrap();
            let trusted = reqwest::Certificate::from_der(cert.der()).unwrap();
            let client = Client::builder().no_proxy().tls_certs_only([trusted]);
            let transport = Transport::with(client, &endpoint, Charset::Utf8).unwrap();
            let answer = transport.post("code=secret".to_owned(), &mut AboutAnswer::default()).await;
            match expected {
                true => assert_eq!(answer.unwrap(), b"{}"),
                false => assert!(matches!(answer, Err(Kind::NotReached(_))), "{answer:?}"),
            }
        }
    }
}
