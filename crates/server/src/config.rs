//! What the server needs to be told.

use crate::{
    crypto::ServerKey,
    limits::Limits,
    rate::TrustedProxies,
    session::SessionRules,
    store::{DatabaseUrl, SessionStoreUrl},
    tls::Tls,
};
use miniauth_core::{random::Random, time::Clock};
use miniauth_openplatform::Gateway;
use std::sync::Arc;

/// The server's configuration. Reading files and environment variables is the program's business, not the library's.
pub struct Config {
    /// Where the data is kept.
    pub database: DatabaseUrl,
    /// Where sessions are kept; `None` is in the database.
    pub session_store: Option<SessionStoreUrl>,
    /// The open platform, and as which app the server speaks to it.
    pub gateway: Gateway,
    /// Further apps of the same server, each with its gateway. With more than one app, each has its endpoints under
    /// `/apps/{app_id}/`; with one, it has them at the root too. What belongs to one app is not there for another.
    pub further_apps: Vec<Gateway>,
    /// Seals tokens and derives sessions.
    pub key: ServerKey,
    /// Keys that sealed tokens before: they still open them, and seal nothing new.
    pub old_keys: Vec<ServerKey>,
    /// How long sessions live, and how many of them a user has.
    pub sessions: SessionRules,
    /// How much the server takes on at once.
    pub limits: Limits,
    /// Whose word about the addresses of clients is taken.
    pub proxies: TrustedProxies,
    /// Encrypts the connections that [`Server::serve`](crate::Server::serve) takes. `None`: a proxy in front does that.
    pub tls: Option<Tls>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Fills salts and nonces.
    pub random: Arc<dyn Random>,
}

impl Config {
    /// A configuration with the defaults for everything that has one.
    pub fn new(
        database: DatabaseUrl,
        gateway: Gateway,
        key: ServerKey,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            database,
            session_store: None,
            gateway,
            further_apps: Vec::new(),
            key,
            old_keys: Vec::new(),
            sessions: SessionRules::default(),
            limits: Limits::default(),
            proxies: TrustedProxies::default(),
            tls: None,
            clock,
            random,
        }
    }
}
