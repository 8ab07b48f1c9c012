//! What a caller should do about a failed call, and why.

use crate::error::{Distrust, Failure};
use serde::Deserialize;
use std::fmt;

/// What the caller of a failed call should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Have the user authorise again: only a new auth code helps.
    Reauthorize,
    /// Try again later; nothing is wrong on this side.
    RetryLater,
    /// Correct this setting first: until then every call fails.
    FixConfiguration(Setting),
    /// Report it: no setting and no retry makes a difference.
    ReportBug,
    /// Keep nothing of the answer, and find out who sent it.
    DoNotTrust,
}

/// What is configured wrongly, here or in the platform's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Setting {
    /// The app's id.
    AppId,
    /// The app's private key, or the public key that the console holds for it.
    AppPrivateKey,
    /// The platform's public key.
    AlipayPublicKey,
    /// The app's certificate.
    AppCertificate,
    /// The platform's certificate.
    AlipayCertificate,
    /// The platform's root certificates.
    RootCertificates,
    /// The character set.
    Charset,
    /// This machine's clock.
    Clock,
    /// The gateway's address.
    Gateway,
    /// The scope with which the page gets its auth codes.
    Scope,
    /// The product "获取会员信息" in the console.
    Product,
    /// Content encryption (接口内容加密) in the console.
    ContentEncryption,
}

impl Setting {
    /// The setting's name: of a key in the server's configuration, or in words for what lies elsewhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AppId => "app_id",
            Self::AppPrivateKey => "app_private_key_file",
            Self::AlipayPublicKey => "alipay_public_key_file",
            Self::AppCertificate => "app_certificate_file",
            Self::AlipayCertificate => "alipay_certificate_file",
            Self::RootCertificates => "alipay_root_certificates_file",
            Self::Charset => "charset",
            Self::Clock => "this machine's clock",
            Self::Gateway => "gateway",
            Self::Scope => "the scope of my.getAuthCode",
            Self::Product => "the product 获取会员信息 in the console",
            Self::ContentEncryption => "content encryption (接口内容加密) in the console",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a call failed, in two languages, for the people who run the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Reason {
    pub(crate) const fn of_failure(failure: &Failure) -> Self {
        match failure {
            Failure::Rejected(_) => Self { zh: "平台拒绝了调用。", en: "The platform refused the call." },
            Failure::NotReached(_) => Self {
                zh: "无法连接网关：请检查网关地址、网络以及系统的 CA 证书。",
                en: "The gateway cannot be reached: check its address, the network and the system's CA certificates.",
            },
            Failure::NotSigned => Self {
                zh: "本机过于繁忙，未能在限定时间内完成签名，请求没有发出。",
                en: "This machine was too busy to sign in time; nothing was sent.",
            },
            Failure::Busy => Self {
                zh: "网关响应缓慢，等待中的调用已达上限，请求没有发出。",
                en: "The gateway is slow and as many calls as may be are waiting; nothing was sent.",
            },
            Failure::Unencodable => Self {
                zh: "参数中有 GBK 没有的字符，请求没有发出：请将 charset 改为 utf-8。",
                en: "A parameter has a character that GBK lacks; nothing was sent. Configure the charset utf-8.",
            },
            Failure::OutOfDate(_) => Self {
                zh: "证书已过期或尚未生效，请求没有发出：请从控制台下载当前证书并更换，并检查本机时钟。",
                en: "A certificate is over or not valid yet; nothing was sent. Install the present one from the console, and \
                     check this machine's clock.",
            },
            Failure::Interrupted(_) => Self {
                zh: "没有收到完整的应答，平台是否已执行未知。",
                en: "No whole answer came; whether the platform carried out the call is not known.",
            },
            Failure::Status(429 | 500..) => {
                Self { zh: "网关暂时不可用。", en: "The gateway is not available for now." }
            }
            Failure::Status(_) => Self {
                zh: "应答的不是开放平台网关：请检查网关地址。",
                en: "Something other than the gateway answered: check the gateway's address.",
            },
            Failure::Untrusted(distrust) => Self::of_distrust(distrust),
            Failure::Encrypted => Self {
                zh: "应答是加密的（AES），暂不支持：请在控制台关闭此应用的接口内容加密。",
                en: "The answer is encrypted (AES), which is not supported: switch off content encryption for this app.",
            },
            Failure::Unusable(_) => Self {
                zh: "平台签名的应答与文档不符。",
                en: "The platform signed an answer that is not as documented.",
            },
            Failure::IdentityMismatch => Self {
                zh: "平台返回的是另一个用户的信息：不得保存。",
                en: "The answer is about another user: nothing of it may be kept.",
            },
        }
    }

    const fn of_distrust(distrust: &Distrust) -> Self {
        match distrust {
            Distrust::OtherCharset { .. } => Self {
                zh: "应答的字符集与请求的不一致：请检查 charset。",
                en: "The answer is in another character set than was asked for: check charset.",
            },
            Distrust::OtherCertificate { .. } => Self {
                zh: "平台使用了另一张支付宝公钥证书签名：请从控制台下载当前的 alipayCertPublicKey_RSA2.crt 并更换。",
                en: "The platform signed with another certificate: install the present alipayCertPublicKey_RSA2.crt from \
                     the console.",
            },
            Distrust::Unsigned { .. } => {
                Self { zh: "应答没有签名，不可信。", en: "The answer is not signed." }
            }
            Distrust::SignatureInvalid => Self {
                zh: "验签失败：请确认配置的是支付宝公钥，而不是应用公钥或另一应用的支付宝公钥。",
                en: "The signature is wrong: configure the platform's key for this app, not the app's own public key.",
            },
            Distrust::Malformed(_) | Distrust::TooLarge => {
                Self { zh: "应答不是开放平台的格式。", en: "The answer is not of the platform's form." }
            }
        }
    }
}
