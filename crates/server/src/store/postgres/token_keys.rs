//! The keys that sign tokens.

use super::{Database, bounded};
use crate::store::{
    StoreError,
    audit::AuditEntry,
    from_stored, to_stored,
    token_keys::{ADD, ALL, FORGET, RETIRE, REVOKE, StoredTokenKey, TokenKeyStore},
};
use async_trait::async_trait;
use sqlx::{Row as _, postgres::PgRow};

#[async_trait]
impl TokenKeyStore for Database {
    async fn token_keys(&self) -> Result<Vec<StoredTokenKey>, StoreError> {
        let rows = bounded(self.pool.fetch_all(sqlx::query(ALL))).await?;
        Ok(rows.iter().map(stored).collect::<sqlx::Result<_>>()?)
    }

    async fn add_token_key(&self, key: StoredTokenKey) -> Result<(), StoreError> {
        let add = sqlx::query(ADD)
            .bind(key.number)
            .bind(key.id)
            .bind(key.key_id)
            .bind(key.private_key)
            .bind(key.public_key)
            .bind(to_stored(key.signs_from))
            .bind(i16::from(key.retired));
        self.execute(add).await.map(drop)
    }

    async fn forget_token_key(&self, id: &str) -> Result<(), StoreError> {
        self.execute(sqlx::query(FORGET).bind(id)).await.map(drop)
    }

    async fn rotate_token_keys(&self, revoke: bool, entry: AuditEntry) -> Result<u64, StoreError> {
        self.noting(sqlx::query(if revoke { REVOKE } else { RETIRE }), &entry).await
    }
}

fn stored(row: &PgRow) -> sqlx::Result<StoredTokenKey> {
    Ok(StoredTokenKey {
        number: row.try_get("number")?,
        id: row.try_get("id")?,
        key_id: row.try_get("key_id")?,
        private_key: row.try_get("private_key")?,
        public_key: row.try_get("public_key")?,
        signs_from: from_stored(row.try_get("signs_from")?),
        retired: row.try_get::<i16, _>("retired")? == 1,
    })
}
