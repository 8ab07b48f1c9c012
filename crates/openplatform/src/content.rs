//! Content encryption (接口内容加密方式): AES-128 in CBC mode with a zero initialisation vector and PKCS#7 padding, in base64.
//!
//! It hides the content of calls and answers from proxies that terminate TLS. It does not prove origin: the signature
//! does, which covers the encrypted text. So verify the signature before decrypting.
//!
//! The form is that of the platform's own SDKs (alipay-sdk 4.14.0 for Node, `src/util.ts`).

use crate::charset::{Charset, EncodeError};
use aws_lc_rs::{
    cipher::{
        AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    error::Unspecified,
    iv::FixedLength,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniauth_core::random::Random;
use secrecy::zeroize::Zeroizing;
use serde_json::value::RawValue;
use std::fmt;
use thiserror::Error;

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 16;

/// The value of the parameter `encrypt_type`, and of the header of OpenAPI v3.
pub const ENCRYPT_TYPE: &str = "AES";

/// The initialisation vector is always zero, so contents with equal beginnings have ciphertexts with equal beginnings.
const ZEROS: [u8; 16] = [0; 16];

/// The app's content key (AES 密钥 of 接口内容加密方式). It neither prints nor serialises, and is wiped when dropped.
#[derive(Clone)]
pub struct ContentKey(Zeroizing<[u8; KEY_LENGTH]>);

impl ContentKey {
    /// Parses a key in the console's form: 16 bytes in base64.
    ///
    /// # Errors
    /// [`ContentKeyError`] if it is anything else.
    pub fn parse(text: &str) -> Result<Self, ContentKeyError> {
        let text = text.trim();
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| ContentKeyError::NotBase64)?);
        match <[u8; KEY_LENGTH]>::try_from(bytes.as_slice()) {
            Ok(key) => Ok(Self(Zeroizing::new(key))),
            Err(_) if text.len() == 2 * KEY_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Err(ContentKeyError::Hexadecimal)
            }
            Err(_) => Err(ContentKeyError::Length(bytes.len())),
        }
    }

    /// Returns the key in the form that [`parse`](Self::parse) reads, wiped from memory when dropped.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    /// Generates a key for the sandbox and for tests. Real keys come from the console.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// Encrypts a content, in base64.
    ///
    /// # Errors
    /// [`EncryptError::Failed`] if the cryptographic library fails, which is not expected.
    pub fn encrypt(&self, content: &[u8]) -> Result<String, EncryptError> {
        let mut bytes = content.to_vec();
        let encrypted = UnboundCipherKey::new(&AES_128, &*self.0)
            .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
            .and_then(|key| key.less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(FixedLength::from(ZEROS))));
        encrypted.map_err(|Unspecified| EncryptError::Failed)?;
        Ok(STANDARD.encode(bytes))
    }

    /// Decrypts a content. `None` if it is not base64 or was encrypted with another key. Another key is not always
    /// detected: about one time in two hundred the result is noise.
    fn decrypt(&self, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(STANDARD.decode(encrypted).ok()?);
        let key = UnboundCipherKey::new(&AES_128, &*self.0).and_then(PaddedBlockDecryptingKey::cbc_pkcs7).ok()?;
        let length = key.decrypt(&mut bytes, DecryptionContext::Iv128(FixedLength::from(ZEROS))).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ContentKey(redacted)")
    }
}

/// Decrypts JSON in base64 with the first key whose result is JSON. There are two keys during a change of keys.
///
/// # Errors
/// [`DecryptError`] if there is no key, or none of them fits.
pub(crate) fn decrypt_json(encrypted: &[u8], keys: &[ContentKey], charset: Charset) -> Result<String, DecryptError> {
    if keys.is_empty() {
        return Err(DecryptError::NoKey);
    }
    let json = |key: &ContentKey| {
        let content = key.decrypt(encrypted)?;
        let text = charset.decode(&content)?;
        serde_json::from_str::<&RawValue>(&text).ok()?;
        Some(text.into_owned())
    };
    keys.iter().find_map(json).ok_or(DecryptError::OtherKey)
}

