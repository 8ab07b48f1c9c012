//! The logs contain no secret, even at the most verbose level.

use crate::running::RunningSandbox;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

/// Everything that the program logs, through `tracing` and `log`.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<Vec<u8>>>);

impl Everything {
    fn append(&self, text: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Everything {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.append(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Everything {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.append(format!("{} {}\n", record.target(), record.args()).as_bytes());
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_log_line_contains_a_secret() {
    let everything = Everything::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(everything.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_logger(Box::leak(Box::new(everything.clone()))).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let sandbox = RunningSandbox::start().await;
    let client = sandbox.gateway();
    let mut secrets = vec!["张伟".to_owned(), "open-zhang-wei".to_owned(), "gateway.do".to_owned()];
    let code = sandbox.code("zhang-wei", "auth_user").await;
    let grant = client.exchange_code(&code).await.unwrap();
    secrets.push(grant.ids().user_id().unwrap().to_owned());
    let renewed = client.refresh(grant.ids(), grant.refresh_token().unwrap()).await.unwrap();
    client.user_info(&renewed).await.unwrap();
    for tokens in [&grant, &renewed] {
        secrets.push(tokens.access_token().expose_secret().to_owned());
        secrets.push(tokens.refresh_token().unwrap().expose_secret().to_owned());
    }
    secrets.push(code.expose().to_owned());
    // Refusals, one of which quotes the string to sign, and untrustworthy answers.
    for fault in [
        json!({ "kind": "refusal", "sub_code": "isv.invalid-signature" }),
        json!({ "kind": "refusal", "sub_code": "isp.unknow-error" }),
        json!({ "kind": "wrong_signature" }),
        json!({ "kind": "unsigned" }),
        json!({ "kind": "unavailable" }),
        json!({ "kind": "identity_mismatch" }),
        json!({ "kind": "none" }),
    ] {
        sandbox.put("fault", fault).await;
        let code = sandbox.code("zhang-wei", "auth_user").await;
        let outcomes = [
            client.exchange_code(&code).await.map(drop),
            client.exchange_code(&code).await.map(drop),
            client.user_info(&renewed).await.map(drop),
        ];
        for error in outcomes.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, debug = ?error, code = %error.code(), "as a caller would log it");
        }
        secrets.push(code.expose().to_owned());
    }
    let logged = everything.text();
    assert!(logged.contains("the gateway answered") && logged.contains("isv.code-invalid"), "{logged}");
    for secret in secrets {
        // The test's own control calls log the sandbox's address, so only lines about the gateway count for it.
        assert!(!logged.contains(&secret), "{secret} in {:?}", logged.lines().find(|line| line.contains(&secret)));
    }
}
