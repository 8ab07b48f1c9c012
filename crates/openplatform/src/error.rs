//! What can go wrong with a call to the gateway.

use crate::{
    advice::{Action, Reason, Setting},
    certificate::OutOfDate,
    charset::Charset,
    envelope::EnvelopeFault,
    rejection::Rejection,
};
use miniauth_core::error_code::ErrorCode;
use std::{error::Error as StdError, fmt};
use thiserror::Error;

/// Why a call gave nothing, and what its caller should do. It never holds a URL, a code or a token, so it can be logged
/// with its sources.
#[derive(Debug)]
pub struct GatewayError {
    failure: Failure,
    trace_id: Option<String>,
}

/// What went wrong with a call.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The platform refused, and signed the refusal.
    #[error("the platform refused the call ({}): {}", .0, .0.reason().en)]
    Rejected(Rejection),
    /// No connection was made, so the platform never saw the call.
    #[error("the gateway cannot be reached: check its address, the network and, for https, the certificates")]
    NotReached(#[source] Box<dyn StdError + Send + Sync>),
    /// The call could not be signed in time, so it was never sent.
    #[error("the call was not sent: this machine is too busy to sign it within the time limit")]
    NotSigned,
    /// Too many calls are under way, so this one was never sent.
    #[error("the call was not sent: as many calls as may be are waiting for the gateway, which is slow")]
    Busy,
    /// A parameter has a character that the configured charset lacks, so the call was never sent.
    #[error("the call was not sent: a parameter has a character that GBK lacks; configure the charset utf-8")]
    Unencodable,
    /// A certificate is over, or not valid yet, so the call was never sent.
    #[error("the call was not sent: {0}")]
    OutOfDate(#[from] OutOfDate),
    /// The connection ended, or the time was up, before the whole answer was there.
    #[error("the gateway did not answer in full: whether it carried out the call is not known")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer's HTTP status is not 200. Redirects are not followed.
    #[error("the gateway answered with HTTP status {0} in place of 200: check that its address is right")]
    Status(u16),
    /// The answer is not surely the platform's.
    #[error("the gateway's answer cannot be trusted: {0}")]
    Untrusted(#[from] Distrust),
    /// The answer is the platform's, and encrypted.
    #[error(
        "the answer is encrypted (AES), which is not supported: switch off content encryption (接口内容加密) for this app"
    )]
    Encrypted,
    /// The answer is the platform's, but not what the documentation says.
    #[error("the platform signed an answer that cannot be used: {0}")]
    Unusable(&'static str),
    /// The answer is about another user than the grant.
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
    /// Its header says that it is in another character set than the one that was asked for.
    #[error("it is not in {asked}, which was asked for: check the setting charset against the app's")]
    OtherCharset {
        /// What the request asked for.
        asked: Charset,
    },
    /// It has no signature. What it claims is for finding the cause only.
    #[error("it is not signed (it claims: {})", .claim.as_ref().map_or("nothing".to_owned(), ToString::to_string))]
    Unsigned {
        /// The refusal that the answer claims to be, if it does.
        claim: Option<Rejection>,
    },
    /// It was signed with another certificate of the platform's than the configured one.
    #[error(
        "it was signed with the certificate {answered}, and {configured} is configured: download the present \
         alipayCertPublicKey_RSA2.crt (支付宝公钥证书) from the app's page in the console and install it"
    )]
    OtherCertificate {
        /// `alipay_cert_sn` of the answer: the serial number of the certificate to install.
        answered: String,
        /// The serial number of the configured certificate.
        configured: String,
    },
    /// Its signature is not the platform's.
    #[error("its signature is wrong: check that alipay_public_key is the platform's key for this app")]
    SignatureInvalid,
    /// It is larger than any real answer.
    #[error("it is larger than {} KiB", crate::http::MAXIMUM_ANSWER / 1024)]
    TooLarge,
}

