//! Signs and sends calls, and parses answers, without our own client.

use crate::running::RunningSandbox;
use miniauth_openplatform::{
    keys::{PrivateKey, PublicKey},
    protocol::{Charset, OAUTH_TOKEN, Parameters, USER_INFO_SHARE},
};
use miniauth_sandbox::{ALIPAY_PUBLIC_KEY_FILE, APP_ID, APP_PRIVATE_KEY_FILE};
use reqwest::StatusCode;
use serde_json::Value;

pub(crate) fn request<'a>(method: &'a str, business: &[(&'a str, &'a str)]) -> Parameters<'a> {
    let mut parameters = Parameters::new();
    let common = [
        ("app_id", APP_ID),
        ("method", method),
        ("format", "JSON"),
        ("charset", "UTF-8"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-21 00:00:00"),
        ("version", "1.0"),
    ];
    for &(name, value) in common.iter().chain(business) {
        parameters.set(name, value);
    }
    parameters
}

/// Posts the parameters, signed as they are; returns the answer's text.
pub(crate) async fn post_signed(sandbox: &RunningSandbox, mut parameters: Parameters<'_>) -> String {
    let key = PrivateKey::parse(&sandbox.read(APP_PRIVATE_KEY_FILE)).unwrap();
    parameters.set("sign", key.sign(parameters.canonical_string().as_bytes()).unwrap());
    let (status, body) = sandbox.post("", &parameters.to_form(Charset::Utf8).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    body
}

/// An answer, split at places that only a test may rely on.
pub(crate) struct RawAnswer<'a> {
    pub(crate) name: &'a str,
    pub(crate) node: &'a str,
    /// Whether it has a signature, which is then verified.
    pub(crate) signed: bool,
}

impl<'a> RawAnswer<'a> {
    pub(crate) fn read(sandbox: &RunningSandbox, body: &'a str) -> Self {
        let (name, rest) = body.strip_prefix("{\"").unwrap().split_once("\":").unwrap();
        let Some((node, sign)) = rest.rsplit_once(",\"sign\":\"") else {
            return Self { name, node: rest.strip_suffix('}').unwrap(), signed: false };
        };
        let key = PublicKey::parse(&sandbox.read(ALIPAY_PUBLIC_KEY_FILE)).unwrap();
        key.verify(node.as_bytes(), sign.strip_suffix("\"}").unwrap()).unwrap();
        Self { name, node, signed: true }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.node).unwrap()
    }
}

/// The two calls of a login, and the refresh, like an SDK makes them; each returns the contents of the answer's node.
impl RunningSandbox {
    pub(crate) async fn exchange(&self, user: &str) -> Value {
        let code = self.code(user, "auth_user").await;
        self.exchange_code(code.expose()).await
    }

    pub(crate) async fn exchange_code(&self, code: &str) -> Value {
        self.call(OAUTH_TOKEN, &[("grant_type", "authorization_code"), ("code", code)]).await
    }

    pub(crate) async fn refresh(&self, tokens: &Value) -> Value {
        let refresh_token = tokens["refresh_token"].as_str().unwrap();
        self.call(OAUTH_TOKEN, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    pub(crate) async fn share_with(&self, tokens: &Value) -> Value {
        self.call(USER_INFO_SHARE, &[("auth_token", tokens["access_token"].as_str().unwrap())]).await
    }

    /// Logs the user in; returns what the platform says about them.
    pub(crate) async fn share(&self, user: &str) -> Value {
        self.share_with(&self.exchange(user).await).await
    }

    async fn call(&self, method: &str, business: &[(&str, &str)]) -> Value {
        RawAnswer::read(self, &post_signed(self, request(method, business)).await).json()
    }
}
