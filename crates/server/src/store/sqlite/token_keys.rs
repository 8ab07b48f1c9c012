//! The keys that sign tokens.

use super::{Database, audit::noting};
use crate::store::{
    StoreError,
    audit::AuditEntry,
    from_stored, to_stored,
    token_keys::{ADD, ALL, FORGET, RETIRE, REVOKE, StoredTokenKey, TokenKeyStore},
};
use async_trait::async_trait;
use rusqlite::{Row, params};

#[async_trait]
impl TokenKeyStore for Database {
    async fn token_keys(&self) -> Result<Vec<StoredTokenKey>, StoreError> {
        self.read(|connection| connection.prepare_cached(ALL)?.query_map((), stored)?.collect()).await
    }

    async fn add_token_key(&self, key: StoredTokenKey) -> Result<(), StoreError> {
        self.write(move |connection| {
            let values = params![
                key.number,
                key.id,
                key.key_id,
                key.private_key,
                key.public_key,
                to_stored(key.signs_from),
                key.retired
            ];
            connection.prepare_cached(ADD)?.execute(values).map(drop)
        })
        .await
    }

    async fn forget_token_key(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |connection| connection.prepare_cached(FORGET)?.execute([id]).map(drop)).await
    }

    async fn rotate_token_keys(&self, revoke: bool, entry: AuditEntry) -> Result<u64, StoreError> {
        let statement = if revoke { REVOKE } else { RETIRE };
        self.write(move |connection| noting(connection, statement, (), &entry).map(|keys| keys as u64)).await
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredTokenKey> {
    Ok(StoredTokenKey {
        number: row.get(0)?,
        id: row.get(1)?,
        key_id: row.get(2)?,
        private_key: row.get(3)?,
        public_key: row.get(4)?,
        signs_from: from_stored(row.get(5)?),
        retired: row.get(6)?,
    })
}
