#![doc = include_str!("../README.md")]
//! # In your own axum app
//!
//! [`Server::run`] gives you the endpoints, to be nested under any path; that address is then the `server` of the mini-program's
//! client. A handler takes a [`Session`]. A request without a valid session is answered 401, and the client logs in and
//! sends the request again. With `Option<Session>`, requests without a session also reach the handler. `examples/shop.rs` is a complete
//! program.
//!
//! ```
//! use axum::{Router, extract::FromRef, routing::get};
//! use miniauth_openplatform::{
//!     AppId, Endpoint, Gateway, GatewayConfig,
//!     keys::PrivateKey,
//!     system::{SystemClock, SystemRandom},
//! };
//! use miniauth_server::{Config, DatabaseUrl, Server, ServerKey, Session, Sessions};
//! use std::{net::SocketAddr, sync::Arc};
//!
//! #[derive(Clone)]
//! struct Shop {
//!     sessions: Sessions,
//! }
//!
//! impl FromRef<Shop> for Sessions {
//!     fn from_ref(shop: &Shop) -> Self {
//!         shop.sessions.clone()
//!     }
//! }
//!
//! async fn greet(session: Option<Session>) -> String {
//!     let name = session.as_ref().and_then(Session::member).and_then(|member| member.nick_name.as_deref());
//!     format!("欢迎，{}", name.unwrap_or("客人"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let database = DatabaseUrl::parse(&format!("sqlite://{}/miniauth.db", folder.path().display()))?;
//! # let (own, platform) = (PrivateKey::generate()?, PrivateKey::generate()?.public_key().clone());
//! # let key = ServerKey::generate(&SystemRandom);
//! # let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let gateway = GatewayConfig::new(AppId::parse("2021000000000001")?, own, platform, Endpoint::parse(Endpoint::PRODUCTION)?);
//! let gateway = Gateway::new(gateway, Arc::new(SystemClock), Arc::new(SystemRandom))?;
//! let miniauth = Server::open(Config::new(database, gateway, key, Arc::new(SystemClock), Arc::new(SystemRandom))).await?;
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let shop = Shop { sessions: miniauth.sessions() };
//! let serving = miniauth.run(async |endpoints| {
//!     let app: Router = Router::new().route("/", get(greet)).with_state(shop).nest("/login", endpoints);
//!     // With the address of each client, which the rate limits need.
//!     let service = app.into_make_service_with_connect_info::<SocketAddr>();
//!     axum::serve(listener, service).with_graceful_shutdown(async { stopped.await.unwrap_or_default() }).await
//! });
//! # let asking = async {
//! assert_eq!(reqwest::get(format!("http://{address}/")).await?.text().await?, "欢迎，客人");
//! assert_eq!(reqwest::get(format!("http://{address}/login/session")).await?.status(), 401);
//! # drop(stop);
//! # Ok::<_, reqwest::Error>(())
//! # };
//! # let (served, asked) = tokio::join!(serving, asking);
//! # served?;
//! # asked?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is logged
//!
//! Nothing that identifies a user, at any level: no code, token, session, user id, nickname or phone number.
//!
//! # Requests, answers and errors
//!
//! [`miniauth_core::wire`] describes the requests and answers, and [`miniauth_core::error_code`] the errors. A running server has the OpenAPI
//! document at `/openapi.json`.
//!
//! # Traces
//!
//! There is a span for each request, and below it one for each store operation and each call of the open platform, with the target
//! [`TRACES`]. [`Traces`] sends them to an OpenTelemetry collector. Add its layer beside the one that writes the log:
//!
//! ```no_run
//! use miniauth_server::Traces;
//! use tracing_subscriber::{Layer as _, filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let traces = Traces::to(&"http://127.0.0.1:4318".parse()?, 100)?;
//! let log = tracing_subscriber::fmt::layer().with_filter(LevelFilter::INFO);
//! tracing_subscriber::registry().with(traces.layer()).with(log).init();
//! // … serve …
//! traces.end().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(all(feature = "postgres", feature = "redis", feature = "sqlite")),
    allow(dead_code, unused_imports, reason = "some code is only for the stores that were left out")
)]

mod api_error;
mod app;
mod backends;
mod bearer;
mod clean_up;
mod clocks;
mod config;
mod connections;
mod crypto;
mod failed_logins;
mod http;
mod observation;
mod peers;
mod phone;
mod rate;
mod reread;
mod server;
mod session;
mod shared;
pub mod store;
mod tls;
mod token_keys;
mod tokens;
mod traces;

pub use api_error::ApiError;
pub use config::{Config, Limits, SessionRules};
pub use crypto::{BackendSecret, ServerKey, ServerKeyError};
pub use http::{MessagesPath, MessagesPathError};
pub use phone::KeptPhoneNumber;
pub use rate::{ForwardingHeader, ForwardingHeaderError, TrustedProxies};
pub use server::Server;
pub use session::{Session, Sessions};
pub use store::{
    AfterWithdrawal, AfterWithdrawalError, DatabaseUrl, DatabaseUrlError, OpenError, SessionStoreUrl,
    SessionStoreUrlError, Withdrawn,
};
pub use tls::{Tls, TlsError};
pub use tokens::{Audience, AudienceName, AudienceNameError, TokenRules};
pub use traces::{Collector, CollectorError, TRACES, Traces, TracesError};

pub use miniauth_core::wire::SubjectId;
