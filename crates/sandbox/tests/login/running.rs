//! A separate sandbox for each test, and a client of its gateway.

use crate::API;
use miniauth_core::{
    time::{Clock, Timestamp},
    wire::AuthCode,
};
use miniauth_openplatform::{
    AppId, Endpoint, Gateway, GatewayConfig,
    keys::{PrivateKey, PublicKey},
    system::{SystemClock, SystemRandom},
};
use miniauth_sandbox::{
    ALIPAY_PUBLIC_KEY_FILE, APP_ID, APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE, PLATFORM_PRIVATE_KEY_FILE, SandboxConfig,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

/// The keys, generated once for all tests because that is slow.
static KEYS: LazyLock<[(&str, String); 4]> = LazyLock::new(|| {
    let [app, platform] = [(); 2].map(|()| PrivateKey::generate().unwrap());
    [
        (APP_PRIVATE_KEY_FILE, app.to_pkcs8_pem().unwrap().to_string()),
        (APP_PUBLIC_KEY_FILE, app.public_key().to_spki_pem().unwrap()),
        (PLATFORM_PRIVATE_KEY_FILE, platform.to_pkcs8_pem().unwrap().to_string()),
        (ALIPAY_PUBLIC_KEY_FILE, platform.public_key().to_spki_pem().unwrap()),
    ]
});

/// The system's clock, plus a number of milliseconds.
#[derive(Default)]
pub(crate) struct ShiftedClock(AtomicU64);

impl ShiftedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A running sandbox.
pub(crate) struct RunningSandbox {
    pub(crate) address: String,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) folder: TempDir,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl RunningSandbox {
    pub(crate) async fn start() -> Self {
        Self::start_as("").await
    }

    /// Starts it with these profiles, `name:value,name:value`.
    pub(crate) async fn start_as(profiles: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, pem) in KEYS.iter() {
            fs::write(folder.path().join(name), pem).unwrap();
        }
        let clock = Arc::new(ShiftedClock::default());
        let (listen, profiles) = ("127.0.0.1:0".parse().unwrap(), profiles.parse().unwrap());
        let mut config = SandboxConfig::new(listen, folder.path());
        config.profiles = profiles;
        let sandbox = miniauth_sandbox::start(config, clock.clone(), Arc::new(SystemRandom)).await.unwrap();
        let address = format!("http://{}", sandbox.local_addr());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(sandbox.run(async { drop(stopped.await) }));
        Self { address, clock, folder, http: reqwest::Client::builder().no_proxy().build().unwrap(), stop, running }
    }

    /// Stops the sandbox as a signal would.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
    }

    pub(crate) fn config(&self) -> GatewayConfig {
        let app_private_key = PrivateKey::parse(&self.read(APP_PRIVATE_KEY_FILE)).unwrap();
        let alipay_public_key = PublicKey::parse(&self.read(ALIPAY_PUBLIC_KEY_FILE)).unwrap();
        let endpoint = Endpoint::parse(&format!("{}/gateway.do", self.address)).unwrap();
        let app_id = AppId::parse(APP_ID).unwrap();
        changed(GatewayConfig::new(app_id, app_private_key, alipay_public_key, endpoint), |config| {
            config.api = API;
            config.connect_timeout = Duration::from_secs(2);
            config.call_timeout = Duration::from_secs(5);
        })
    }

    pub(crate) fn gateway(&self) -> Gateway {
        Gateway::new(self.config(), self.clock.clone(), Arc::new(SystemRandom)).unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        read(self.folder.path(), name)
    }

    /// Posts a form to the gateway; returns the status and body of the answer.
    pub(crate) async fn post(&self, query: &str, form: &str) -> (StatusCode, String) {
        let request = self.http.post(format!("{}/gateway.do?{query}", self.address)).body(form.to_owned());
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Calls the control interface.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}/control/{path}", self.address));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.control(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub(crate) async fn put(&self, path: &str, body: Value) {
        let (status, body) = self.control(Method::PUT, path, Some(body)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
    }

    /// Sets the user's answer to a panel.
    pub(crate) async fn decide(&self, user: &str, scope: &str, decision: &str) -> Value {
        let decided = json!({ "user": user, "scope": scope, "decision": decision });
        let (status, body) = self.control(Method::POST, "consent", Some(decided)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// A code for the user, who gives the consent if needed.
    pub(crate) async fn code(&self, user: &str, scope: &str) -> AuthCode {
        self.code_for(APP_ID, user, scope).await
    }

    pub(crate) async fn code_for(&self, app_id: &str, user: &str, scope: &str) -> AuthCode {
        if scope == "auth_user" {
            assert_eq!(self.decide(user, scope, "accept").await, json!({ "granted": true }));
        }
        let wanted = json!({ "user": user, "scopes": [scope], "app_id": app_id });
        let (status, issued) = self.control(Method::POST, "auth-codes", Some(wanted)).await;
        assert_eq!(status, StatusCode::CREATED, "{issued}");
        AuthCode::parse(issued["auth_code"].as_str().unwrap()).unwrap()
    }

    /// The method, outcome, user and fault of every call to the gateway so far.
    pub(crate) async fn calls(&self) -> Vec<[Value; 4]> {
        let mut body = self.get("calls").await;
        let calls = body["calls"].as_array_mut().unwrap().iter_mut();
        calls.map(|call| ["method", "outcome", "user", "fault"].map(|field| call[field].take())).collect()
    }
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// A user who gave a consent and withdrew it.
pub(crate) async fn withdrawn(sandbox: &RunningSandbox, user: &str) {
    sandbox.gateway().exchange_code(&sandbox.code(user, "auth_user").await).await.unwrap();
    sandbox.control(Method::DELETE, &format!("consent?user={user}"), None).await;
}

pub(crate) fn gateway(config: GatewayConfig) -> Gateway {
    Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap()
}

/// A configuration with one change.
pub(crate) fn changed(mut config: GatewayConfig, change: impl FnOnce(&mut GatewayConfig)) -> GatewayConfig {
    change(&mut config);
    config
}
