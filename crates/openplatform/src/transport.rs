//! HTTP to the gateway: one POST, no redirects, no retries, everything bounded.

use crate::{
    config::{ConfigFault, Endpoint},
    error::{Distrust, GatewayError},
    protocol::CHARSET_UTF8,
};
use reqwest::{Client, StatusCode, header::CONTENT_TYPE, redirect};
use std::time::Duration;
use url::Url;

/// Largest answer that is read, in bytes. Genuine ones of these two APIs have under 4 KiB.
pub(crate) const MAXIMUM_ANSWER: usize = 256 * 1024;

/// The one address that is called, and the connections to it.
#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    url: Url,
}

impl Transport {
    pub(crate) fn new(endpoint: &Endpoint, connect_timeout: Duration) -> Result<Self, ConfigFault> {
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
        url.query_pairs_mut().append_pair("charset", CHARSET_UTF8);
        Ok(Self { client, url })
    }

    /// Posts a form and reads the whole answer, both within `time`.
    pub(crate) async fn post(&self, form: String, time: Duration) -> Result<Vec<u8>, GatewayError> {
        let mut answer = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .timeout(time)
            .body(form)
            .send()
            .await
            .map_err(failure)?;
        if answer.status() != StatusCode::OK {
            return Err(GatewayError::Status(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > MAXIMUM_ANSWER {
                return Err(Distrust::TooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Whether the platform can have seen the call decides what a caller may do next.
fn failure(error: reqwest::Error) -> GatewayError {
    let never_sent = error.is_connect();
    let source = error.without_url().into();
    if never_sent { GatewayError::NotReached(source) } else { GatewayError::Interrupted(source) }
}
