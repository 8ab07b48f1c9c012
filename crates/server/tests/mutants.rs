//! For cargo-mutants alone (CONTRIBUTING): what the test programs show with SQLite, in one program, which is linked once for each
//! mutant. Moving to PostgreSQL (`transfer.rs`) is left out: it takes longer than all the others.

#![allow(clippy::duplicate_mod, reason = "each brings its own support along")]

#[path = "apps.rs"]
mod apps;
#[path = "audit.rs"]
mod audit;
#[path = "backends.rs"]
mod backends;
#[path = "bad_input.rs"]
mod bad_input;
#[path = "clean_up.rs"]
mod clean_up;
#[path = "clocks.rs"]
mod clocks;
#[path = "erasure.rs"]
mod erasure;
#[path = "erasure_journal.rs"]
mod erasure_journal;
#[path = "gateway_faults.rs"]
mod gateway_faults;
#[path = "instances.rs"]
mod instances;
#[path = "key_change.rs"]
mod key_change;
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
