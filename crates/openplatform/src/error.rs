//! What can go wrong with a call to the gateway.

use crate::{envelope::EnvelopeFault, rejection::Rejection};
use miniauth_core::error_code::ErrorCode;
use std::error::Error as StdError;
use thiserror::Error;

/// Why a call gave nothing. No variant holds a URL, a code or a token, so each can be logged with its sources.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The platform refused, and signed the refusal.
    #[error("the platform refused the call ({0}): look the sub_code up in the documentation of the called API")]
    Rejected(Rejection),
    /// No connection was made, so the platform never saw the call.
    #[error("the gateway cannot be reached: check its address, the network and, for https, the certificates")]
    NotReached(#[source] Box<dyn StdError + Send + Sync>),
    /// The call could not be signed in time, so it was never sent.
    #[error("the call was not sent: this machine is too busy to sign it within the time limit")]
    NotSigned,
    /// The connection ended, or the time was up, before the whole answer was there.
    #[error("the gateway did not answer in full: whether it carried out the call is not known")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer's HTTP status is not 200. Redirects are not followed.
    #[error("the gateway answered with HTTP status {0} in place of 200: check that its address is right")]
    Status(u16),
    /// The answer is not surely the platform's.
    #[error("the gateway's answer cannot be trusted: {0}")]
    Untrusted(#[from] Distrust),
    /// The answer is the platform's, but not what the documentation says.
    #[error("the platform signed an answer that cannot be used: {0}")]
    Unusable(&'static str),
    /// The member's information is about another user than the grant.
    #[error("the platform answered about another user than the one who consented: nothing of it may be kept")]
    IdentityMismatch,
}

/// Why an answer is not surely the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Distrust {
    /// It is not of the form that answers have.
    #[error("{0}")]
    Malformed(#[from] EnvelopeFault),
    /// It has no signature. What it claims is for finding the cause only.
    #[error("it is not signed (it claims: {})", .claim.as_ref().map_or("nothing".to_owned(), ToString::to_string))]
    Unsigned {
        /// The refusal that the answer claims to be, if it does.
        claim: Option<Rejection>,
    },
    /// Its signature is not the platform's.
    #[error("its signature is wrong: check that alipay_public_key is the platform's key for this app")]
    SignatureInvalid,
    /// It is larger than any real answer.
    #[error("it is larger than {} KiB", crate::transport::MAXIMUM_ANSWER / 1024)]
    TooLarge,
}

impl GatewayError {
    /// The code under which this is told to the client.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Rejected(rejection) => rejection.meaning(),
            Self::NotReached(_) | Self::NotSigned | Self::Interrupted(_) => ErrorCode::GatewayUnavailable,
            Self::Status(429 | 500..) => ErrorCode::GatewayUnavailable,
            // Some other server than the gateway answers there.
            Self::Status(_) => ErrorCode::ServerMisconfigured,
            Self::Untrusted(_) | Self::Unusable(_) => ErrorCode::GatewayUntrusted,
            Self::IdentityMismatch => ErrorCode::GatewayIdentityMismatch,
        }
    }

    /// The platform's `sub_code`, where it signed one.
    pub fn sub_code(&self) -> Option<&str> {
        match self {
            Self::Rejected(rejection) => rejection.sub_code(),
            _ => None,
        }
    }

    /// Whether it is known what became of the call: it was refused, answered or never sent.
    ///
    /// When this is `false` after an exchange, the auth code may have been spent: it must not be exchanged again, and
    /// the user needs a new one.
    pub fn outcome_known(&self) -> bool {
        match self {
            Self::Rejected(rejection) => rejection.outcome_known(),
            Self::NotReached(_) | Self::NotSigned | Self::Unusable(_) | Self::IdentityMismatch => true,
            Self::Interrupted(_) | Self::Status(_) | Self::Untrusted(_) => false,
        }
    }
}
