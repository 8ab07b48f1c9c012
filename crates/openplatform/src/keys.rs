//! RSA keys. A key is parsed once, from the text in the configuration, and the wrong half of a pair is recognised.
//!
//! ```
//! use miniauth_openplatform::keys::{PrivateKey, PublicKey};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = PrivateKey::generate()?;
//! let signature = key.sign("amount=9.90".as_bytes())?;
//! assert!(key.public_key().verify(b"amount=9.90", &signature).is_ok());
//! assert!(key.public_key().verify(b"amount=0.99", &signature).is_err());
//!
//! let wrong = PublicKey::parse(&key.to_pkcs8_pem()?).unwrap_err();
//! assert!(wrong.to_string().starts_with("this is a private key, and a public key is needed here"));
//! # Ok(())
//! # }
//! ```

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    error::KeyRejected,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{
        KeyPair as _, ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use pem::{EncodeConfig, LineEnding, Pem};
use secrecy::zeroize::Zeroizing;
use std::{fmt, ops::RangeInclusive, sync::Arc};
use thiserror::Error;
use x509_parser::{
    der_parser::{asn1_rs::Tag, ber::BerObject, der::parse_der},
    num_bigint::BigUint,
    oid_registry::OID_PKCS1_RSAENCRYPTION,
    prelude::FromDer as _,
    public_key::RSAPublicKey,
};

/// The key sizes that RSA2 allows, in bits.
const BITS: RangeInclusive<u64> = 2_048..=8_192;

/// The key sizes of old RSA signatures, in bits.
const OLD_BITS: RangeInclusive<u64> = 1_024..=8_192;

/// How a message is signed: the parameter `sign_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignType {
    /// RSA with PKCS#1 v1.5 and SHA-256.
    #[default]
    Rsa2,
    /// RSA with PKCS#1 v1.5 and SHA-1, as in older signatures. Used to verify, never to sign.
    Rsa,
}

impl SignType {
    /// Returns the value of the parameter `sign_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2 => "RSA2",
            Self::Rsa => "RSA",
        }
    }

    /// Returns the other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Rsa2 => Self::Rsa,
            Self::Rsa => Self::Rsa2,
        }
    }
}

/// An RSA private key that makes RSA2 signatures (PKCS#1 v1.5 with SHA-256). Parsed once, cheap to clone; it neither
/// prints nor serialises.
#[derive(Clone)]
pub struct PrivateKey {
    pair: Arc<RsaKeyPair>,
    public: PublicKey,
}

impl PrivateKey {
    /// Parses a private key: PEM or plain base64, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// [`KeyError`], which recognises the public half and says so.
    pub fn parse(key: &str) -> Result<Self, KeyError> {
        let der = der(key)?;
        let pair = match Document::of(&der) {
            Document::Pkcs8Private => RsaKeyPair::from_pkcs8(&der),
            Document::Pkcs1Private => RsaKeyPair::from_der(&der),
            Document::Public => return Err(KeyError::PublicForPrivate),
            Document::EncryptedPrivate => return Err(KeyError::Encrypted),
            Document::Certificate => return Err(KeyError::Certificate),
            Document::OtherAlgorithm => return Err(KeyError::NotRsa),
            Document::Unknown => return Err(KeyError::NotAKey),
        };
        Self::from_pair(pair.map_err(unusable)?)
    }

    /// Generates a key of 2048 bits, for the sandbox and for tests. Takes a noticeable part of a second.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] if the cryptographic library fails.
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_pair(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Unusable("GenerationFailed"))?)
    }

    fn from_pair(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = PublicKey::from_rsa(pair.public_key().as_ref(), BITS)?;
        Ok(Self { pair: Arc::new(pair), public })
    }

    /// Returns the other half of the pair.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the exact bytes of `message` with RSA2, in base64.
    ///
    /// With a key of 2048 bits this takes 0.2 to 0.7 ms of one core, depending on the machine, and longer with larger keys. Do not call it on
    /// a thread that runs asynchronous tasks.
    ///
    /// # Errors
    /// [`SignError`] if the cryptographic library fails, which is not expected for a parsed key.
    pub fn sign(&self, message: &[u8]) -> Result<String, SignError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| SignError)?;
        Ok(STANDARD.encode(signature))
    }

    /// Returns the key as PEM (PKCS#8), wiped from memory when dropped.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] if the cryptographic library cannot encode it.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyError::Unusable("EncodingFailed"))?;
        Ok(Zeroizing::new(pem("PRIVATE KEY", der.as_ref())))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(redacted)")
    }
}

