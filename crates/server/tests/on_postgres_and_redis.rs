//! The tests of `all.rs` with PostgreSQL, and sessions in Redis.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod backends;
mod erasure;
mod gateway_faults;
mod instances;
mod login;
mod member_refresh;
mod one_exchange;
mod platform_messages;
mod records;
mod sessions;
mod subjects;
mod support;
mod tokens;
mod withdrawal;
