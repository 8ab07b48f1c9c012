//! The server's one secret key.

use super::{Sealer, SessionDeriver, UserMarks};
use aws_lc_rs::{aead, hmac};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniauth_core::random::Random;
use secrecy::{ExposeSecret, SecretBox, SecretString};

/// 32 random bytes, from which the server derives the key that seals the platform's tokens and the key that sessions are
/// derived with (HMAC-SHA-256 over a label each).
///
/// Who has this key and the database can read the stored tokens. When it is lost, so are the sealed tokens, and a post
/// cannot be repeated; sessions go on, since they are looked up by their hashes.
#[derive(Debug)]
pub struct ServerKey(SecretBox<[u8; Self::LENGTH]>);

impl ServerKey {
    /// The key's length in bytes.
    pub const LENGTH: usize = 32;

    /// A new random key.
    pub fn generate(random: &dyn Random) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; Self::LENGTH]| random.fill(bytes)))
    }

    /// Reads a key as [`ServerKey::to_base64`] writes it; white space around it is ignored.
    ///
    /// # Errors
    /// [`ServerKeyError`] when the text is not base64 of exactly 32 bytes, or when all of these bytes are the same.
    pub fn from_base64(text: &str) -> Result<Self, ServerKeyError> {
        let decoded = SecretBox::new(Box::new(STANDARD.decode(text.trim()).map_err(|_| ServerKeyError)?));
        let bytes: &[u8; Self::LENGTH] = decoded.expose_secret().as_slice().try_into().map_err(|_| ServerKeyError)?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(ServerKeyError);
        }
        Ok(Self(SecretBox::new(Box::new(*bytes))))
    }

    /// The key as text, for the file that it is kept in.
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }

    pub(crate) fn sealer(&self) -> Sealer {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, self.derive("seal platform tokens").as_ref())
            .expect("AES-256 takes the 32 bytes of HMAC-SHA-256");
        // Eight bytes name the key beside what it sealed; they say nothing about the key itself.
        let id = self.derive("key id");
        Sealer::new(key, id.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn session_deriver(&self) -> SessionDeriver {
        SessionDeriver::new(hmac::Key::new(hmac::HMAC_SHA256, self.derive("derive sessions").as_ref()))
    }

    pub(crate) fn user_marks(&self) -> UserMarks {
        UserMarks::new(hmac::Key::new(hmac::HMAC_SHA256, self.derive("mark users in logs").as_ref()))
    }

    fn derive(&self, label: &str) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        hmac::sign(&key, format!("miniauth: {label}").as_bytes())
    }
}

/// The text is not a server key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a server key: it must be the base64 of 32 random bytes, as `openssl rand -base64 32` prints them")]
pub struct ServerKeyError;

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::system::SystemRandom;

    #[test]
    fn a_key_survives_its_file_and_does_not_print() {
        let key = ServerKey::generate(&SystemRandom);
        let text = key.to_base64();
        let again = ServerKey::from_base64(&format!("{}\n", text.expose_secret())).unwrap();
        assert_eq!(again.0.expose_secret(), key.0.expose_secret());
        assert!(!format!("{key:?}").contains(text.expose_secret()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "secret", &STANDARD.encode([1, 2, 3]), &STANDARD.encode([7; 32]), &STANDARD.encode([0; 33])] {
            assert!(ServerKey::from_base64(text).is_err(), "{text}");
        }
    }
}