/// An RSA public key that verifies signatures (PKCS#1 v1.5). Parsed once for RSA2, cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    /// `None` if the key is too short for RSA2; then no RSA2 signature of it is valid.
    verifier: Option<Arc<ParsedPublicKey>>,
    // The same key can be written in several ways. This encoding makes keys comparable.
    encoded: rsa::PublicKey,
}

impl PublicKey {
    /// Parses a public key: PEM or plain base64, `SubjectPublicKeyInfo` or PKCS#1.
    ///
    /// # Errors
    /// [`KeyError`], which recognises the private half and says so.
    pub fn parse(key: &str) -> Result<Self, KeyError> {
        Self::from_der(&der(key)?)
    }

    /// Parses a public key that may be as short as those of old signatures, 1024 bits, for
    /// [`verify_as`](Self::verify_as) with [`SignType::Rsa`]. A short one verifies no RSA2 signature, and no
    /// [`Gateway`](crate::Gateway) accepts it.
    ///
    /// # Errors
    /// [`KeyError`] as for [`parse`](Self::parse).
    pub fn parse_old(key: &str) -> Result<Self, KeyError> {
        Self::read(&der(key)?, OLD_BITS)
    }

    /// Parses the DER of a public key.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::read(der, BITS)
    }

    fn read(der: &[u8], bits: RangeInclusive<u64>) -> Result<Self, KeyError> {
        match Document::of(der) {
            Document::Public => Self::from_rsa(der, bits),
            Document::Pkcs1Private | Document::Pkcs8Private | Document::EncryptedPrivate => {
                Err(KeyError::PrivateForPublic)
            }
            Document::Certificate => Err(KeyError::Certificate),
            Document::OtherAlgorithm => Err(KeyError::NotRsa),
            Document::Unknown => Err(KeyError::NotAKey),
        }
    }

    fn from_rsa(der: &[u8], taken: RangeInclusive<u64>) -> Result<Self, KeyError> {
        let encoded = rsa::PublicKey::from_der(der).map_err(unusable)?;
        // The library parses any size, and would fail only at the first signature.
        let bits = modulus_bits(&encoded);
        if !taken.contains(&bits) {
            return Err(if taken == BITS { KeyError::Size(bits) } else { KeyError::OldSize(bits) });
        }
        let verifier = || ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, encoded.as_ref()).map_err(unusable);
        let verifier = BITS.contains(&bits).then(verifier).transpose()?.map(Arc::new);
        Ok(Self { verifier, encoded })
    }

    /// Rejects a key that is too short for RSA2.
    pub(crate) fn check_for_rsa2(&self) -> Result<(), KeyError> {
        if self.verifier.is_some() { Ok(()) } else { Err(KeyError::Size(self.bits())) }
    }

    /// Verifies an RSA2 signature in base64 over the exact bytes of `message`. Costs about 20 microseconds.
    ///
    /// # Errors
    /// [`SignatureError`] if the signature is not base64, or not of this key over these bytes.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        verify(self.verifier.as_ref().ok_or(SignatureError)?, message, signature)
    }

    /// Verifies a signature of the given type, as [`verify`](Self::verify) does. For [`SignType::Rsa`] the key is
    /// parsed each time, because that is needed only for old messages.
    ///
    /// # Errors
    /// [`SignatureError`] as for [`verify`](Self::verify).
    pub fn verify_as(&self, sign_type: SignType, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        match sign_type {
            SignType::Rsa2 => self.verify(message, signature),
            SignType::Rsa => {
                let algorithm = &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY;
                let verifier = ParsedPublicKey::new(algorithm, self.encoded.as_ref()).map_err(|_| SignatureError)?;
                verify(&verifier, message, signature)
            }
        }
    }

    /// Returns the length of the modulus, in bits.
    pub fn bits(&self) -> u64 {
        modulus_bits(&self.encoded)
    }

    /// Returns the key as PEM (`SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`KeyError::Unusable`] if the cryptographic library cannot encode it.
    pub fn to_spki_pem(&self) -> Result<String, KeyError> {
        let der: PublicKeyX509Der<'_> = self.encoded.as_der().map_err(|_| KeyError::Unusable("EncodingFailed"))?;
        Ok(pem("PUBLIC KEY", der.as_ref()))
    }
}

