//! Messages of the platform, signed with the sandbox's key.

use super::{Answer, World};
use miniauth_core::time::Timestamp;
use miniauth_openplatform::{
    keys::PrivateKey,
    protocol::{Charset, Parameters},
};
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::json;
use std::fs;

pub(crate) struct PlatformMessage {
    parameters: Parameters<'static>,
    charset: Charset,
    /// The parameters that the signature leaves out.
    unsigned: Vec<&'static str>,
}

impl PlatformMessage {
    /// Creates the message that a user withdrew the consent to the sandbox's app.
    pub(crate) fn withdrawal(user_id: &str, at: Timestamp) -> Self {
        let app_id = miniauth_sandbox::APP_ID;
        let content = json!({ "app_id": app_id, "cancel_time": at.as_millis(), "user_id": user_id });
        Self::new("alipay.open.auth.userauth.cancelled", &content.to_string())
    }

    pub(crate) fn new(method: &'static str, content: &str) -> Self {
        let mut message = Self { parameters: Parameters::new(), charset: Charset::Utf8, unsigned: Vec::new() };
        for (name, value) in [
            ("app_id", miniauth_sandbox::APP_ID),
            ("msg_method", method),
            ("notify_id", "2026112600222170000000001"),
            ("sign_type", "RSA2"),
            ("utc_timestamp", "1795190400999"),
            ("version", "1.1"),
        ] {
            message.parameters.set(name, value);
        }
        message.parameters.set("biz_content", content.to_owned());
        message
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.set(name, value.to_owned());
        self
    }

    /// Sets the character set and its parameter.
    pub(crate) fn written_in(mut self, charset: Charset) -> Self {
        self.charset = charset;
        self
    }

    /// Leaves `sign_type` out of the signature, as some senders do.
    pub(crate) fn signed_without(mut self, name: &'static str) -> Self {
        self.unsigned.push(name);
        self
    }

    /// Returns the signed form.
    pub(crate) fn form(mut self, world: &World) -> String {
        let key = world.folder.path().join("sandbox/platform-private-key.pem");
        let key = PrivateKey::parse(&fs::read_to_string(key).unwrap()).unwrap();
        self.parameters.set("charset", self.charset.as_str());
        let mut signed = self.parameters.clone();
        for name in self.unsigned {
            signed.take(name);
        }
        let sign = key.sign(&signed.bytes_to_sign(self.charset).unwrap()).unwrap();
        self.parameters.set("sign", sign);
        self.parameters.to_form(self.charset).unwrap()
    }
}

impl World {
    pub(crate) async fn post_message(&self, path: &str, form: &str) -> Response {
        let post = self.client.post(self.url(path)).body(form.to_owned());
        post.header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8").send().await.unwrap()
    }

    /// Posts a message that must be accepted.
    pub(crate) async fn take_message(&self, message: PlatformMessage) {
        let answer = self.post_message("/platform-messages", &message.form(self)).await;
        let (status, kind) = (answer.status(), answer.headers()[CONTENT_TYPE].clone());
        let text = answer.text().await.unwrap();
        assert_eq!((status.as_u16(), text.as_str()), (200, "success"));
        assert_eq!(kind, "text/plain; charset=utf-8");
    }

    /// Posts a message that must be refused; returns the answer.
    pub(crate) async fn refuse_message(&self, path: &str, form: &str) -> Answer {
        Answer::read(self.post_message(path, form).await).await
    }
}
