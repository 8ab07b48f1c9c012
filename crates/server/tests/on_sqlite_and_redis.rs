//! The tests of `all.rs` with SQLite, and sessions in Redis.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backends;
mod erasure;
mod gateway_faults;
mod instances;
mod login;
mod member_refresh;
mod one_exchange;
mod platform_messages;
mod sessions;
mod subjects;
mod support;
mod tokens;
mod withdrawal;