fn verify(verifier: &ParsedPublicKey, message: &[u8], signature: &str) -> Result<(), SignatureError> {
    let signature = STANDARD.decode(signature).map_err(|_| SignatureError)?;
    verifier.verify_sig(message, &signature).map_err(|_| SignatureError)
}

fn modulus_bits(key: &rsa::PublicKey) -> u64 {
    RSAPublicKey::from_der(key.as_ref()).map_or(0, |(_, key)| BigUint::from_bytes_be(key.modulus).bits())
}

fn unusable(rejected: KeyRejected) -> KeyError {
    KeyError::Unusable(rejected.description_())
}

fn pem(label: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

impl PartialEq for PublicKey {
    /// Compares modulus and exponent, however each key was written.
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

/// What a DER document contains, by its outer structure.
///
/// In practice, keys have the wrong PEM label, no label, or are the wrong half of the pair. So the label is ignored. The cryptographic
/// library decides whether the key itself is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Document {
    /// `RSAPrivateKey` of RFC 8017.
    Pkcs1Private,
    /// `PrivateKeyInfo` of RFC 5208, for RSA.
    Pkcs8Private,
    /// `EncryptedPrivateKeyInfo` of RFC 5208.
    EncryptedPrivate,
    /// `RSAPublicKey` of RFC 8017, or `SubjectPublicKeyInfo` of RFC 5280 for RSA.
    Public,
    /// An X.509 certificate.
    Certificate,
    /// A key of an algorithm other than RSA, either half.
    OtherAlgorithm,
    /// None of the above.
    Unknown,
}

impl Document {
    fn of(der: &[u8]) -> Self {
        let Ok((&[], document)) = parse_der(der) else { return Self::Unknown };
        let Ok(parts) = document.as_sequence() else { return Self::Unknown };
        match parts.iter().map(|part| part.header.tag()).collect::<Vec<_>>().as_slice() {
            [Tag::Integer, Tag::Integer] => Self::Public,
            [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Self::Pkcs1Private,
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] if is_rsa(&parts[1]) => Self::Pkcs8Private,
            [Tag::Integer, Tag::Sequence | Tag::OctetString, ..] => Self::OtherAlgorithm,
            [Tag::Sequence, Tag::BitString] if is_rsa(&parts[0]) => Self::Public,
            [Tag::Sequence, Tag::BitString] => Self::OtherAlgorithm,
            [Tag::Sequence, Tag::OctetString] => Self::EncryptedPrivate,
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => Self::Certificate,
            _ => Self::Unknown,
        }
    }
}

fn is_rsa(algorithm: &BerObject<'_>) -> bool {
    let first = algorithm.as_sequence().ok().and_then(|parts| parts.first());
    first.is_some_and(|first| first.as_oid() == Ok(&OID_PKCS1_RSAENCRYPTION))
}

/// Some consoles drop the padding when a key is copied.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const BEGIN: &str = "-----BEGIN";

/// Accepts PEM, or plain base64 as the platform's key tool saves it. Line breaks and spaces are ignored, because environment variables
/// often have one instead of the other. A line break may also be written as `\n`, as in JSON and in one-line settings.
///
/// The bytes are wiped when they are dropped, because they can be a private key.
fn der(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut documents = documents(text).into_iter();
    match (documents.next(), documents.next()) {
        (None, _) => Err(KeyError::Empty),
        (Some(document), None) => document,
        (Some(_), Some(_)) => Err(KeyError::Several),
    }
}

/// Returns each PEM block of a text, or the one document in plain base64. Ignores text between the blocks.
pub(crate) fn documents(text: &str) -> Vec<Result<Zeroizing<Vec<u8>>, KeyError>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.find(BEGIN) {
        None if text.is_empty() => Vec::new(),
        None => vec![decoded(text)],
        Some(start) => text[start..].split(BEGIN).skip(1).map(|block| decoded(pem_body(block)?)).collect(),
    }
}

