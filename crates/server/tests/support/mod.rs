//! A real server and a real sandbox on free ports of this machine, with their own folder and clock.

#![allow(dead_code, reason = "each test program uses its part of this")]

mod clock;
pub(crate) mod collector;
pub(crate) mod data;
pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod recorder;
mod sandbox;

pub(crate) use clock::ShiftableClock;
pub(crate) use data::Data;
pub(crate) use sandbox::SandboxControl;

use ipnet::IpNet;
use miniauth_openplatform::{
    AppId, ContentKey, Endpoint, Gateway, GatewayConfig, PhoneSignature,
    keys::{PrivateKey, PublicKey},
    system::{SystemClock, SystemRandom},
};
use miniauth_server::{
    AfterWithdrawal, Config, Limits, MessagesPath, OpenError, Server, ServerKey, SessionRules, TokenRules,
    TrustedProxies,
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// How long a session is valid in these tests, in seconds.
pub(crate) const SESSION_SECONDS: u64 = 3_600;

pub(crate) struct World {
    pub(crate) data: Data,
    pub(crate) folder: TempDir,
    pub(crate) sandbox: SandboxControl,
    pub(crate) clock: Arc<ShiftableClock>,
    pub(crate) client: Client,
    /// The gateway's timeout, for servers started later.
    pub(crate) call_timeout: Duration,
    /// The session rules, for servers started later.
    pub(crate) session_rules: SessionRules,
    /// The audiences of tokens, for servers started later.
    pub(crate) tokens: TokenRules,
    /// How long back-ends may cache introspections, for servers started later.
    pub(crate) introspection_max_age: Duration,
    pub(crate) limits: Limits,
    pub(crate) proxies: TrustedProxies,
    /// The networks whose trace context is accepted, for servers started later.
    pub(crate) trace_context_from: Vec<IpNet>,
    /// The path of the platform's messages, and what a withdrawal does, for servers started later.
    pub(crate) platform_messages: Option<MessagesPath>,
    pub(crate) after_withdrawal: AfterWithdrawal,
    /// The folder of the erasure journal, for servers started later.
    pub(crate) erasure_journal: Option<PathBuf>,
    /// The settings for phone numbers, for servers started later.
    pub(crate) phone_signature: PhoneSignature,
    pub(crate) has_content_key: bool,
    /// The ids of further apps, for servers started later.
    pub(crate) further_apps: Vec<&'static str>,
    old_keys: Vec<String>,
    key: String,
    endpoint: String,
    running: Option<Running>,
}

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = SandboxControl::start(folder.path().join("sandbox")).await;
        let endpoint = sandbox.url("/gateway.do");
        Self::start_with(folder, sandbox, endpoint).await
    }

    /// Starts a world with its own PostgreSQL, and optionally a Redis.
    pub(crate) async fn start_with_own_stores(redis: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = SandboxControl::start(folder.path().join("sandbox")).await;
        let endpoint = sandbox.url("/gateway.do");
        let data = Data::own(folder.path(), redis);
        Self::start_on(data, folder, sandbox, endpoint).await
    }

    /// Starts the same with proxies in front of the stores.
    pub(crate) async fn start_behind_proxies(redis: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = SandboxControl::start(folder.path().join("sandbox")).await;
        let endpoint = sandbox.url("/gateway.do");
        let data = Data::behind_proxies(folder.path(), redis);
        Self::start_on(data, folder, sandbox, endpoint).await
    }

    /// Starts a world whose server uses another gateway than the sandbox.
    pub(crate) async fn start_with(folder: TempDir, sandbox: SandboxControl, endpoint: String) -> Self {
        let data = Data::of_this_program(folder.path());
        Self::start_on(data, folder, sandbox, endpoint).await
    }

    async fn start_on(data: Data, folder: TempDir, sandbox: SandboxControl, endpoint: String) -> Self {
        let clock = Arc::new(ShiftableClock::default());
        let call_timeout = GatewayConfig::DEFAULT_CALL_TIMEOUT;
        let mut session_rules = SessionRules::default();
        session_rules.lifetime = Duration::from_secs(SESSION_SECONDS);
        let mut world = Self {
            data,
            folder,
            sandbox,
            clock,
            client: Client::new(),
            call_timeout,
            session_rules,
            tokens: TokenRules::default(),
            introspection_max_age: Duration::from_secs(10),
            limits: Limits::default(),
            proxies: TrustedProxies::default(),
            trace_context_from: Vec::new(),
            platform_messages: Some(MessagesPath::default()),
            after_withdrawal: AfterWithdrawal::default(),
            erasure_journal: None,
            phone_signature: PhoneSignature::default(),
            has_content_key: true,
            further_apps: Vec::new(),
            old_keys: Vec::new(),
            key: new_key(),
            endpoint,
            running: None,
        };
        world.start_server().await;
        world
    }

    pub(crate) async fn start_server(&mut self) {
        self.running = Some(self.start_instance().await);
    }

    /// Opens another server on the same stores, without serving.
    pub(crate) async fn open(&self) -> Result<Server, OpenError> {
        Server::open(self.config()).await
    }

    /// Starts another instance on the same stores.
    pub(crate) async fn start_instance(&self) -> Running {
        let server = Server::open(self.config()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(server.serve(listener, async move {
            let _ = stopped.await;
        }));
        Running { address, stop, ended }
    }

    pub(crate) async fn stop_server(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.send(()).unwrap();
        running.ended.await.unwrap();
    }

    pub(crate) fn config(&self) -> Config {
        let key = ServerKey::from_base64(&self.key).unwrap();
        let database = self.data.database_url();
        let gateway = self.gateway(miniauth_sandbox::APP_ID);
        let mut config = Config::new(database, gateway, key, self.clock.clone(), Arc::new(SystemRandom));
        config.session_store = self.data.session_store_url();
        config.session_rules = self.session_rules.clone();
        config.tokens = self.tokens.clone();
        config.introspection_max_age = self.introspection_max_age;
        config.limits = self.limits.clone();
        config.proxies = self.proxies.clone();
        config.trace_context_from = self.trace_context_from.clone();
        config.platform_messages = self.platform_messages.clone();
        config.after_withdrawal = self.after_withdrawal;
        config.erasure_journal = self.erasure_journal.clone();
        config.further_apps = self.further_apps.iter().map(|app_id| self.gateway(app_id)).collect();
        config.old_keys = self.old_keys();
        config
    }

    fn gateway(&self, app_id: &str) -> Gateway {
        let read = |name: &str| fs::read_to_string(self.folder.path().join("sandbox").join(name)).unwrap();
        let app_private_key = PrivateKey::parse(&read(miniauth_sandbox::APP_PRIVATE_KEY_FILE)).unwrap();
        let alipay_public_key = PublicKey::parse(&read(miniauth_sandbox::ALIPAY_PUBLIC_KEY_FILE)).unwrap();
        let endpoint = Endpoint::parse(&self.endpoint).unwrap();
        let app_id = AppId::parse(app_id).unwrap();
        let mut config = GatewayConfig::new(app_id, app_private_key, alipay_public_key, endpoint);
        config.call_timeout = self.call_timeout;
        config.phone_signature = self.phone_signature;
        if self.has_content_key {
            config.content_keys.push(ContentKey::parse(&read(miniauth_sandbox::CONTENT_KEY_FILE)).unwrap());
        }
        Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap()
    }

    fn old_keys(&self) -> Vec<ServerKey> {
        self.old_keys.iter().map(|key| ServerKey::from_base64(key).unwrap()).collect()
    }

    /// Gives the server a new key from the next start on, and keeps the present one as an old key.
    pub(crate) fn change_key(&mut self) {
        let old = std::mem::replace(&mut self.key, new_key());
        self.old_keys.push(old);
    }

    /// Removes the server's old keys from the next start on.
    pub(crate) fn forget_old_keys(&mut self) {
        self.old_keys.clear();
    }

    /// Returns everything stored, as bytes for searching.
    pub(crate) async fn stored_bytes(&self) -> Vec<u8> {
        self.data.stored_bytes().await
    }

    /// Counts rows of a table. The name must be the test's own.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        self.data.count(table).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub(crate) async fn post_auth(&self, body: &Value) -> Answer {
        Answer::of(self.client.post(self.url("/auth")).json(body)).await
    }

    pub(crate) async fn get(&self, path: &str, session: &str) -> Answer {
        Answer::of(self.client.get(self.url(path)).bearer_auth(session)).await
    }

    pub(crate) async fn log_out(&self, session: &str) -> Answer {
        Answer::of(self.client.delete(self.url("/auth")).bearer_auth(session)).await
    }

    /// Logs in successfully; returns the whole answer.
    pub(crate) async fn log_in(&self, user: &str, scope: &str) -> Value {
        let code = self.sandbox.auth_code(user, scope).await;
        let answer = self.post_auth(&json!({ "authcode": code, "scope": scope })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }
}

fn new_key() -> String {
    ServerKey::generate(&SystemRandom).to_base64().expose_secret().to_owned()
}

/// An answer with its JSON body; `null` if there is none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Self { status, headers, body }
    }

    /// Asserts that this is the complete problem document of `code`.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("urn:miniauth:problem:{code}"));
        assert!(self.body["title"].is_string() && self.body["reauthorize"].is_boolean(), "{}", self.body);
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn session(&self) -> &str {
        self.body["session"].as_str().unwrap_or_else(|| panic!("no session in {}", self.body))
    }
}
