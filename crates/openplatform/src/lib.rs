//! The open platform's gateway: keys, certificates, canonical strings, signatures, answers, and a client of the two calls
//! that a login makes.
//!
//! | module | holds |
//! |---|---|
//! | [`keys`] | RSA2 keys, parsed once, the wrong half told apart |
//! | [`protocol`] | parameters, the string to sign, timestamps, names: also for whoever stands in for the gateway |
//! | [`verify`] | an answer's signature, over the exact bytes, for those who have the answer only |
//! | [`system`] | the system's clock and random source |
//!
//! An answer becomes a [`TokenGrant`] or a [`VerifiedMember`] only after the platform's signature over its exact bytes
//! was verified, and a member only when it is about the user of the grant. Neither type can be made in any other way.

mod advice;
mod answer;
mod call;
mod certificate;
mod charset;
mod config;
mod diagnosis;
mod envelope;
mod error;
mod gateway;
mod grant;
mod http;
pub mod keys;
mod member;
mod node;
mod probe;
pub mod protocol;
mod refusals;
mod rejection;
mod sign_type;
mod subject;
pub mod system;
mod trust;

pub use advice::{Action, Reason, Setting};
pub use answer::{VerifiedNode, verify};
pub use certificate::{Certificate, CertificateFault, CertificateFile, Certificates, OutOfDate};
pub use config::{AppId, AppIdFault, ConfigFault, Endpoint, EndpointFault, GatewayConfig};
pub use diagnosis::{MismatchCause, mismatch_causes};
pub use envelope::{EnvelopeFault, NodeKind, ScanFault};
pub use error::{Distrust, Failure, GatewayError};
pub use gateway::Gateway;
pub use grant::TokenGrant;
pub use member::VerifiedMember;
pub use node::OtherFields;
pub use probe::Probe;
pub use rejection::Rejection;
pub use subject::{Subject, SubjectFault};
pub use trust::Trust;
