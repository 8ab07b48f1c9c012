//! The tests of `all.rs` with PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod backends;
mod clean_up;
mod erasure;
mod erasure_journal;
mod gateway_faults;
mod instances;
mod login;
mod member_refresh;
mod one_exchange;
mod phone;
mod platform_messages;
mod records;
mod sessions;
mod subjects;
mod support;
mod tokens;
mod withdrawal;