fn pem_body(block: &str) -> Result<&str, KeyError> {
    let (_, after_begin) = block.split_once("-----").ok_or(KeyError::NotBase64)?;
    let (body, _) = after_begin.split_once("-----END").ok_or(KeyError::NotBase64)?;
    // The header of PEM's old encryption (RFC 1421).
    if body.contains("Proc-Type:") { Err(KeyError::Encrypted) } else { Ok(body) }
}

fn decoded(body: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let lines = body.split(r"\n").flat_map(|line| line.split(r"\r"));
    let compact: Zeroizing<String> = Zeroizing::new(lines.flat_map(str::split_whitespace).collect());
    if compact.is_empty() {
        return Err(KeyError::Empty);
    }
    BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| KeyError::NotBase64)
}

/// Why a key cannot be used. The text says what to do. It never contains a part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no key in the text.
    #[error("the key is empty: give it as PEM, or as the base64 text that the platform's key tool saves")]
    Empty,
    /// There is more than one PEM block in the text.
    #[error("there is more than one key: leave only the one that is needed here")]
    Several,
    /// The text between the PEM lines is not base64.
    #[error("the key is neither PEM nor base64: copy the whole key again, without other text")]
    NotBase64,
    /// The bytes are not a known kind of key.
    #[error(
        "the text is base64 but not an RSA key: copy the whole text again; RSA2 accepts PKCS#8, PKCS#1 or X.509 public keys"
    )]
    NotAKey,
    /// It is a private key, but the platform's public key is needed.
    #[error(
        "this is a private key, and a public key is needed here: give the platform's public key (支付宝公钥) from the \
         console of the open platform, and keep the private key secret"
    )]
    PrivateForPublic,
    /// It is a public key, but the app's private key is needed.
    #[error(
        "this is a public key, and the app's private key (应用私钥) is needed here: it is the file that the key tool \
         made on your side, never one from the console"
    )]
    PublicForPrivate,
    /// The private key is protected by a passphrase.
    #[error("the private key is encrypted: decrypt it first, for example with `openssl pkcs8 -in KEY -out PLAIN`")]
    Encrypted,
    /// It is a certificate, but a key is needed.
    #[error("this is a certificate, and a plain key is needed here: choose the key mode (密钥) in the console")]
    Certificate,
    /// The key is for an algorithm other than RSA.
    #[error("the key is not an RSA key: RSA2 needs one of 2048 bits or more")]
    NotRsa,
    /// The key has this number of bits.
    #[error("the RSA key has {0} bits, and RSA2 needs 2048 to 8192: make a new pair with the platform's key tool")]
    Size(u64),
    /// The key has this number of bits, which is wrong even for old signatures.
    #[error("the RSA key has {0} bits, but keys for old RSA signatures have 1024 to 8192 bits")]
    OldSize(u64),
    /// The key has the structure of an RSA key, but the cryptographic library refuses it for this reason.
    #[error("the RSA key cannot be used ({0}): RSA2 needs a sound key of 2048 to 8192 bits")]
    Unusable(&'static str),
}

/// The cryptographic library could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the cryptographic library could not sign with this key")]
pub struct SignError;

/// The signature is not this key's over these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature is not of this key over these bytes")]
pub struct SignatureError;

#[cfg(test)]
mod tests;
