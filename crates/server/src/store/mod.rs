//! What the server keeps, in SQLite.
//!
//! One file per kind of record; each function takes the connection that it works on, so that a login is one transaction
//! over several of them.

pub(crate) mod claims;
pub(crate) mod consents;
mod database;
pub(crate) mod erasure;
pub(crate) mod grants;
pub mod members;
mod moment;
pub(crate) mod sessions;

pub use database::{Database, DatabaseUrl, OpenFault, UnknownDatabaseUrl};

/// Whether the database failed only because others were using it, so that the same may work a moment later.
pub(crate) fn is_busy(fault: &sqlx::Error) -> bool {
    match fault {
        sqlx::Error::PoolTimedOut => true,
        // The low byte of SQLite's extended codes is the primary one; 5 is SQLITE_BUSY.
        sqlx::Error::Database(fault) => {
            fault.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 5)
        }
        _ => false,
    }
}
