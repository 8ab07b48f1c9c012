//! A local open platform for development and tests: no account and no network needed.
//!
//! `POST /gateway.do` is the gateway. It verifies the app's signature and signs its answers with real keys. `/control/...` stands in for
//! the phone and the console: test users, consents, auth codes, the app's products and approved fields, faults on demand, and
//! profiles for what the platform's documents leave open. The ids in answers can also be chosen by user (`/control/ids`) and by login
//! (`/control/auth-codes`). The sandbox has the two methods of a login, the two about withdrawn consents, two apps and a third
//! without a key, both key modes and both character sets, and nothing else. It proves nothing about the real platform.
//!
//! When a user withdraws consent, the sandbox posts the platform's message to the app's address (`/control/message-address`), and repeats
//! it as the platform does until the answer is `success`.
//!
//! The state is in memory and bounded. Only the keys are stored, in a folder.

mod codes;
mod control;
mod faults;
mod gateway;
mod keys;
mod messages;
mod profiles;
mod revocations;
mod server;
mod users;
mod world;

pub use keys::{
    ALIPAY_CERTIFICATE_FILE, ALIPAY_PUBLIC_KEY_FILE, ALIPAY_ROOT_CERTIFICATES_FILE, APP_CERTIFICATE_FILE,
    APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE, CONTENT_KEY_FILE, KeyStoreError, PLATFORM_PRIVATE_KEY_FILE,
};
pub use messages::{MessageAddress, MessageAddressError};
pub use profiles::{ProfileError, Profiles};
pub use server::{Sandbox, SandboxConfig, StartError, start};
pub use world::SeededRandom;

/// The first app that this platform knows.
pub const APP_ID: &str = "2021000000000001";

/// A second app with the same keys and users, for servers of several apps.
pub const OTHER_APP_ID: &str = "2021000000000002";

/// An app without a key or certificate on the platform, which refuses all its calls.
pub const KEYLESS_APP_ID: &str = "2021000000000003";

/// The app's name, as a consent panel shows it.
pub const APP_NAME: &str = "示例小店";

/// Returns the app with that id, if this platform knows it.
fn known_app(app_id: &str) -> Option<&'static str> {
    APPS.into_iter().find(|known| *known == app_id)
}

/// The apps that can call.
const APPS: [&str; 2] = [APP_ID, OTHER_APP_ID];