/// The text is not a content key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContentKeyError {
    /// It is not base64.
    #[error("a content key is 16 bytes in base64, as the console shows it: this is not base64")]
    NotBase64,
    /// It is 32 hexadecimal digits, which would be the base64 of another key.
    #[error("a content key is 16 bytes in base64, as the console shows it: this is hexadecimal")]
    Hexadecimal,
    /// It has another length.
    #[error("a content key is 16 bytes in base64, as the console shows it (AES 密钥): this has {0} bytes")]
    Length(usize),
}

/// Why a call's content was not encrypted and the call not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// No content key is configured.
    #[error("it must be encrypted, but no content key is configured")]
    NoKey,
    /// The call has no `biz_content` (OpenAPI v3: no body) to encrypt.
    #[error("it must be encrypted, but has no content")]
    NoContent,
    /// The configured charset lacks a character of the content.
    #[error("its content has a character that GBK lacks; configure the charset utf-8")]
    Unencodable(#[from] EncodeError),
    /// The cryptographic library refused.
    #[error("the cryptographic library cannot encrypt it")]
    Failed,
}

/// Why an answer cannot be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// No content key is configured.
    #[error("the answer is encrypted (接口内容加密), but no content key is configured")]
    NoKey,
    /// It was encrypted with another key, or is not an encrypted content.
    #[error("the answer is encrypted (接口内容加密), but not with the configured content key")]
    OtherKey,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZg==";

    #[test]
    fn it_encrypts_as_openssl_does() {
        // openssl enc -aes-128-cbc -K 30313233343536373839616263646566 -iv 00000000000000000000000000000000 -base64 -A
        let key = ContentKey::parse(KEY).unwrap();
        let encrypted = key.encrypt(r#"{"date":"20230102","name":"张伟"}"#.as_bytes()).unwrap();
        assert_eq!(encrypted, "INbPlBCy5Am43kwTTGGpLr7B69h5cz7VTXr8zlCZWanlwQP9fSZR2eQB5Yw+8NwG");
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64() {
        assert_eq!(*ContentKey::parse(&format!(" {KEY}\n")).unwrap().to_base64(), KEY);
        for (bad, error) in [
            ("", ContentKeyError::Length(0)),
            ("not a key", ContentKeyError::NotBase64),
            ("30313233343536373839616263646566", ContentKeyError::Hexadecimal),
            ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", ContentKeyError::Length(32)),
        ] {
            assert_eq!(ContentKey::parse(bad).unwrap_err(), error, "{bad}");
        }
        assert_eq!(format!("{:?}", ContentKey::parse(KEY).unwrap()), "ContentKey(redacted)");
    }

    #[test]
    fn while_a_key_is_being_changed_either_decrypts() {
        let [old, new, other] = [1, 2, 3].map(|byte| ContentKey(Zeroizing::new([byte; KEY_LENGTH])));
        let keys = [new.clone(), old.clone()];
        for key in [&old, &new] {
            let encrypted = key.encrypt(b"{}").unwrap();
            assert_eq!(decrypt_json(encrypted.as_bytes(), &keys, Charset::Utf8).unwrap(), "{}");
        }
        // Even if the padding is right by chance, about once in two hundred times.
        for number in 0..2_000 {
            let encrypted = other.encrypt(format!(r#"{{"number":{number}}}"#).as_bytes()).unwrap();
            assert_eq!(decrypt_json(encrypted.as_bytes(), &keys, Charset::Utf8), Err(DecryptError::OtherKey));
        }
        assert_eq!(decrypt_json(b"AAAA", &[], Charset::Utf8), Err(DecryptError::NoKey));
    }

    proptest! {
        #[test]
        fn decryption_inverts_encryption(key in any::<[u8; KEY_LENGTH]>(), text in ".{0,80}") {
            let content = serde_json::to_string(&text).unwrap();
            let key = ContentKey(Zeroizing::new(key));
            let encrypted = key.encrypt(content.as_bytes()).unwrap();
            prop_assert_eq!(decrypt_json(encrypted.as_bytes(), &[key], Charset::Utf8).unwrap(), content);
        }

        #[test]
        fn any_bytes_are_handled(encrypted in any::<Vec<u8>>()) {
            let key = ContentKey(Zeroizing::new([7; KEY_LENGTH]));
            let _ = decrypt_json(&encrypted, &[key], Charset::Utf8);
        }
    }
}
