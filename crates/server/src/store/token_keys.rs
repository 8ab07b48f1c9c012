//! The keys that sign tokens for back-ends, shared by all instances.

use super::{Actor, AuditAction, StoreError, Stores, audit::AuditEntry};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use serde::Serialize;

/// A key, as stored in the database.
#[derive(Debug, Clone)]
pub(crate) struct StoredTokenKey {
    pub(crate) number: i64,
    /// Names it in the header of a token (`kid`).
    pub(crate) id: String,
    /// Names the server's key that sealed the private half.
    pub(crate) key_id: String,
    /// Sealed.
    pub(crate) private_key: Vec<u8>,
    /// An uncompressed point.
    pub(crate) public_key: Vec<u8>,
    pub(crate) signs_from: Timestamp,
    /// An operator asked for the next one.
    pub(crate) retired: bool,
}

/// Keeps the keys that sign tokens.
#[async_trait]
pub(crate) trait TokenKeyStore: Send + Sync {
    /// All of them, the oldest first.
    async fn token_keys(&self) -> Result<Vec<StoredTokenKey>, StoreError>;

    /// Adds a key, unless another instance was faster and took its number.
    async fn add_token_key(&self, key: StoredTokenKey) -> Result<(), StoreError>;

    /// Forgets a key.
    async fn forget_token_key(&self, id: &str) -> Result<(), StoreError>;

    /// Says of every key that the next one is to take its place, or forgets them all; gives how many there were, and notes it if there were any.
    async fn rotate_token_keys(&self, revoke: bool, entry: AuditEntry) -> Result<u64, StoreError>;
}

/// A key that signs tokens, as an operator may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenKeyInfo {
    /// `kid` in the header of the tokens that it signs.
    pub id: String,
    /// Since when it signs, or from when on it will.
    pub signs_from: Timestamp,
    /// Whether the next one was asked for.
    pub retired: bool,
}

impl Stores {
    /// The keys that sign tokens for back-ends, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn token_keys(&self) -> Result<Vec<TokenKeyInfo>, StoreError> {
        let keys = self.token_keys.token_keys().await?;
        let info = |key: StoredTokenKey| TokenKeyInfo { id: key.id, signs_from: key.signs_from, retired: key.retired };
        Ok(keys.into_iter().map(info).collect())
    }

    /// Asks the servers for the next key, which they make within ten seconds of the next token that is asked of them; gives how
    /// many keys there are. With `revoke` the present ones are gone at once: what they signed stays good until the back-ends ask
    /// for the keys again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn rotate_token_keys(&self, revoke: bool, by: &Actor, now: Timestamp) -> Result<u64, StoreError> {
        let action = if revoke { AuditAction::KeysRevoked } else { AuditAction::KeysRotated };
        self.token_keys.rotate_token_keys(revoke, AuditEntry::new(by, action, now)).await
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const ALL: &str =
    "SELECT number, id, key_id, private_key, public_key, signs_from, retired FROM token_keys ORDER BY number";

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const ADD: &str = "
    INSERT INTO token_keys (number, id, key_id, private_key, public_key, signs_from, retired)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const FORGET: &str = "DELETE FROM token_keys WHERE id = $1";

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const RETIRE: &str = "UPDATE token_keys SET retired = 1";

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const REVOKE: &str = "DELETE FROM token_keys";
