//! The private half of a key pair.

use super::{
    KeyFault, PublicKey,
    der::{self, Outline},
    text,
};
use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::zeroize::Zeroizing;
use std::{fmt, sync::Arc};
use thiserror::Error;

/// An RSA private key that makes RSA2 signatures (PKCS#1 v1.5 with SHA-256). Parsed once, cheap to clone, and it
/// neither prints nor serialises.
#[derive(Clone)]
pub struct PrivateKey {
    pair: Arc<RsaKeyPair>,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key: PEM or bare base64, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// [`KeyFault`], which recognises the public half and says so.
    pub fn parse(key: &str) -> Result<Self, KeyFault> {
        let der = text::der(key)?;
        let pair = match der::outline(&der) {
            Outline::Pkcs8Private => RsaKeyPair::from_pkcs8(&der),
            Outline::Pkcs1Private => RsaKeyPair::from_der(&der),
            Outline::SpkiPublic | Outline::Pkcs1Public => return Err(KeyFault::PublicForPrivate),
            Outline::EncryptedPrivate => return Err(KeyFault::Encrypted),
            Outline::Certificate => return Err(KeyFault::Certificate),
            Outline::OtherPrivate | Outline::OtherPublic => return Err(KeyFault::NotRsa),
            Outline::Unknown => return Err(KeyFault::NotAKey),
        };
        Self::from_pair(pair.map_err(|rejected| KeyFault::Unusable(rejected.description_()))?)
    }

    /// Makes a new key of 2048 bits. Takes a noticeable part of a second: for the sandbox and for tests.
    ///
    /// # Errors
    /// [`KeyFault::Unusable`] when the cryptographic library cannot make one.
    pub fn generate() -> Result<Self, KeyFault> {
        Self::from_pair(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFault::Unusable("GenerationFailed"))?)
    }

    fn from_pair(pair: RsaKeyPair) -> Result<Self, KeyFault> {
        let public = PublicKey::from_der(pair.public_key().as_ref())?;
        Ok(Self { pair: Arc::new(pair), public })
    }

    /// The other half of the pair.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the exact bytes of `message` with RSA2, in base64.
    ///
    /// Costs 0.2 to 0.7 ms of one core with a key of 2048 bits, by the machine, more with larger ones: do not call it on
    /// a thread that serves asynchronous tasks.
    ///
    /// # Errors
    /// [`SigningFailed`] when the cryptographic library refuses, which a key that was parsed gives it no cause for.
    pub fn sign(&self, message: &[u8]) -> Result<String, SigningFailed> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| SigningFailed)?;
        Ok(STANDARD.encode(signature))
    }

    /// The key as PEM (PKCS#8), wiped from memory when dropped.
    ///
    /// # Errors
    /// [`KeyFault::Unusable`] when the cryptographic library cannot encode it.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyFault> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyFault::Unusable("EncodingFailed"))?;
        Ok(super::pem("PRIVATE KEY", der.as_ref()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(redacted)")
    }
}

/// The cryptographic library could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the cryptographic library could not sign with this key")]
pub struct SigningFailed;
