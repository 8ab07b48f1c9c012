//! The sandbox over TCP, and its control interface.

use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_sandbox::{APP_ID, Sandbox, SandboxConfig};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::sync::OnceCell;

/// The key files of all sandboxes of a program: generating them for each test would take longer than most tests.
static KEYS: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();

pub(crate) struct SandboxControl {
    pub(crate) address: SocketAddr,
    client: Client,
}

impl SandboxControl {
    pub(crate) async fn start(state_dir: PathBuf) -> Self {
        fs::create_dir(&state_dir).unwrap();
        for (name, key) in KEYS.get_or_init(make_keys).await {
            fs::write(state_dir.join(name), key).unwrap();
        }
        let sandbox = start_in(state_dir).await;
        let address = sandbox.local_addr();
        tokio::spawn(sandbox.run(std::future::pending()));
        Self { address, client: Client::new() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let mut request = self.client.request(method, self.url(path));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Issues a code for a user who agrees to everything.
    pub(crate) async fn auth_code(&self, user: &str, scope: &str) -> String {
        self.auth_code_for(APP_ID, user, scope).await
    }

    /// Does the same in another app.
    pub(crate) async fn auth_code_for(&self, app_id: &str, user: &str, scope: &str) -> String {
        if scope == "auth_user" {
            let consent = json!({ "user": user, "scope": scope, "decision": "accept" });
            self.control(Method::POST, "/control/consent", consent).await;
        }
        self.code(json!({ "user": user, "scopes": [scope], "app_id": app_id })).await
    }

    /// Does the same for a login whose answers have `ids`.
    pub(crate) async fn auth_code_as(&self, ids: &str, user: &str, scope: &str) -> String {
        let consent = json!({ "user": user, "scope": "auth_user", "decision": "accept" });
        self.control(Method::POST, "/control/consent", consent).await;
        self.code(json!({ "user": user, "scopes": [scope], "ids": ids })).await
    }

    async fn code(&self, wanted: Value) -> String {
        let made = self.control(Method::POST, "/control/auth-codes", wanted).await;
        made["auth_code"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control(Method::PUT, "/control/fault", fault).await;
    }

    /// Sets how the gateway reads the platform's sources from now on, for example `ids:mixed`.
    pub(crate) async fn profile(&self, profile: &str) {
        self.control(Method::PUT, "/control/profiles", json!({ "profile": profile })).await;
    }

    /// Sets where the platform posts its messages to the app, as in the console.
    pub(crate) async fn message_address(&self, address: &str) {
        self.control(Method::PUT, "/control/message-address", json!({ "address": address })).await;
    }

    /// Withdraws a user's consent in the platform's settings, which posts a message.
    pub(crate) async fn take_back(&self, user: &str) {
        self.control(Method::DELETE, &format!("/control/consent?user={user}"), Value::Null).await;
    }

    pub(crate) async fn product_in_force(&self, in_force: bool) {
        self.control(Method::PUT, "/control/product", json!({ "in_force": in_force })).await;
    }

    /// Returns the answer of `my.getPhoneNumber` for a user who agrees: the text for the server.
    pub(crate) async fn phone_number(&self, user: &str, fault: Option<&str>) -> String {
        let consent = json!({ "user": user, "scope": "phoneNumber", "decision": "accept" });
        self.control(Method::POST, "/control/consent", consent).await;
        let fault = fault.map(|fault| format!("&fault={fault}")).unwrap_or_default();
        let path = format!("/control/phone-number?user={user}{fault}");
        let answer = self.control(Method::GET, &path, Value::Null).await;
        answer["response"].as_str().unwrap().to_owned()
    }

    /// Returns a built-in user, with ids, nickname and avatar.
    pub(crate) async fn user(&self, id: &str) -> Value {
        let users = self.control(Method::GET, "/control/users", Value::Null).await;
        users["users"].as_array().unwrap().iter().find(|user| user["id"] == id).unwrap().clone()
    }

    /// Returns the methods of all gateway calls so far.
    pub(crate) async fn calls(&self) -> Vec<String> {
        let calls = self.control(Method::GET, "/control/calls?after=0", Value::Null).await;
        let calls = calls["calls"].as_array().unwrap();
        calls.iter().map(|call| call["method"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn make_keys() -> Vec<(OsString, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    start_in(folder.path().to_owned()).await;
    let files = fs::read_dir(&folder).unwrap().map(Result::unwrap);
    files.map(|file| (file.file_name(), fs::read(file.path()).unwrap())).collect()
}

async fn start_in(state_dir: PathBuf) -> Sandbox {
    let mut config = SandboxConfig::new(([127, 0, 0, 1], 0).into(), state_dir);
    // Its answers have both ids of a user, so that a test can look for either.
    config.profiles = "ids:both".parse().unwrap();
    miniauth_sandbox::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await.unwrap()
}
