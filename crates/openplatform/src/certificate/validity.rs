//! From when until when certificates are valid.

use super::{Certificate, Certificates};
use crate::{advice::Setting, protocol::beijing_time};
use miniauth_core::time::Timestamp;
use std::fmt;
use thiserror::Error;

/// One of the three files of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateFile {
    /// The app's certificate, 应用公钥证书.
    App,
    /// The platform's certificate with the authorities between it and a root, 支付宝公钥证书.
    Platform,
    /// The platform's roots, 支付宝根证书.
    Roots,
}

impl CertificateFile {
    /// The setting that names the file.
    pub const fn setting(self) -> Setting {
        match self {
            Self::App => Setting::AppCertificate,
            Self::Platform => Setting::AlipayCertificate,
            Self::Roots => Setting::RootCertificates,
        }
    }

    /// What the console calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::App => "应用公钥证书, appCertPublicKey",
            Self::Platform => "支付宝公钥证书, alipayCertPublicKey_RSA2.crt",
            Self::Roots => "支付宝根证书, alipayRootCert.crt",
        }
    }
}

impl fmt::Display for CertificateFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.setting(), self.name())
    }
}

/// A certificate that is needed is not valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub struct OutOfDate {
    /// Where it is.
    pub file: CertificateFile,
    /// The first moment at which it is valid.
    pub not_before: Timestamp,
    /// The last one.
    pub not_after: Timestamp,
    /// When it was looked at.
    pub now: Timestamp,
}

impl fmt::Display for OutOfDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to, now] = [self.not_before, self.not_after, self.now].map(beijing_time);
        let Self { file, .. } = self;
        if self.now < self.not_before {
            write!(
                formatter,
                "a certificate in {file} is valid from {from} on, and it is {now} (GMT+8): check this machine's clock"
            )
        } else {
            write!(
                formatter,
                "a certificate in {file} was valid from {from} to {to}, and it is {now} (GMT+8): download the present \
                 one from the app's page in the console and configure it"
            )
        }
    }
}

impl Certificates {
    /// Every certificate that something rests on: the app's, the platform's, the authorities between it and its root,
    /// and the root.
    pub fn in_use(&self) -> impl Iterator<Item = (CertificateFile, &Certificate)> {
        let (root, others) =
            self.path.split_last().map_or((None, [].as_slice()), |(root, others)| (Some(root), others));
        let platform = std::iter::once(self.platform()).chain(others).map(|link| (CertificateFile::Platform, link));
        std::iter::once((CertificateFile::App, self.app()))
            .chain(platform)
            .chain(root.map(|root| (CertificateFile::Roots, root)))
    }

    /// Whether all of them are valid at `now`.
    ///
    /// # Errors
    /// [`OutOfDate`] about the first that is not.
    pub fn check_validity(&self, now: Timestamp) -> Result<(), OutOfDate> {
        self.in_use().try_for_each(|(file, certificate)| {
            let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
            if (not_before..=not_after).contains(&now) {
                Ok(())
            } else {
                Err(OutOfDate { file, not_before, not_after, now })
            }
        })
    }
}
