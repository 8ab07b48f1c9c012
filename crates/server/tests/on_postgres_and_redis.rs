//! What the other test programs show with SQLite, with PostgreSQL with sessions in Redis.

#![allow(clippy::duplicate_mod, reason = "each brings its own support along")]

#[path = "audit.rs"]
mod audit;
#[path = "backends.rs"]
mod backends;
#[path = "erasure.rs"]
mod erasure;
#[path = "gateway_faults.rs"]
mod gateway_faults;
#[path = "instances.rs"]
mod instances;
#[path = "login.rs"]
mod login;
#[path = "member_refresh.rs"]
mod member_refresh;
#[path = "one_exchange.rs"]
mod one_exchange;
#[path = "platform_messages.rs"]
mod platform_messages;
#[path = "records.rs"]
mod records;
#[path = "sessions.rs"]
mod sessions;
#[path = "subjects.rs"]
mod subjects;
#[path = "tokens.rs"]
mod tokens;
#[path = "withdrawal.rs"]
mod withdrawal;
