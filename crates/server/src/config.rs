//! What the server needs to be told.

use crate::{crypto::ServerKey, store::DatabaseUrl};
use miniauth_core::{random::Random, time::Clock};
use miniauth_openplatform::Gateway;
use std::{sync::Arc, time::Duration};

/// How long a session lives when nothing else is said.
pub const DEFAULT_SESSION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The server's configuration. Reading files and environment variables is the program's business, not the library's.
pub struct Config {
    /// Where the data is kept.
    pub database: DatabaseUrl,
    /// The open platform, and as which app the server speaks to it.
    pub gateway: Gateway,
    /// Seals tokens and derives sessions.
    pub key: ServerKey,
    /// How long a session lives from its login; it is never prolonged. Whole seconds count.
    pub session_lifetime: Duration,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Fills salts and nonces.
    pub random: Arc<dyn Random>,
}
