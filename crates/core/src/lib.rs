//! The rules of miniauth and its wire contract.
//!
//! Everything here is decided from arguments: no I/O, no JavaScript, no clock and no random source of its own. The
//! WebAssembly module in the page and the server behind it use the same types, so the two halves cannot disagree.
//!
//! | module | decides |
//! |---|---|
//! | [`tap`] | whether an event proves that the user tapped just now |
//! | [`consent`] | whether a consent panel may be shown |
//! | [`display`], [`guard`] | that display information does not leave the page |
//! | [`session`], [`retry`] | which session a request carries, how it outlives the app, and what a 401 or a failing network means |
//! | [`wire`], [`error_code`] | what client and server say to each other |
//! | [`platform`] | what the platform's answers and error numbers mean |
//!
//! Sizes matter here: all but the wire's parsing is a part of what every mini-program downloads.

pub mod consent;
pub mod display;
pub mod error_code;
pub mod guard;
#[cfg(feature = "openapi")]
mod openapi;
pub mod platform;
pub mod random;
pub mod retry;
pub mod scope;
pub mod server_url;
pub mod session;
pub mod tap;
pub mod text;
pub mod time;
pub mod wire;
