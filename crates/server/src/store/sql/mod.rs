//! The three stores in SQL. This folder is compiled once for each database: `sqlite/mod.rs` and `postgres/mod.rs` each take
//! it in beside a `dialect`, which holds the types of their connections and what they say differently, and a `login`, whose end
//! each writes down in its own way. Both read `$1`.

pub(super) mod claims;
mod consents;
pub(super) mod grants;
pub(super) mod members;
pub(super) mod moment;
mod sessions;
mod transfer;

use super::{
    dialect::{self, Pool},
    login::finish_login,
};

/// A database: a pool that writes and a pool that reads, which may be the same.
#[derive(Debug, Clone)]
pub(in crate::store) struct Database {
    pub(in crate::store) writer: Pool,
    pub(in crate::store) reader: Pool,
}
