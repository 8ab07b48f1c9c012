//! New connections to the gateway: TCP, through a proxy where the environment names one, and TLS.

use super::connection::Connection;
use crate::config::Endpoint;
use hyper::Uri;
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::{error::Error as StdError, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, crypto::aws_lc_rs, pki_types::ServerName},
};
use tower::ServiceExt as _;

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// Makes connections to the one address that is called.
pub(super) struct Connector {
    target: Uri,
    tcp: HttpConnector,
    proxy: Option<Tunnel<HttpConnector>>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    time: Duration,
}

impl Connector {
    /// Gets ready to connect; TLS is set up once, and its sessions are resumed.
    pub(super) fn new(endpoint: &Endpoint, time: Duration) -> Result<Self, BoxError> {
        Self::through(&Matcher::from_env(), endpoint, time)
    }

    fn through(proxies: &Matcher, endpoint: &Endpoint, time: Duration) -> Result<Self, BoxError> {
        let target: Uri = endpoint.as_str().parse()?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        if !endpoint.is_encrypted() {
            // Loopback: no proxy lies between, and a machine without CA certificates must be able to try things out.
            return Ok(Self { target, tcp, proxy: None, tls: None, time });
        }
        let proxy = proxy(proxies, &target, &tcp)?;
        let name = target.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned())?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        Ok(Self { target, tcp, proxy, tls: Some((TlsConnector::from(Arc::new(config)), name)), time })
    }

    /// A new connection, over which nothing was sent yet.
    pub(super) async fn connect(&self) -> Result<Connection, BoxError> {
        timeout(self.time, self.connect_at_leisure()).await?
    }

    async fn connect_at_leisure(&self) -> Result<Connection, BoxError> {
        let target = self.target.clone();
        let stream: TokioIo<TcpStream> = match &self.proxy {
            Some(proxy) => proxy.clone().oneshot(target).await?,
            None => self.tcp.clone().oneshot(target).await?,
        };
        match &self.tls {
            Some((tls, name)) => {
                let stream = tls.connect(name.clone(), stream.into_inner()).await?;
                Connection::new(TokioIo::new(stream)).await
            }
            None => Connection::new(stream).await,
        }
    }
}

/// The proxy that `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` ask for. What passes through it is encrypted for the gateway.
fn proxy(proxies: &Matcher, target: &Uri, tcp: &HttpConnector) -> Result<Option<Tunnel<HttpConnector>>, BoxError> {
    let Some(proxy) = proxies.intercept(target) else { return Ok(None) };
    if proxy.uri().scheme_str() != Some("http") {
        return Err("the proxy that the environment names (HTTPS_PROXY, ALL_PROXY) must have an http:// address".into());
    }
    let tunnel = Tunnel::new(proxy.uri().clone(), tcp.clone());
    Ok(Some(match proxy.basic_auth() {
        Some(credentials) => tunnel.with_auth(credentials.clone()),
        None => tunnel,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    const TIME: Duration = Duration::from_secs(5);

    fn gateway() -> Endpoint {
        Endpoint::parse("https://gateway.shop.example/gateway.do").unwrap()
    }

    #[tokio::test]
    async fn a_proxy_is_told_the_host_and_nothing_else() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://user:word@{}", listener.local_addr().unwrap());
        let connector = Connector::through(&Matcher::builder().https(address).build(), &gateway(), TIME).unwrap();
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
        assert!(connector.connect().await.is_err(), "there is no gateway behind this proxy");
        let (request, through) = proxy.await.unwrap();
        assert!(request.starts_with("CONNECT gateway.shop.example:443 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("Basic dXNlcjp3b3Jk") && !request.contains("gateway.do"), "{request}");
        assert_eq!(through, [0x16, 0x03], "a TLS handshake record");
    }

    #[test]
    fn a_proxy_of_another_kind_is_told() {
        let socks = Matcher::builder().https("socks5://127.0.0.1:1080").build();
        assert!(Connector::through(&socks, &gateway(), TIME).err().unwrap().to_string().contains("HTTPS_PROXY"));
        let excepted = Matcher::builder().https("socks5://127.0.0.1:1080").no("shop.example").build();
        assert!(Connector::through(&excepted, &gateway(), TIME).unwrap().proxy.is_none());
        let loopback = Endpoint::parse("http://127.0.0.1:9/gateway.do").unwrap();
        let everything = Matcher::builder().all("http://127.0.0.1:1080").build();
        assert!(Connector::through(&everything, &loopback, TIME).unwrap().proxy.is_none());
    }
}
