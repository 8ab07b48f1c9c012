//! Hashes under which secrets are looked up: the database holds these and never the secrets.
//!
//! Plain SHA-256 is enough: codes and sessions are long and random, so there is nothing to guess.

use aws_lc_rs::digest::{SHA256, digest};
use miniauth_core::wire::{AuthCode, LoginId, SessionToken};
use std::marker::PhantomData;

/// The key of a code's claim.
pub(crate) type CodeHash = HashOf<AuthCode>;
/// Tells a repeated post from a foreign one.
pub(crate) type LoginIdHash = HashOf<LoginId>;
/// The key of a session.
pub(crate) type SessionHash = HashOf<SessionToken>;

/// The SHA-256 hash of one kind of secret, not to be mixed up with that of another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct HashOf<Secret> {
    bytes: Box<[u8]>,
    kind: PhantomData<Secret>,
}

impl<Secret: Exposed> HashOf<Secret> {
    pub(crate) fn of(secret: &Secret) -> Self {
        Self { bytes: digest(&SHA256, secret.text().as_bytes()).as_ref().into(), kind: PhantomData }
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), kind: PhantomData }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The wire's opaque strings.
pub(crate) trait Exposed {
    fn text(&self) -> &str;
}

impl Exposed for AuthCode {
    fn text(&self) -> &str {
        self.expose()
    }
}

impl Exposed for LoginId {
    fn text(&self) -> &str {
        self.expose()
    }
}

impl Exposed for SessionToken {
    fn text(&self) -> &str {
        self.expose()
    }
}
