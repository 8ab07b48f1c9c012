#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | what it decides |
//! |---|---|
//! | [`tap`] | whether an event proves that the user tapped just now |
//! | [`consent`] | whether a consent panel may be shown, and what the user answered |
//! | [`display`], [`guard`] | whether a request contains nickname or avatar, which are for display only |
//! | [`session`], [`retry`] | which session a request carries, how a session survives a restart of the app, what to do after a 401 or a network failure |
//! | [`server_url`] | which URLs may receive the session |
//! | [`wire`], [`error_code`] | the requests, answers and errors between client and server |
//! | [`platform`] | what the platform's answers and error numbers mean |
//!
//! Code size matters: every mini-program downloads all of this, except the parsing of requests in [`wire`].

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
