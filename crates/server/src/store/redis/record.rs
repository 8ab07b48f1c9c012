//! A session as Redis keeps it, and the names of its keys.

use crate::{
    crypto::SessionHash,
    store::{StoreFault, members::GrantId},
};
use miniauth_core::time::Timestamp;

pub(super) const SESSION_PREFIX: &[u8] = b"miniauth:session:";
pub(super) const GRANT_PREFIX: &[u8] = b"miniauth:grant:";

/// How long a session that is over is still known as such: a day, in milliseconds, like in the databases.
pub(super) const REMEMBERED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Grant, creation and end: three big-endian numbers of 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) grant: GrantId,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl Record {
    pub(super) fn to_bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.grant.0.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.created_at.as_millis().to_be_bytes());
        bytes[16..].copy_from_slice(&self.expires_at.as_millis().to_be_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, StoreFault> {
        let unreadable = StoreFault::Unreadable("Redis");
        let ([grant, created_at, expires_at], []) = bytes.as_chunks::<8>() else { return Err(unreadable) };
        Ok(Self {
            grant: GrantId(i64::from_be_bytes(*grant)),
            created_at: Timestamp::from_millis(u64::from_be_bytes(*created_at)),
            expires_at: Timestamp::from_millis(u64::from_be_bytes(*expires_at)),
        })
    }
}

/// When Redis forgets a session, in milliseconds.
pub(super) fn forgotten_at(expires_at: Timestamp) -> u64 {
    expires_at.as_millis().saturating_add(REMEMBERED_MILLIS)
}

pub(super) fn session_key(hash: &SessionHash) -> Vec<u8> {
    [SESSION_PREFIX, hash.as_bytes()].concat()
}

pub(super) fn grant_key(grant: GrantId) -> Vec<u8> {
    [GRANT_PREFIX, &grant.0.to_be_bytes()].concat()
}
