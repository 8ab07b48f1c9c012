//! HTTP to the gateway: one POST, no redirects, no retries, everything bounded.

mod connect;
mod connection;
mod pool;

use crate::{
    charset::Charset,
    config::{ConfigFault, Endpoint},
    error::{Distrust, Failure},
    progress::{AboutAnswer, Progress, Stage},
};
use connect::Connector;
use connection::{Connection, NoAnswer, Post};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{ACCEPT, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use pool::Pool;
use std::time::Duration;
use url::Position;

/// Largest answer that is read, in bytes. Genuine ones of these two APIs have under 4 KiB.
pub(crate) const MAXIMUM_ANSWER: usize = 256 * 1024;

/// The header with the platform's own name for a call.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");

/// What every request says of itself.
const OWN_NAME: &str = concat!("miniauth/", env!("CARGO_PKG_VERSION"));

/// The one address that is called, and the connections to it.
pub(crate) struct Transport {
    connector: Connector,
    pool: Pool,
    target: Uri,
    headers: HeaderMap,
    charset: Charset,
}

impl Transport {
    pub(crate) fn new(endpoint: &Endpoint, charset: Charset, connect_timeout: Duration) -> Result<Self, ConfigFault> {
        let mut url = endpoint.url().clone();
        // The gateway decodes the body by what the query says. Nothing else needs to be where proxies log it.
        url.query_pairs_mut().append_pair("charset", charset.as_str());
        let connector = Connector::new(endpoint, connect_timeout).map_err(ConfigFault::HttpClient)?;
        let (target, host) = (&url[Position::BeforePath..], &url[Position::BeforeHost..Position::AfterPort]);
        let invalid = |fault: hyper::http::Error| ConfigFault::HttpClient(fault.into());
        let target = target.parse().map_err(|fault: hyper::http::uri::InvalidUri| invalid(fault.into()))?;
        let host = HeaderValue::from_str(host).map_err(|fault| invalid(fault.into()))?;
        let content_type = HeaderValue::from_static(match charset {
            Charset::Utf8 => "application/x-www-form-urlencoded;charset=utf-8",
            Charset::Gbk => "application/x-www-form-urlencoded;charset=GBK",
        });
        let headers = HeaderMap::from_iter([
            (HOST, host),
            (USER_AGENT, HeaderValue::from_static(OWN_NAME)),
            (ACCEPT, HeaderValue::from_static("*/*")),
            (CONTENT_TYPE, content_type),
        ]);
        Ok(Self { connector, pool: Pool::default(), target, headers, charset })
    }

    /// Posts a form and reads the whole answer. `progress` tells how far it came, also when this is given up.
    pub(crate) async fn post(&self, form: String, progress: &Progress) -> Result<Vec<u8>, Failure> {
        let mut request = Request::new(Full::from(form));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = self.headers.clone();

        let (mut connection, answer) = self.send(request, progress).await?;
        progress.answered(AboutAnswer::read(answer.headers()));
        // A redirect, too: following it would carry code and token to wherever it says.
        if answer.status() != StatusCode::OK {
            return Err(Failure::Status(answer.status().as_u16()));
        }
        let declared = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if declared.and_then(Charset::declared).is_some_and(|declared| declared != Ok(self.charset)) {
            return Err(Distrust::OtherCharset { asked: self.charset }.into());
        }
        let body = read(&mut connection, answer.into_body()).await?;
        if connection.rest() {
            self.pool.put(connection);
        }
        Ok(body)
    }

    /// Sends a request once, over a connection that was kept or a new one.
    async fn send(&self, mut request: Post, progress: &Progress) -> Result<(Connection, Response<Incoming>), Failure> {
        loop {
            progress.reach(Stage::Connecting)?;
            let kept = self.pool.take();
            let is_new = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                // Apart, for it is seldom, and three times as large as everything else about a call.
                None => Box::pin(self.connector.connect()).await.map_err(Failure::NotReached)?,
            };
            progress.reach(Stage::Sent)?;
            match connection.send(request).await {
                Ok(answer) => return Ok((connection, answer)),
                Err(NoAnswer::Interrupted(fault)) => return Err(Failure::Interrupted(fault.into())),
                Err(NoAnswer::NotSent(_)) if is_new => {
                    return Err(Failure::NotReached("the gateway closed the connection at once".into()));
                }
                // It was closed while it was kept.
                Err(NoAnswer::NotSent(again)) => request = *again,
            }
        }
    }
}

async fn read(connection: &mut Connection, mut answer: Incoming) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(piece) = connection.piece(&mut answer).await {
        let piece = piece.map_err(|fault| Failure::Interrupted(fault.into()))?;
        if body.len() + piece.len() > MAXIMUM_ANSWER {
            return Err(Distrust::TooLarge.into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

impl AboutAnswer {
    fn read(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // It goes into logs, and nobody vouches for it.
        let trace_id = text(TRACE_ID).filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        Self { trace_id, date: text(DATE) }
    }
}
