//! HTTP to the gateway: one POST, no redirects, no retries, everything bounded.

use crate::{
    charset::Charset,
    config::{ConfigFault, Endpoint},
    error::{Distrust, Failure},
};
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use std::time::Duration;
use url::Url;

/// Largest answer that is read, in bytes. Genuine ones of these two APIs have under 4 KiB.
pub(crate) const MAXIMUM_ANSWER: usize = 256 * 1024;

/// The header with the platform's own name for a call.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");

/// The one address that is called, and the connections to it.
#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    url: Url,
    content_type: HeaderValue,
    charset: Charset,
}

/// What the headers of an answer say. Nobody signed them: they are for finding causes.
#[derive(Debug, Default)]
pub(crate) struct AboutAnswer {
    pub(crate) trace_id: Option<String>,
    pub(crate) date: Option<String>,
}

impl Transport {
    pub(crate) fn new(endpoint: &Endpoint, charset: Charset, connect_timeout: Duration) -> Result<Self, ConfigFault> {
        let builder = Client::builder()
            .user_agent(concat!("miniauth/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry code and token to wherever the answer says.
            .redirect(redirect::Policy::none())
            // A code is exchanged once: what to do after a failure is for the caller to decide.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(connect_timeout);
        let builder = if endpoint.is_encrypted() {
            builder.https_only(true)
        } else {
            // Loopback: no proxy lies between, and a machine without CA certificates must be able to try things out.
            builder.no_proxy().tls_certs_only([])
        };
        let client = builder.build().map_err(|fault| ConfigFault::HttpClient(fault.into()))?;
        let mut url = endpoint.url().clone();
        // The gateway decodes the body by what the query says. Nothing else needs to be where proxies log it.
        url.query_pairs_mut().append_pair("charset", charset.as_str());
        let content_type = HeaderValue::from_static(match charset {
            Charset::Utf8 => "application/x-www-form-urlencoded;charset=utf-8",
            Charset::Gbk => "application/x-www-form-urlencoded;charset=GBK",
        });
        Ok(Self { client, url, content_type, charset })
    }

    /// Posts a form and reads the whole answer, both within `time`.
    pub(crate) async fn post(&self, form: String, time: Duration, about: &mut AboutAnswer) -> Result<Vec<u8>, Failure> {
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, self.content_type.clone());
        let answer = request.timeout(time).body(form).send().await.map_err(failure)?;
        about.read(answer.headers());
        if answer.status() != StatusCode::OK {
            return Err(Failure::Status(answer.status().as_u16()));
        }
        let declared = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if declared.and_then(Charset::declared).is_some_and(|declared| declared != Ok(self.charset)) {
            return Err(Distrust::OtherCharset { asked: self.charset }.into());
        }
        read(answer).await
    }
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > MAXIMUM_ANSWER {
            return Err(Distrust::TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl AboutAnswer {
    fn read(&mut self, headers: &HeaderMap) {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // It goes into logs, and nobody vouches for it.
        self.trace_id = text(TRACE_ID).filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        self.date = text(DATE);
    }
}

/// Whether the platform can have seen the call decides what a caller may do next.
fn failure(error: reqwest::Error) -> Failure {
    let never_sent = error.is_connect();
    let source = error.without_url().into();
    if never_sent { Failure::NotReached(source) } else { Failure::Interrupted(source) }
}
