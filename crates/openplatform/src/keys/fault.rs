//! What can be wrong with a configured key.

use thiserror::Error;

/// Why a key cannot be used. The text says what to do; it never holds a part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// There is no key in the text.
    #[error("the key is empty: give it as PEM, or as the base64 text that the platform's key tool saves")]
    Empty,
    /// There is more than one PEM block in the text.
    #[error("there is more than one key: leave only the one that is needed here")]
    Several,
    /// The text between the PEM lines is not base64.
    #[error("the key is neither PEM nor base64: copy it again, whole and without other text")]
    NotBase64,
    /// The bytes are no key that is known here.
    #[error("the text is base64 but no RSA key: copy it again, whole; RSA2 takes PKCS#8, PKCS#1 or X.509 public keys")]
    NotAKey,
    /// A private key stands where the platform's public key is needed.
    #[error(
        "this is a private key, and a public key is needed here: give the platform's public key (支付宝公钥) from the \
         console of the open platform, and keep the private key secret"
    )]
    PrivateForPublic,
    /// A public key stands where the app's private key is needed.
    #[error(
        "this is a public key, and the app's private key (应用私钥) is needed here: it is the file that the key tool \
         made on your side, never one from the console"
    )]
    PublicForPrivate,
    /// The private key is protected by a passphrase.
    #[error("the private key is encrypted: decrypt it first, for example with `openssl pkcs8 -in KEY -out PLAIN`")]
    Encrypted,
    /// A certificate stands where a key is needed.
    #[error("this is a certificate, and a plain key is needed here: choose the key mode (密钥) in the console")]
    Certificate,
    /// The key is for an algorithm other than RSA.
    #[error("the key is not an RSA key: RSA2 needs one of 2048 bits or more")]
    NotRsa,
    /// The key has this number of bits.
    #[error("the RSA key has {0} bits, and RSA2 needs 2048 to 8192: make a new pair with the platform's key tool")]
    Size(usize),
    /// The key has an RSA key's outline, but the cryptographic library refuses it for this reason.
    #[error("the RSA key cannot be used ({0}): RSA2 needs a sound key of 2048 to 8192 bits")]
    Unusable(&'static str),
}
