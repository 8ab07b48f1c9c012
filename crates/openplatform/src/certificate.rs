//! Certificate mode (公钥证书模式): reads the three certificate files and checks that they belong together.
//!
//! The console offers three files: the app's certificate, the platform's, and the platform's roots. Nothing is downloaded here. If a
//! certificate is missing, the error says which one to install.

mod serial;

use crate::{
    advice::Setting,
    config::Endpoint,
    keys::{self, KeyError, PublicKey},
    protocol::beijing_time,
};
use miniauth_core::time::Timestamp;
use std::{fmt, iter};
use thiserror::Error;
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

/// The prefix of RSA's signature algorithms (PKCS#1). Only roots signed with these count.
const PKCS1: &str = "1.2.840.113549.1.1.";

/// Signature algorithms that can be forged: SHA-1 (RSA, ECDSA), MD5 and MD2.
const WEAK: &[&str] = &["1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.2"];

/// The maximum number of certificates in a file. The platform's file of roots has four.
const MAXIMUM_CERTIFICATES: usize = 32;

/// An X.509 certificate as the gateway uses it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    serial: String,
    is_signed_with_rsa: bool,
    is_signed_weakly: bool,
    public_key: Result<PublicKey, KeyError>,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Certificate {
    /// Parses a certificate, PEM or plain base64. If there are several, the first one.
    ///
    /// # Errors
    /// [`CertificateError`] if there is none, or it cannot be read.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        Self::parse_all(text)?.into_iter().next().ok_or(CertificateError::Empty)?
    }

    /// Parses all certificates of a text, each with its own result.
    fn parse_all(text: &str) -> Result<Vec<Result<Self, CertificateError>>, CertificateError> {
        let documents = keys::documents(text);
        if documents.len() > MAXIMUM_CERTIFICATES {
            return Err(CertificateError::TooMany);
        }
        let read = |document: Result<_, _>| document.map_err(|_: KeyError| CertificateError::NotACertificate);
        Ok(documents.into_iter().map(|document| Self::from_der(&read(document)?)).collect())
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = x509(der).ok_or(CertificateError::NotACertificate)?;
        let validity = certificate.validity();
        let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
        Ok(Self {
            serial: serial::of(&certificate).ok_or(CertificateError::Name)?,
            is_signed_with_rsa: algorithm.starts_with(PKCS1),
            is_signed_weakly: WEAK.contains(&algorithm.as_str()),
            public_key: PublicKey::from_der(certificate.public_key().raw),
            not_before: timestamp(validity.not_before.timestamp()),
            not_after: timestamp(validity.not_after.timestamp()),
            der: der.to_vec(),
        })
    }

    /// Returns the gateway's serial number: the MD5, in hexadecimal, of the issuer's name (RFC 2253) and the
    /// certificate's own number in decimal.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Returns the certificate's key.
    ///
    /// # Errors
    /// [`CertificateError::Key`] if it is not an RSA key of 2048 to 8192 bits.
    pub fn public_key(&self) -> Result<&PublicKey, CertificateError> {
        self.public_key.as_ref().map_err(|&fault| CertificateError::Key(fault))
    }

    /// Returns the first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Returns the last moment at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Returns whether `issuer` signed this certificate, and is allowed to sign.
    fn is_issued_by(&self, issuer: &Self) -> bool {
        let (Some(own), Some(authority)) = (x509(&self.der), x509(&issuer.der)) else { return false };
        // The app's certificate has the same roots, and the app has its key, so it must not count as an authority.
        authority.is_ca()
            && own.issuer().as_raw() == authority.subject().as_raw()
            && issuer.public_key.is_ok()
            && own.verify_signature(Some(authority.public_key())).is_ok()
    }
}

fn x509(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(u64::try_from(seconds).unwrap_or_default())
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificate").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// The app's certificate, the platform's, and the platform's roots: what certificate mode needs beside the app's
/// private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    app: Certificate,
    platform: Certificate,
    platform_key: PublicKey,
    root_serial: String,
    /// The chain from the issuer of the platform's certificate to the root. Empty if it leads to no root.
    path: Vec<Certificate>,
}

