//! The open platform's gateway: keys, canonical strings, signatures, answers, and a client of the two calls that a
//! login makes.
//!
//! | module | holds |
//! |---|---|
//! | [`keys`] | RSA2 keys, parsed once, the wrong half told apart |
//! | [`protocol`] | parameters, the string to sign, timestamps, names: also for whoever stands in for the gateway |
//! | [`system`] | the system's clock and random source |
//!
//! An answer becomes a [`TokenGrant`] or a [`VerifiedMember`] only after the platform's signature over its exact bytes
//! was verified, and a member only when it is about the user of the grant. Neither type can be made in any other way.

mod config;
mod envelope;
mod error;
mod gateway;
mod grant;
pub mod keys;
mod member;
mod node;
pub mod protocol;
mod rejection;
mod subject;
pub mod system;
mod transport;

pub use config::{AppId, AppIdFault, ConfigFault, Endpoint, EndpointFault, GatewayConfig};
pub use envelope::{EnvelopeFault, ScanFault};
pub use error::{Distrust, GatewayError};
pub use gateway::Gateway;
pub use grant::TokenGrant;
pub use member::VerifiedMember;
pub use rejection::Rejection;
pub use subject::{Subject, SubjectFault};
