//! Why a login failed.

use crate::store::StoreError;
use miniauth_core::error_code::ErrorCode;
use miniauth_openplatform::GatewayError;

/// Why a post of an auth code gets no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// The code was posted before, by someone else or too long ago.
    #[error("the auth code was posted before")]
    CodeUsed,
    /// The code was posted before and nobody knows what came of it.
    #[error("the auth code was posted before and its exchange did not end: a crash, or no answer from the gateway")]
    OutcomeUnknown,
    /// The repeated post of a login that failed.
    #[error("this login failed before: {0}")]
    Before(ErrorCode),
    /// The exchange of the code failed.
    #[error("exchanging the auth code failed: {0}")]
    Exchange(GatewayError),
    /// Reading the member failed.
    #[error("reading the member failed: {0}")]
    UserInformation(GatewayError),
    /// There is no member to refresh.
    #[error("no member is stored, or it was erased meanwhile")]
    NoMember,
    /// The grant does not reach as far as the member.
    #[error("the grant is of the scope auth_base")]
    Silent,
    /// The platform would have to be asked with tokens that are over.
    #[error("{0}; the user has to consent again")]
    GrantOver(&'static str),
    /// Buying new tokens failed.
    #[error("refreshing the tokens failed: {0}")]
    Refresh(GatewayError),
    /// A store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl LoginError {
    /// The code that the client is told.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::CodeUsed => ErrorCode::CodeUsed,
            Self::OutcomeUnknown => ErrorCode::CodeOutcomeUnknown,
            Self::Before(code) => *code,
            Self::Exchange(fault) | Self::UserInformation(fault) => fault.code(),
            Self::NoMember => ErrorCode::MemberUnknown,
            Self::Silent => ErrorCode::ScopeInsufficient,
            Self::GrantOver(_) => ErrorCode::GrantExpired,
            // The refresh token stands where an auth code would: refused, it is over.
            Self::Refresh(fault) if fault.code() == ErrorCode::CodeInvalid => ErrorCode::GrantExpired,
            Self::Refresh(fault) => fault.code(),
            Self::Store(fault) if fault.is_transient() => ErrorCode::Overloaded,
            Self::Store(_) => ErrorCode::Internal,
        }
    }

    /// Whether the platform may have exchanged the code without the server learning of it.
    pub(super) fn leaves_outcome_unknown(&self) -> bool {
        match self {
            Self::Exchange(fault) => !fault.outcome_known(),
            Self::Store(_) => true,
            _ => false,
        }
    }
}
