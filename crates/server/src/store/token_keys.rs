//! The keys that sign tokens for back-ends, shared by all instances.

use super::{Actor, AuditAction, StoreError, Stores, audit::AuditEntry};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use serde::Serialize;

/// A key, as stored in the database.
#[derive(Debug, Clone)]
pub(crate) struct StoredTokenKey {
    pub(crate) number: i64,
    /// The key's id in the header of a token (`kid`).
    pub(crate) id: String,
    /// The id of the server key that sealed the private half.
    pub(crate) key_id: String,
    /// Sealed.
    pub(crate) private_key: Vec<u8>,
    /// An uncompressed point.
    pub(crate) public_key: Vec<u8>,
    pub(crate) signs_from: Timestamp,
    /// Whether an operator requested the next key.
    pub(crate) retired: bool,
}

/// Stores the keys that sign tokens.
#[async_trait]
pub(crate) trait TokenKeyStore: Send + Sync {
    /// Returns all keys, the oldest first.
    async fn token_keys(&self) -> Result<Vec<StoredTokenKey>, StoreError>;

    /// Adds a key, unless another instance has taken its number.
    async fn add_token_key(&self, key: StoredTokenKey) -> Result<(), StoreError>;

    /// Deletes a key.
    async fn forget_token_key(&self, id: &str) -> Result<(), StoreError>;

    /// Marks all keys as to be replaced, or deletes them. Returns how many there were, and adds an audit row if there
    /// were any.
    async fn rotate_token_keys(&self, revoke: bool, entry: AuditEntry) -> Result<u64, StoreError>;
}

/// A key that signs tokens, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenKeyInfo {
    /// `kid` in the header of the tokens that it signs.
    pub id: String,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Whether the next key was requested.
    pub retired: bool,
}

impl Stores {
    /// Returns the keys that sign tokens for back-ends, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn token_keys(&self) -> Result<Vec<TokenKeyInfo>, StoreError> {
        let keys = self.token_keys.token_keys().await?;
        let info = |key: StoredTokenKey| TokenKeyInfo { id: key.id, signs_from: key.signs_from, retired: key.retired };
        Ok(keys.into_iter().map(info).collect())
    }

    /// Requests the next key, which the servers create within ten seconds, at the next token. Returns how many keys
    /// there are. With `revoke`, deletes the present keys at once; their tokens stay valid until the back-ends fetch
    /// the list of keys again.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
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
