//! What a caller should do about a failed call, and why.

use serde::Deserialize;
use std::fmt;

/// What the caller of a failed call should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Have the user authorise again: only a new auth code helps.
    Reauthorize,
    /// Try again later. Nothing is wrong on this side.
    RetryLater,
    /// Correct this setting first: until then every call fails.
    FixConfiguration(Setting),
    /// Report it. No setting and no retry helps.
    ReportBug,
    /// Do not store any of the answer, and find out who sent it.
    DoNotTrust,
}

/// The setting that is wrong, here or in the platform's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Setting {
    /// The app's id.
    AppId,
    /// The app's private key, or its public key in the console.
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
    /// The gateway's URL.
    Gateway,
    /// The scope with which the page gets its auth codes.
    Scope,
    /// The product "获取会员信息" in the console.
    Product,
    /// The content key, here or in the console (接口内容加密方式).
    ContentKey,
}

impl Setting {
    /// Returns the setting's name: a key of the server's configuration, or a description of a setting elsewhere.
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
            Self::ContentKey => "content_key_file",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a call failed and what to do about it, in two languages, for the people who run the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}
