//! The server over TCP: on SQLite, or with the stores in the test program's name. One program, because linking takes
//! seconds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod apps;
mod audit;
mod backends;
mod bad_input;
mod busy_database;
mod clean_up;
mod clocks;
mod erasure;
mod erasure_journal;
mod first_release;
mod full_stores;
mod gateway_faults;
mod instances;
mod key_change;
mod login;
mod member_refresh;
mod one_exchange;
mod openapi;
mod operations;
mod phone;
mod platform_messages;
mod rate_limits;
mod records;
mod sessions;
mod shop_example;
mod store_addresses;
mod store_faults;
mod store_networks;
mod subjects;
mod support;
mod tokens;
mod traces;
mod transfer;
mod withdrawal;
