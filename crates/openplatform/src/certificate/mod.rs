//! Certificate mode (公钥证书模式): whose certificate is whose, and what the gateway calls them.
//!
//! The platform lists the three files in its console: the app's certificate, its own, and its roots. Nothing is fetched
//! here: a certificate that the configuration lacks is an error that says which one to install.

mod chain;
mod fault;
mod name;
mod serial;
mod set;
mod validity;

pub use fault::CertificateFault;
pub use set::Certificates;
pub use validity::{CertificateFile, OutOfDate};

use crate::keys::{KeyFault, PublicKey, document_blocks};
use miniauth_core::time::Timestamp;
use std::fmt;
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

/// PKCS#1: signature algorithms under it are RSA's, and only their certificates count among the roots.
const PKCS1: &str = "1.2.840.113549.1.1.";

/// Most certificates that one file may hold. The platform's file of roots has four.
const MAXIMUM_CERTIFICATES: usize = 32;

/// An X.509 certificate as the gateway uses it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    serial: String,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: String,
    is_authority: bool,
    public_key: Result<PublicKey, KeyFault>,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Certificate {
    /// Reads one certificate, PEM or bare base64; of several, the first.
    ///
    /// # Errors
    /// [`CertificateFault`] when there is none, or it cannot be read.
    pub fn parse(text: &str) -> Result<Self, CertificateFault> {
        Self::parse_all(text)?.into_iter().next().ok_or(CertificateFault::Empty)?
    }

    /// Reads every certificate of a text, each with its own outcome.
    fn parse_all(text: &str) -> Result<Vec<Result<Self, CertificateFault>>, CertificateFault> {
        let blocks = document_blocks(text);
        if blocks.len() > MAXIMUM_CERTIFICATES {
            return Err(CertificateFault::TooMany);
        }
        Ok(blocks.into_iter().map(|block| Self::from_der(&block?)).collect())
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateFault> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateFault::NotACertificate)?;
        if !rest.is_empty() {
            return Err(CertificateFault::NotACertificate);
        }
        let validity = certificate.validity();
        Ok(Self {
            serial: serial::of(&certificate)?,
            issuer: certificate.issuer().as_raw().to_vec(),
            subject: certificate.subject().as_raw().to_vec(),
            signed: certificate.tbs_certificate.as_ref().to_vec(),
            signature: certificate.signature_value.data.to_vec(),
            algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
            is_authority: certificate.is_ca(),
            public_key: PublicKey::from_document(certificate.public_key().raw),
            not_before: timestamp(validity.not_before.timestamp()),
            not_after: timestamp(validity.not_after.timestamp()),
        })
    }

    /// The serial number as the gateway has it: the MD5, in hexadecimal, of the issuer's name (RFC 2253) and the
    /// certificate's own number in decimal.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The key that the certificate is about.
    ///
    /// # Errors
    /// [`CertificateFault::Key`] when it is no RSA key of 2048 to 8192 bits.
    pub fn public_key(&self) -> Result<&PublicKey, CertificateFault> {
        self.public_key.as_ref().map_err(|&fault| CertificateFault::Key(fault))
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    fn is_signed_with_rsa(&self) -> bool {
        self.algorithm.starts_with(PKCS1)
    }
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(u64::try_from(seconds).unwrap_or_default())
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificate").field("serial", &self.serial).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
