//! The server half of miniauth: takes an auth code from a mini-program, exchanges it at the open platform once, and
//! answers with a session and the member as the platform itself described it.
//!
//! [`Server`] is the whole of it; [`router`] mounts it in an axum app of your own, whose handlers take a [`Session`]
//! (`examples/shop.rs`). The wire is described in
//! [`miniauth_core::wire`], the errors in [`miniauth_core::error_code`].
//!
//! Nothing that identifies a user is logged, at any level: no code, token, session, user id or nickname.

#![cfg_attr(
    not(all(feature = "postgres", feature = "redis", feature = "sqlite")),
    allow(dead_code, unused_imports, reason = "some of it serves only the stores that were left out")
)]

mod app;
mod config;
mod connections;
mod crypto;
mod http;
mod limits;
mod login;
mod metrics;
mod rate;
mod server;
mod session;
pub mod store;
mod tls;

pub use config::Config;
pub use crypto::{MalformedServerKey, ServerKey};
pub use http::Refusal;
pub use limits::Limits;
pub use rate::{ForwardingHeader, TrustedProxies, UnknownForwardingHeader};
pub use server::{Server, router};
pub use session::{Session, SessionRules, Sessions};
pub use store::{DatabaseUrl, OpenFault, SessionsUrl, UnknownDatabaseUrl, UnknownSessionsUrl};
pub use tls::{Tls, TlsFault};