impl Certificates {
    /// Parses the console's three files: `appCertPublicKey` (应用公钥证书), `alipayCertPublicKey_RSA2` (支付宝公钥证书),
    /// `alipayRootCert` (支付宝根证书).
    ///
    /// A root that cannot be parsed is skipped, because the platform's own file has one that strict parsers refuse.
    /// Validity periods are not checked here; see [`check_validity`](Self::check_validity).
    ///
    /// # Errors
    /// [`CertificateError`] if one of them cannot be used, if the platform's is the app's own, or if the platform's does not lead to a
    /// root, or only through a signature that can be forged.
    pub fn parse(app: &str, platform: &str, roots: &str) -> Result<Self, CertificateError> {
        let certificates = Self::parse_of_sandbox(app, platform, roots)?;
        // A root is trusted no matter who signed it.
        let Some((_, signed)) = certificates.path.split_last() else { return Err(CertificateError::NotVouchedFor) };
        let is_root = certificates.path.first() == Some(&certificates.platform);
        if (!is_root && certificates.platform.is_signed_weakly) || signed.iter().any(|link| link.is_signed_weakly) {
            return Err(CertificateError::WeaklySigned);
        }
        Ok(certificates)
    }

    /// Parses the three files of the platform's own sandbox, whose roots did not sign its certificate, so the chain is
    /// not required. Such certificates are accepted only for
    /// [`Endpoint::PLATFORM_SANDBOX`](crate::Endpoint::PLATFORM_SANDBOX); there, an answer is valid if the configured
    /// certificate signed it, as in key mode.
    ///
    /// # Errors
    /// [`CertificateError`] if one of them cannot be used, or if the platform's is the app's own.
    pub fn parse_of_sandbox(app: &str, platform: &str, roots: &str) -> Result<Self, CertificateError> {
        let app = Certificate::parse(app)?;
        let chain = Certificate::parse_all(platform)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let roots: Vec<_> = Certificate::parse_all(roots)?.into_iter().filter_map(Result::ok).collect();
        let platform = chain.first().ok_or(CertificateError::Empty)?.clone();
        if app.public_key()? == platform.public_key()? {
            return Err(CertificateError::OwnCertificate);
        }
        let signed_with_rsa = roots.iter().filter(|root| root.is_signed_with_rsa);
        let root_serial = signed_with_rsa.map(Certificate::serial).collect::<Vec<_>>().join("_");
        if root_serial.is_empty() {
            return Err(CertificateError::NoRsaRoot);
        }
        let path = path(&chain, &roots).unwrap_or_default();
        Ok(Self { platform_key: platform.public_key()?.clone(), app, platform, root_serial, path })
    }

    /// Returns the app's certificate.
    pub fn app(&self) -> &Certificate {
        &self.app
    }

    /// Returns the platform's certificate, whose key verifies answers.
    pub fn platform(&self) -> &Certificate {
        &self.platform
    }

    /// Returns the key of the platform's certificate.
    pub fn platform_key(&self) -> &PublicKey {
        &self.platform_key
    }

    /// Returns `alipay_root_cert_sn`: the serial numbers of the roots that are signed with RSA, joined with `_`.
    pub fn root_serial(&self) -> &str {
        &self.root_serial
    }

    /// Returns whether the platform's certificate leads to one of the roots.
    pub fn are_vouched_for(&self) -> bool {
        !self.path.is_empty()
    }

    /// Iterates over all certificates in use: the app's, the platform's, the authorities between it and its root, and
    /// the root.
    pub fn in_use(&self) -> impl Iterator<Item = (CertificateFile, &Certificate)> {
        let (root, others) =
            self.path.split_last().map_or((None, [].as_slice()), |(root, others)| (Some(root), others));
        let platform = iter::once(self.platform()).chain(others).map(|link| (CertificateFile::Platform, link));
        iter::once((CertificateFile::App, self.app()))
            .chain(platform)
            .chain(root.map(|root| (CertificateFile::Roots, root)))
    }

    /// Checks that all of them are valid at `now`.
    ///
    /// # Errors
    /// [`ValidityError`] about the first that is not.
    pub fn check_validity(&self, now: Timestamp) -> Result<(), ValidityError> {
        self.in_use().try_for_each(|(file, certificate)| {
            let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
            if (not_before..=not_after).contains(&now) {
                Ok(())
            } else {
                Err(ValidityError { file, not_before, not_after, now })
            }
        })
    }
}

