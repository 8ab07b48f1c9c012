//! The tests of `login` with OpenAPI v3, and what only v3 has.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

use miniauth_openplatform::Api;

pub(crate) const API: Api = Api::V3;

#[path = "../login/encryption.rs"]
mod encryption;
#[path = "../login/faults.rs"]
mod faults;
#[path = "../login/modes.rs"]
mod modes;
#[path = "../login/more_faults.rs"]
mod more_faults;
#[path = "../login/refusals.rs"]
mod refusals;
#[path = "../login/revocations.rs"]
mod revocations;
#[path = "../login/running.rs"]
mod running;
mod signed_time;
#[path = "../login/success.rs"]
mod success;
mod wire;
