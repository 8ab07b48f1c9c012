//! What the server keeps, in SQLite.
//!
//! One file per kind of record; each function takes the connection that it works on, so that a login is one transaction
//! over several of them.

pub(crate) mod claims;
pub(crate) mod consents;
mod database;
pub(crate) mod grants;
pub mod members;
mod moment;
pub(crate) mod sessions;

pub use database::{Database, DatabaseUrl, OpenFault, UnknownDatabaseUrl};
