//! The client over TCP, against peers that answer as no honest gateway would.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

mod answers;
mod call;
mod certificates;
mod charset;
mod configuration;
mod connections;
mod peer;
mod refresh;
mod requests;
mod retry;
mod signing;
mod tls;
mod transport;
