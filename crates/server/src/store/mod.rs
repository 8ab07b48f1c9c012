//! What the server keeps, and where.
//!
//! Three traits in the domain's words: codes ([`codes`]), members with their grants and consents ([`members`]), and
//! [`sessions`]. What must happen all at once is one method. SQLite and PostgreSQL implement all three, each in its own
//! way; Redis implements sessions alone, beside one of the two.

mod address;
mod cached;
pub(crate) mod codes;
mod fault;
pub mod members;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod moment;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
pub(crate) mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod transfer;

pub use address::{DatabaseUrl, SessionsUrl, UnknownDatabaseUrl, UnknownSessionsUrl};
pub use fault::{OpenFault, StoreFault};

use self::{codes::CodeStore, members::MemberStore, sessions::SessionStore};
use std::sync::Arc;

/// Everything that a server keeps. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    pub(crate) codes: Arc<dyn CodeStore>,
    pub(crate) members: Arc<dyn MemberStore>,
    pub(crate) sessions: Arc<dyn SessionStore>,
}
