//! One file per path.

pub(super) mod auth;
pub(super) mod consents;
pub(super) mod health;
pub(super) mod member;
pub(super) mod metrics;
pub(super) mod openapi;
pub(super) mod ready;
pub(super) mod session;
pub(super) mod sessions;
