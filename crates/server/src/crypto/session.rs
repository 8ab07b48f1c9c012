//! Sessions that can be derived again, so that a repeated post gets the same one although only hashes are stored.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use miniauth_core::{
    random::Random,
    wire::{AuthCode, LoginId, SessionToken},
};

/// The random part of a session, kept in the claim of its code.
#[derive(Clone)]
pub(crate) struct Salt(Vec<u8>);

impl Salt {
    const LENGTH: usize = 32;

    pub(crate) fn generate(random: &dyn Random) -> Self {
        let mut salt = vec![0; Self::LENGTH];
        random.fill(&mut salt);
        Self(salt)
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Derives the session of a login: HMAC-SHA-256 over code, `login_id` and the claim's salt.
///
/// Whoever steals the database has the salt, but neither the key nor the code.
pub(crate) struct SessionDeriver(hmac::Key);

impl SessionDeriver {
    pub(super) fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    pub(crate) fn derive(&self, code: &AuthCode, login_id: Option<&LoginId>, salt: &Salt) -> SessionToken {
        let mut context = hmac::Context::with_key(&self.0);
        // Lengths first: no two logins can feed the same bytes.
        for part in [code.expose(), login_id.map_or("", LoginId::expose)] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.update(salt.as_bytes());
        SessionToken::parse(URL_SAFE_NO_PAD.encode(context.sign())).expect("32 bytes are 43 characters of base64url")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::ServerKey;
    use miniauth_openplatform::system::SystemRandom;

    #[test]
    fn a_session_depends_on_each_of_its_parts_and_on_nothing_else() {
        let deriver = ServerKey::generate(&SystemRandom).session_deriver();
        let salt = Salt::generate(&SystemRandom);
        let code = AuthCode::parse("c0de").unwrap();
        let id = LoginId::parse("0123456789abcdef").unwrap();
        let session = deriver.derive(&code, Some(&id), &salt);
        assert_eq!(deriver.derive(&code, Some(&id), &Salt::from_stored(salt.as_bytes().to_vec())), session);

        let other_id = LoginId::parse("0123456789abcdeg").unwrap();
        let other_code = AuthCode::parse("c0df").unwrap();
        let other_key = ServerKey::generate(&SystemRandom).session_deriver();
        let others = [
            deriver.derive(&other_code, Some(&id), &salt),
            deriver.derive(&code, Some(&other_id), &salt),
            deriver.derive(&code, None, &salt),
            deriver.derive(&code, Some(&id), &Salt::generate(&SystemRandom)),
            other_key.derive(&code, Some(&id), &salt),
        ];
        assert!(others.iter().all(|other| *other != session));
    }
}
