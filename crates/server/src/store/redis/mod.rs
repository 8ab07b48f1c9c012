//! Redis: sessions alone, beside a database that has the rest.
//!
//! ```text
//! miniauth:session:<hash>   grant, created, expires: 24 bytes; gone a day after its end
//! miniauth:grant:<id>       sorted set of the grant's session hashes by creation; gone with the last of them
//! ```
//!
//! There is no personal data in it. Whose a session is stands in the database and is asked for at each check, so that who
//! is erased there is out at once, also from sessions that a crash of Redis brought back. What touches more than one key is
//! a script and so one step; scripts make keys from values, which one Redis (with replicas or not) takes and a cluster does
//! not. Commands of all requests go over one connection, one after another without waiting (pipelined).

mod connection;
mod record;
mod scripts;
mod store;

pub(super) use connection::{is_passing, open};