impl GatewayError {
    pub(crate) fn new(failure: impl Into<Failure>, trace_id: Option<String>) -> Self {
        Self { failure: failure.into(), trace_id }
    }

    /// What went wrong.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// What the caller should do.
    pub fn action(&self) -> Action {
        match &self.failure {
            Failure::Rejected(rejection) => rejection.action(),
            Failure::NotReached(_) | Failure::NotSigned | Failure::Busy | Failure::Interrupted(_) => Action::RetryLater,
            Failure::Status(429 | 500..) => Action::RetryLater,
            // Some other server than the gateway answers there.
            Failure::Status(_) => Action::FixConfiguration(Setting::Gateway),
            Failure::OutOfDate(certificate) => Action::FixConfiguration(certificate.file.setting()),
            Failure::Unencodable => Action::FixConfiguration(Setting::Charset),
            Failure::Untrusted(Distrust::OtherCharset { .. }) => Action::FixConfiguration(Setting::Charset),
            Failure::Untrusted(Distrust::OtherCertificate { .. }) => {
                Action::FixConfiguration(Setting::AlipayCertificate)
            }
            Failure::Untrusted(_) | Failure::IdentityMismatch => Action::DoNotTrust,
            Failure::Encrypted => Action::FixConfiguration(Setting::ContentEncryption),
            Failure::Unusable(_) => Action::ReportBug,
        }
    }

    /// Why, and what to do about it, for the people who run the server.
    pub fn reason(&self) -> Reason {
        match &self.failure {
            Failure::Rejected(rejection) => rejection.reason(),
            failure => Reason::of_failure(failure),
        }
    }

    /// The code under which this is told to the client.
    pub fn code(&self) -> ErrorCode {
        match &self.failure {
            Failure::Rejected(rejection) => rejection.meaning(),
            Failure::NotReached(_) | Failure::NotSigned | Failure::Busy | Failure::Interrupted(_) => {
                ErrorCode::GatewayUnavailable
            }
            Failure::Status(429 | 500..) => ErrorCode::GatewayUnavailable,
            Failure::Status(_) | Failure::Unencodable | Failure::OutOfDate(_) | Failure::Encrypted => {
                ErrorCode::ServerMisconfigured
            }
            Failure::Untrusted(_) | Failure::Unusable(_) => ErrorCode::GatewayUntrusted,
            Failure::IdentityMismatch => ErrorCode::GatewayIdentityMismatch,
        }
    }

    /// The platform's `sub_code`, where it signed one.
    pub fn sub_code(&self) -> Option<&str> {
        match &self.failure {
            Failure::Rejected(rejection) => rejection.sub_code(),
            _ => None,
        }
    }

    /// Whether the platform said, and signed, that the access token is over or no longer valid: a refresh may help, and
    /// when that fails too, the user has to authorise again.
    pub fn access_token_over(&self) -> bool {
        matches!(self.sub_code(), Some("aop.auth-token-time-out" | "aop.invalid-auth-token"))
    }

    /// What the platform's support asks for: its own name for the call, where an answer came.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Whether it is known what became of the call: it was refused, answered or never sent.
    ///
    /// When this is `false` after an exchange, the auth code may have been spent: it must not be exchanged again, and
    /// the user needs a new one.
    pub fn outcome_known(&self) -> bool {
        match &self.failure {
            Failure::Rejected(rejection) => rejection.outcome_known(),
            Failure::NotReached(_) | Failure::NotSigned | Failure::Busy | Failure::Unencodable => true,
            Failure::OutOfDate(_) => true,
            Failure::Encrypted | Failure::Unusable(_) | Failure::IdentityMismatch => true,
            Failure::Interrupted(_) | Failure::Status(_) | Failure::Untrusted(_) => false,
        }
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(formatter)?;
        match &self.trace_id {
            Some(trace_id) => write!(formatter, " (trace id {trace_id})"),
            None => Ok(()),
        }
    }
}

impl StdError for GatewayError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.failure.source()
    }
}