/// Follows the first certificate of `chain`, through others in it, to one of `roots`. Returns the certificates after the first; the root is
/// the last. If several roots fit, as after a renewal, it takes the one that is valid longest.
fn path(chain: &[Certificate], roots: &[Certificate]) -> Option<Vec<Certificate>> {
    let (leaf, others) = chain.split_first()?;
    let mut present = leaf;
    let mut path = Vec::new();
    // Each step uses another certificate of the file, so there are no more steps than certificates.
    for _ in chain {
        let vouching = roots.iter().filter(|root| *root == present || present.is_issued_by(root));
        if let Some(root) = vouching.max_by_key(|root| root.not_after) {
            path.push(root.clone());
            return Some(path);
        }
        match others.iter().find(|other| *other != present && present.is_issued_by(other)) {
            Some(issuer) => {
                present = issuer;
                path.push(issuer.clone());
            }
            None => break,
        }
    }
    None
}

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
    /// Returns the setting that names the file.
    pub const fn setting(self) -> Setting {
        match self {
            Self::App => Setting::AppCertificate,
            Self::Platform => Setting::AlipayCertificate,
            Self::Roots => Setting::RootCertificates,
        }
    }

    /// Returns the console's name of the file.
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

/// A certificate in use has expired, or is not valid yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub struct ValidityError {
    /// The file of the certificate.
    pub file: CertificateFile,
    /// The first moment at which it is valid.
    pub not_before: Timestamp,
    /// The last moment at which it is valid.
    pub not_after: Timestamp,
    /// When it was checked.
    pub now: Timestamp,
}

impl fmt::Display for ValidityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to, now] = [self.not_before, self.not_after, self.now].map(beijing_time);
        let Self { file, .. } = self;
        if self.now < self.not_before {
            write!(
                formatter,
                "a certificate in {file} is valid only from {from}, but it is {now} (GMT+8): check this machine's clock"
            )
        } else {
            write!(
                formatter,
                "a certificate in {file} was valid from {from} to {to}, but it is {now} (GMT+8): download the current \
                 one from the app's page in the console and configure it"
            )
        }
    }
}

/// Why a certificate cannot be used. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The text is empty.
    #[error("the certificate is empty: download it again from the app's page in the console")]
    Empty,
    /// There are more certificates than any real file has.
    #[error("the file has more than {MAXIMUM_CERTIFICATES} certificates")]
    TooMany,
    /// It is a key or something else, not a certificate.
    #[error("this is not an X.509 certificate (PEM or base64): download it again from the app's page in the console")]
    NotACertificate,
    /// A name in it cannot be converted to text.
    #[error("the name of the certificate's issuer cannot be read")]
    Name,
    /// The key in it cannot be used.
    #[error("the certificate's key cannot be used: {0}")]
    Key(KeyError),
    /// None of the root certificates is signed with RSA.
    #[error(
        "no root certificate is signed with RSA: the file is alipayRootCert.crt (支付宝根证书), from the same page of \
         the console as the other two"
    )]
    NoRsaRoot,
    /// The platform's certificate does not lead to any of the roots.
    #[error(
        "none of the root certificates vouches for the platform's certificate: download both again from the \
         app's page in the console (alipayCertPublicKey_RSA2.crt and alipayRootCert.crt). The files that the platform's \
         own sandbox offers do not match: they are accepted only with gateway = {}",
        Endpoint::PLATFORM_SANDBOX
    )]
    NotVouchedFor,
    /// A certificate in the chain is signed with a hash that can be forged.
    #[error(
        "the platform's certificate, or one between it and its root, is signed with SHA-1 or MD5, which can be forged: \
         download the current alipayCertPublicKey_RSA2.crt from the app's page in the console. Such certificates are accepted only with \
         gateway = {}",
        Endpoint::PLATFORM_SANDBOX
    )]
    WeaklySigned,
    /// The app's own certificate is configured as the platform's.
    #[error(
        "the app's own certificate (应用公钥证书) is configured as the platform's (支付宝公钥证书): the console \
         offers appCertPublicKey and alipayCertPublicKey_RSA2 side by side; configure the second"
    )]
    OwnCertificate,
    /// One of them has expired, or is not valid yet.
    #[error(transparent)]
    Validity(#[from] ValidityError),
    /// The app's certificate does not belong to the app's private key.
    #[error(
        "the app's certificate (应用公钥证书) does not belong to the app's private key (应用私钥): configure the certificate \
         that was issued for this very key"
    )]
    OtherKey,
}

#[cfg(test)]
mod tests;
