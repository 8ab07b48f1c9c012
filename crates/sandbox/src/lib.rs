//! A local open platform for development and tests: no account and no network needed.
//!
//! `POST /gateway.do` is the gateway: it verifies the app's signature and signs its answers, for real. `/control/...`
//! is what stands in for the phone and for whoever wants to see a fault: test users, consents, auth codes, the product
//! "获取会员信息", and faults on demand. It knows the two calls that a login makes, one app, and no more; it proves
//! nothing about the real platform.
//!
//! The state is in memory and bounded. Only the keys are kept, in a folder of their own.

mod bounded;
mod calls;
mod codes;
mod connection;
mod control;
mod faults;
mod gateway;
mod keys;
mod random_text;
mod server;
mod shared;
mod users;
mod world;

pub use keys::{
    ALIPAY_PUBLIC_KEY_FILE, APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE, KeyStoreFault, PLATFORM_PRIVATE_KEY_FILE,
};
pub use server::{Sandbox, SandboxConfig, StartFault, start};

/// The one app that this platform knows.
pub const APP_ID: &str = "2021000000000001";

/// The app's name, as a consent panel shows it.
pub const APP_NAME: &str = "示例小店";
