//! The real client of the gateway against the real sandbox, over TCP.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

use miniauth_openplatform::Api;

/// The interface that these tests call; `login_v3` uses the other one.
pub(crate) const API: Api = Api::V2;

mod charsets;
mod consents;
mod control;
mod encryption;
mod faults;
mod messages;
mod modes;
mod more_faults;
mod profiles;
mod quiet;
mod raw;
mod refusals;
mod revocations;
mod running;
mod success;
mod wire;
