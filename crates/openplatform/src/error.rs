//! What can go wrong with a call to the gateway.

use crate::{
    advice::{Action, Explanation, Setting},
    answer::{NodeError, VerifyError},
    certificate::ValidityError,
    content::{DecryptError, EncryptError},
    refusal::Refusal,
};
use miniauth_core::error_code::ErrorCode;
use std::{error::Error as StdError, fmt};
use thiserror::Error;

use GatewayErrorKind as Kind;

/// Why a call failed, and what its caller should do. It never contains a URL, a code or a token, so it can be logged
/// with its sources.
#[derive(Debug)]
pub struct GatewayError {
    kind: GatewayErrorKind,
    trace_id: Option<String>,
}

/// What went wrong with a call.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayErrorKind {
    /// The platform refused, and signed the refusal.
    #[error("the platform refused the call ({}): {}", .0, .0.explanation().en)]
    Refused(Refusal),
    /// No connection was made, so the platform never saw the call.
    #[error("the gateway cannot be reached: check its address, the network and, for https, the certificates")]
    NotReached(#[source] Box<dyn StdError + Send + Sync>),
    /// The call could not be signed in time, so it was never sent.
    #[error("the call was not sent: this machine is too busy to sign it within the time limit")]
    NotSigned,
    /// Too many calls are in flight, so this one was never sent.
    #[error("the call was not sent: too many calls are already waiting for the gateway, which is slow")]
    Busy,
    /// A parameter has a character that the configured charset lacks, so the call was never sent.
    #[error("the call was not sent: a parameter has a character that GBK lacks; configure the charset utf-8")]
    Unencodable,
    /// The call sets a common parameter, which only the client may set, so it was never sent.
    #[error("the call was not sent: the client sets the parameter {0} itself")]
    ReservedParameter(&'static str),
    /// A certificate has expired, or is not valid yet, so the call was never sent.
    #[error("the call was not sent: {0}")]
    CertificateNotValid(#[from] ValidityError),
    /// The connection ended, or the time limit was reached, before the whole answer had arrived.
    #[error("the gateway did not answer in full: whether it carried out the call is not known")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer's HTTP status is not 200. Redirects are not followed.
    #[error("the gateway answered with HTTP status {0} instead of 200: check that its address is right")]
    Status(u16),
    /// The answer may not come from the platform.
    #[error("{}", untrusted_answer(.0))]
    Untrusted(#[from] VerifyError),
    /// The call's content could not be encrypted, so it was never sent.
    #[error("the call was not sent: {0}")]
    NotEncrypted(#[from] EncryptError),
    /// The answer comes from the platform, but cannot be decrypted.
    #[error("{0}: configure the key that the console shows (接口内容加密方式)")]
    NotDecrypted(#[from] DecryptError),
    /// The answer comes from the platform, but is not as documented.
    #[error("the platform signed an unusable answer: {0}")]
    Unusable(&'static str),
    /// The answer is about another user than the grant.
    #[error("the platform's answer is about another user than the one who consented: do not store any of it")]
    IdentityMismatch,
}

impl From<NodeError> for GatewayErrorKind {
    fn from(error: NodeError) -> Self {
        Self::Unusable(error.0)
    }
}

impl GatewayError {
    pub(crate) fn new(kind: GatewayErrorKind, trace_id: Option<String>) -> Self {
        Self { kind, trace_id }
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &GatewayErrorKind {
        &self.kind
    }

    /// Returns what the caller should do.
    pub fn action(&self) -> Action {
        match &self.kind {
            Kind::Refused(refusal) => refusal.action(),
            Kind::NotReached(_) | Kind::NotSigned | Kind::Busy | Kind::Interrupted(_) => Action::RetryLater,
            Kind::Status(429 | 500..) => Action::RetryLater,
            // Another server than the gateway answered.
            Kind::Status(_) => Action::FixConfiguration(Setting::Gateway),
            Kind::CertificateNotValid(certificate) => Action::FixConfiguration(certificate.file.setting()),
            Kind::Unencodable => Action::FixConfiguration(Setting::Charset),
            Kind::Untrusted(VerifyError::OtherCharset { .. }) => Action::FixConfiguration(Setting::Charset),
            Kind::Untrusted(VerifyError::OtherCertificate { .. }) => {
                Action::FixConfiguration(Setting::AlipayCertificate)
            }
            // It is not signed, but checking a setting does no harm.
            Kind::Untrusted(VerifyError::Unsigned { claim: Some(claim) }) => match claim.action() {
                fix @ Action::FixConfiguration(_) => fix,
                _ => Action::DoNotTrust,
            },
            Kind::Untrusted(_) | Kind::IdentityMismatch => Action::DoNotTrust,
            Kind::NotDecrypted(_) | Kind::NotEncrypted(EncryptError::NoKey) => {
                Action::FixConfiguration(Setting::ContentKey)
            }
            Kind::NotEncrypted(EncryptError::Unencodable(_)) => Action::FixConfiguration(Setting::Charset),
            Kind::NotEncrypted(_) | Kind::ReservedParameter(_) | Kind::Unusable(_) => Action::ReportBug,
        }
    }

    /// Returns the reason and what to do about it, for the server's operators.
    pub fn explanation(&self) -> Explanation {
        self.kind.explanation()
    }

    /// Returns the code of the problem document.
    pub fn code(&self) -> ErrorCode {
        match &self.kind {
            Kind::Refused(refusal) => refusal.meaning(),
            Kind::NotReached(_) | Kind::NotSigned | Kind::Busy | Kind::Interrupted(_) => ErrorCode::GatewayUnavailable,
            Kind::Status(429 | 500..) => ErrorCode::GatewayUnavailable,
            Kind::Status(_)
            | Kind::Unencodable
            | Kind::ReservedParameter(_)
            | Kind::CertificateNotValid(_)
            | Kind::NotEncrypted(_)
            | Kind::NotDecrypted(_) => ErrorCode::ServerMisconfigured,
            Kind::Untrusted(_) | Kind::Unusable(_) => ErrorCode::GatewayUntrusted,
            Kind::IdentityMismatch => ErrorCode::GatewayIdentityMismatch,
        }
    }

    /// Returns the platform's `sub_code`, if it signed one.
    pub fn sub_code(&self) -> Option<&str> {
        match &self.kind {
            Kind::Refused(refusal) => refusal.sub_code(),
            _ => None,
        }
    }

    /// Returns the refusal that an unsigned answer claims to be. It is never trusted or used as data, but is the best
    /// available hint: the platform does not sign its refusal of a wrong app id, or of an app without a key in the
    /// console.
    pub fn unsigned_claim(&self) -> Option<&Refusal> {
        match &self.kind {
            Kind::Untrusted(VerifyError::Unsigned { claim }) => claim.as_ref(),
            _ => None,
        }
    }

    /// Returns whether a signed answer says that the access token has expired or is no longer valid. A refresh may
    /// help. If that fails too, the user must authorise again.
    pub fn access_token_rejected(&self) -> bool {
        matches!(self.sub_code(), Some("aop.auth-token-time-out" | "aop.invalid-auth-token"))
    }

    /// Returns the platform's id of the call, if there was an answer. Its support asks for it.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Returns whether the outcome of the call is known: it was refused, answered or never sent.
    ///
    /// If this is `false` after an exchange, the auth code may have been used up. Do not exchange it again; get a new
    /// one.
    pub fn outcome_known(&self) -> bool {
        match &self.kind {
            Kind::Refused(refusal) => refusal.outcome_known(),
            Kind::NotReached(_) | Kind::NotSigned | Kind::Busy | Kind::Unencodable => true,
            Kind::ReservedParameter(_) | Kind::CertificateNotValid(_) | Kind::NotEncrypted(_) => true,
            Kind::NotDecrypted(_) | Kind::Unusable(_) | Kind::IdentityMismatch => true,
            Kind::Interrupted(_) | Kind::Status(_) | Kind::Untrusted(_) => false,
        }
    }
}

impl GatewayErrorKind {
    fn explanation(&self) -> Explanation {
        match self {
            Kind::Refused(refusal) => refusal.explanation(),
            Kind::NotReached(_) => Explanation {
                zh: "无法连接网关：请检查网关地址、网络以及系统的 CA 证书。",
                en: "The gateway cannot be reached: check its address, the network and the system's CA certificates.",
            },
            Kind::NotSigned => Explanation {
                zh: "本机过于繁忙，未能在限定时间内完成签名，请求没有发出。",
                en: "This machine was too busy to sign in time; nothing was sent.",
            },
            Kind::Busy => Explanation {
                zh: "网关响应缓慢，等待中的调用已达上限，请求没有发出。",
                en: "The gateway is slow and too many calls are already waiting; nothing was sent.",
            },
            Kind::ReservedParameter(_) => Explanation {
                zh: "参数由客户端自行设置，不可指定，请求没有发出：请修改调用处的代码。",
                en: "The client sets this parameter itself; nothing was sent. Correct the code that makes the call.",
            },
            Kind::CertificateNotValid(_) => Explanation {
                zh: "证书已过期或尚未生效，请求没有发出：请从控制台下载当前证书并更换，并检查本机时钟。",
                en: "A certificate has expired or is not valid yet; nothing was sent. Install the current one from the console, and \
                     check this machine's clock.",
            },
            Kind::Interrupted(_) => Explanation {
                zh: "没有收到完整的应答，无法确认平台是否已执行。",
                en: "The answer was incomplete. It is not known whether the platform carried out the call.",
            },
            Kind::Status(429 | 500..) => {
                Explanation { zh: "网关暂时不可用。", en: "The gateway is temporarily unavailable." }
            }
            Kind::Status(_) => Explanation {
                zh: "应答的不是开放平台网关：请检查网关地址。",
                en: "Something other than the gateway answered: check the gateway's address.",
            },
            Kind::Untrusted(why) => untrusted(why),
            Kind::NotEncrypted(EncryptError::NoKey) => Explanation {
                zh: "请求需要加密，但没有配置 AES 密钥，请求没有发出：请配置 content_key_file（控制台：接口内容加密方式）。",
                en: "The call must be encrypted, but no content key is configured; nothing was sent. Configure content_key_file.",
            },
            Kind::Unencodable | Kind::NotEncrypted(EncryptError::Unencodable(_)) => Explanation {
                zh: "参数中有 GBK 没有的字符，请求没有发出：请将 charset 改为 utf-8。",
                en: "A parameter has a character that GBK lacks; nothing was sent. Configure the charset utf-8.",
            },
            Kind::NotEncrypted(_) => Explanation {
                zh: "请求没有可加密的内容，请求没有发出：请修改调用处的代码。",
                en: "The call has no content to encrypt; nothing was sent. Correct the code that makes the call.",
            },
            Kind::NotDecrypted(DecryptError::NoKey) => Explanation {
                zh: "应答是加密的，但没有配置 AES 密钥：请将控制台“接口内容加密方式”中的密钥配置为 content_key_file。",
                en: "The answer is encrypted, but no content key is configured: configure the console's AES key as content_key_file.",
            },
            Kind::NotDecrypted(DecryptError::OtherKey) => Explanation {
                zh: "应答不是用所配置的 AES 密钥加密的：请从控制台“接口内容加密方式”重新复制密钥到 content_key_file。",
                en: "The answer is encrypted with a key other than the one in content_key_file: copy the AES key from the console again.",
            },
            Kind::Unusable(_) => Explanation {
                zh: "平台签名的应答与文档不符，未保存任何内容，请联系小程序开发者。",
                en: "The platform signed an answer that is not as documented; nothing was stored.",
            },
            Kind::IdentityMismatch => Explanation {
                zh: "平台返回的是另一个用户的信息：不得保存。",
                en: "The answer is about another user: do not store any of it.",
            },
        }
    }
}

/// An unsigned refusal is described by its own text.
fn untrusted_answer(why: &VerifyError) -> String {
    match why {
        VerifyError::Unsigned { claim: Some(_) } => why.to_string(),
        _ => format!("the gateway's answer cannot be trusted: {why}"),
    }
}

fn untrusted(why: &VerifyError) -> Explanation {
    match why {
        VerifyError::OtherCharset { .. } => Explanation {
            zh: "应答的字符集与请求的不一致：请检查 charset。",
            en: "The answer is not in the requested character set: check charset.",
        },
        VerifyError::OtherCertificate { .. } => Explanation {
            zh: "平台使用了另一张支付宝公钥证书签名：请从控制台下载当前的 alipayCertPublicKey_RSA2.crt 并更换。",
            en: "The platform signed with another certificate: install the current alipayCertPublicKey_RSA2.crt from \
                 the console.",
        },
        VerifyError::OtherTime { .. } => Explanation {
            zh: "应答的签名时间与本机时间相差过大：请校准本机时钟；若时钟无误，则应答可能是重放的。",
            en: "The answer was not signed just now: set this machine's clock. If the clock is right, it is a recorded answer.",
        },
        VerifyError::Unsigned { claim: Some(claim) } => claim.explanation(),
        VerifyError::Unsigned { claim: None } => {
            Explanation { zh: "应答没有签名，不可信。", en: "The answer is not signed." }
        }
        VerifyError::SignatureInvalid => Explanation {
            zh: "验签失败：请确认配置的是支付宝公钥，而不是应用公钥或另一应用的支付宝公钥。",
            en: "The signature is wrong: configure the platform's key for this app, not the app's own public key.",
        },
        VerifyError::Malformed(_) | VerifyError::TooLarge => Explanation {
            zh: "应答不是开放平台的格式。",
            en: "The answer does not have the platform's form.",
        },
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)?;
        match &self.trace_id {
            Some(trace_id) => write!(formatter, " (trace id {trace_id})"),
            None => Ok(()),
        }
    }
}

impl StdError for GatewayError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.kind.source()
    }
}
