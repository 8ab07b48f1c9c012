//! What the other test programs show with SQLite, with PostgreSQL.

#![allow(clippy::duplicate_mod, reason = "each brings its own support along")]

#[path = "audit.rs"]
mod audit;
#[path = "backends.rs"]
mod backends;
#[path = "clean_up.rs"]
mod clean_up;
#[path = "erasure.rs"]
mod erasure;
#[path = "erasure_journal.rs"]
mod erasure_journal;
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
#[path = "phone.rs"]
mod phone;
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
