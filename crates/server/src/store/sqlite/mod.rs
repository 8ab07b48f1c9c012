//! SQLite: one file, nothing to install.

mod dialect;
mod login;
mod open;
#[path = "../sql/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "one source for both databases")]
mod sql;

pub(super) use open::open;
