//! The three stores in SQL. This folder is compiled once for each database: `sqlite/mod.rs` and `postgres/mod.rs` each take
//! it in beside a `dialect`, which holds the types of their connections and what they say differently. Both read `$1`.

mod claims;
mod consents;
mod grants;
mod login;
mod members;
mod moment;
mod sessions;
mod transfer;

use super::dialect::{self, Pool};

/// A database: a pool that writes and a pool that reads, which may be the same.
#[derive(Debug, Clone)]
pub(in crate::store) struct Database {
    pub(in crate::store) writer: Pool,
    pub(in crate::store) reader: Pool,
}
