//! The platform's tokens, sealed for the database.

use aws_lc_rs::aead::{Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use miniauth_core::random::Random;
use secrecy::{ExposeSecret, ExposeSecretMut as _, SecretBox, SecretString};

/// Seals with AES-256-GCM under a random nonce.
///
/// Random nonces are safe for 2^32 tokens under one key, about four thousand million logins. The associated data binds
/// each token to its place: moved to another user, app or column, it does not open.
pub(crate) struct Sealer {
    key: LessSafeKey,
    key_id: String,
}

/// Whose token it is.
#[derive(Clone, Copy)]
pub(crate) struct TokenOwner<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) subject: &'a str,
}

/// Which of the tokens it is.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    AccessToken,
    RefreshToken,
}

impl Column {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

impl Sealer {
    pub(super) fn new(key: UnboundKey, key_id: String) -> Self {
        Self { key: LessSafeKey::new(key), key_id }
    }

    /// Names the key beside what it sealed, so that keys can be changed.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Nonce, ciphertext and tag.
    pub(crate) fn seal(
        &self,
        token: &SecretString,
        owner: TokenOwner<'_>,
        column: Column,
        random: &dyn Random,
    ) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let token = token.expose_secret().as_bytes();
        let mut sealed = Vec::with_capacity(NONCE_LEN + token.len() + MAX_TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(token);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.associated_data(owner, column)),
                &mut sealed[NONCE_LEN..],
            )
            .expect("a token is far below the 64 GiB that AES-GCM takes");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// The token, if it was sealed by this key for this place and nobody changed it.
    pub(crate) fn open(&self, sealed: &[u8], owner: TokenOwner<'_>, column: Column) -> Option<SecretString> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = SecretBox::new(Box::new(rest.to_vec()));
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(self.associated_data(owner, column)), rest.expose_secret_mut())
            .ok()?;
        std::str::from_utf8(plain).ok().map(SecretString::from)
    }

    /// Each part with its length before it, so that no two places have the same bytes.
    fn associated_data(&self, owner: TokenOwner<'_>, column: Column) -> Vec<u8> {
        let mut data = Vec::new();
        for part in [owner.app_id, owner.subject, column.as_str(), &self.key_id] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::ServerKey;
    use miniauth_openplatform::system::SystemRandom;

    const OWNER: TokenOwner<'_> = TokenOwner { app_id: "2021000000000001", subject: "074a1CcTG1LelxKe4xQC0" };

    fn open(sealer: &Sealer, sealed: &[u8], owner: TokenOwner<'_>, column: Column) -> Option<String> {
        sealer.open(sealed, owner, column).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn a_sealed_token_opens_only_in_its_place_and_untouched() {
        let sealer = ServerKey::generate(&SystemRandom).sealer();
        let token = SecretString::from("authusrBd65ef0c");
        let sealed = sealer.seal(&token, OWNER, Column::AccessToken, &SystemRandom);
        assert!(!sealed.windows(8).any(|window| window == b"authusrB"));
        assert_eq!(open(&sealer, &sealed, OWNER, Column::AccessToken).as_deref(), Some("authusrBd65ef0c"));

        assert_eq!(open(&sealer, &sealed, OWNER, Column::RefreshToken), None);
        assert_eq!(open(&sealer, &sealed, TokenOwner { subject: "another", ..OWNER }, Column::AccessToken), None);
        assert_eq!(open(&sealer, &sealed, TokenOwner { app_id: "another", ..OWNER }, Column::AccessToken), None);
        let other_key = ServerKey::generate(&SystemRandom).sealer();
        assert_eq!(open(&other_key, &sealed, OWNER, Column::AccessToken), None);
        for index in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[index] ^= 1;
            assert_eq!(open(&sealer, &touched, OWNER, Column::AccessToken), None, "byte {index}");
        }
    }

    #[test]
    fn the_same_token_is_sealed_differently_each_time() {
        let sealer = ServerKey::generate(&SystemRandom).sealer();
        let token = SecretString::from("authusrBd65ef0c");
        let seal = || sealer.seal(&token, OWNER, Column::AccessToken, &SystemRandom);
        assert_ne!(seal(), seal());
    }
}
