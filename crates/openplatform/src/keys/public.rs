//! The public half of a key pair.

use super::{
    KeyFault,
    der::{self, Outline},
    text,
};
use crate::sign_type::SignType;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa,
    signature::{
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, sync::Arc};
use thiserror::Error;

/// An RSA public key that verifies signatures (PKCS#1 v1.5). Parsed once for RSA2, cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    verifier: Arc<ParsedPublicKey>,
    // One encoding for every way in which the same key can be written: what makes two keys comparable.
    encoded: rsa::PublicKey,
}

impl PublicKey {
    /// Reads a public key: PEM or bare base64, `SubjectPublicKeyInfo` or PKCS#1.
    ///
    /// # Errors
    /// [`KeyFault`], which recognises the private half and says so.
    pub fn parse(key: &str) -> Result<Self, KeyFault> {
        Self::from_document(&text::der(key)?)
    }

    /// Reads the DER of a public key, whatever its outline.
    pub(crate) fn from_document(der: &[u8]) -> Result<Self, KeyFault> {
        match der::outline(der) {
            Outline::SpkiPublic | Outline::Pkcs1Public => Self::from_der(der),
            Outline::Pkcs1Private | Outline::Pkcs8Private | Outline::EncryptedPrivate => {
                Err(KeyFault::PrivateForPublic)
            }
            Outline::Certificate => Err(KeyFault::Certificate),
            Outline::OtherPrivate | Outline::OtherPublic => Err(KeyFault::NotRsa),
            Outline::Unknown => Err(KeyFault::NotAKey),
        }
    }

    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyFault> {
        let encoded = rsa::PublicKey::from_der(der).map_err(unusable)?;
        // The library parses any size and would refuse at the first signature only.
        match der::modulus_bits(encoded.as_ref()) {
            Some(2048..=8192) => {}
            bits => return Err(KeyFault::Size(bits.unwrap_or_default())),
        }
        let verifier = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, encoded.as_ref()).map_err(unusable)?;
        Ok(Self { verifier: Arc::new(verifier), encoded })
    }

    /// Verifies an RSA2 signature in base64 over the exact bytes of `message`. Costs about 20 microseconds.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when the signature is not base64 or not of this key over these bytes.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureInvalid> {
        let signature = STANDARD.decode(signature).map_err(|_| SignatureInvalid)?;
        self.verifier.verify_sig(message, &signature).map_err(|_| SignatureInvalid)
    }

    /// Verifies a signature of the given kind, as [`verify`](Self::verify) does. For [`SignType::Rsa`] the key is
    /// parsed again each time: it is there for looking into old messages.
    ///
    /// # Errors
    /// [`SignatureInvalid`] as for [`verify`](Self::verify).
    pub fn verify_as(&self, sign_type: SignType, message: &[u8], signature: &str) -> Result<(), SignatureInvalid> {
        match sign_type {
            SignType::Rsa2 => self.verify(message, signature),
            SignType::Rsa => {
                let signature = STANDARD.decode(signature).map_err(|_| SignatureInvalid)?;
                self.verify_with(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, message, &signature)
            }
        }
    }

    /// The length of the modulus, in bits.
    pub fn bits(&self) -> usize {
        der::modulus_bits(self.encoded.as_ref()).unwrap_or_default()
    }

    pub(crate) fn verify_with(
        &self,
        algorithm: &'static RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureInvalid> {
        let verifier = ParsedPublicKey::new(algorithm, self.encoded.as_ref()).map_err(|_| SignatureInvalid)?;
        verifier.verify_sig(message, signature).map_err(|_| SignatureInvalid)
    }

    /// The key as PEM (`SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`KeyFault::Unusable`] when the cryptographic library cannot encode it.
    pub fn to_spki_pem(&self) -> Result<String, KeyFault> {
        let der: PublicKeyX509Der<'_> = self.encoded.as_der().map_err(|_| KeyFault::Unusable("EncodingFailed"))?;
        Ok(super::pem("PUBLIC KEY", der.as_ref()).to_string())
    }
}

fn unusable(rejected: aws_lc_rs::error::KeyRejected) -> KeyFault {
    KeyFault::Unusable(rejected.description_())
}

impl PartialEq for PublicKey {
    /// Whether modulus and exponent are the same, however each key was written.
    fn eq(&self, other: &Self) -> bool {
        self.encoded.as_ref() == other.encoded.as_ref()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PublicKey(RSA)")
    }
}

/// The signature is not this key's over these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature is not of this key over these bytes")]
pub struct SignatureInvalid;
