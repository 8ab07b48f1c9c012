//! The back-ends that may introspect sessions.

use super::{Database, bounded};
use crate::{
    crypto::BackendSecretHash,
    store::{
        StoreError,
        audit::AuditEntry,
        backends::{ADD, ALL, BackendName, BackendRow, BackendStore, CHANGE, REMOVE, StoredBackend},
        to_stored,
    },
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use sqlx::{Row as _, postgres::PgRow};

#[async_trait]
impl BackendStore for Database {
    async fn backends(&self) -> Result<Vec<StoredBackend>, StoreError> {
        let rows = bounded(self.pool.fetch_all(sqlx::query(ALL))).await?;
        Ok(rows.iter().map(|row| read(row).map(StoredBackend::from)).collect::<sqlx::Result<_>>()?)
    }

    async fn add_backend(
        &self,
        StoredBackend { backend, secret, .. }: StoredBackend,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let add = sqlx::query(ADD)
            .bind(backend.name.as_str())
            .bind(backend.claims.to_string())
            .bind(backend.app_id)
            .bind(secret.as_bytes())
            .bind(to_stored(backend.changed_at));
        Ok(self.noting(add, &entry).await? == 1)
    }

    async fn change_secret(
        &self,
        name: &BackendName,
        secret: BackendSecretHash,
        old_until: Timestamp,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let change = sqlx::query(CHANGE)
            .bind(to_stored(old_until))
            .bind(secret.as_bytes())
            .bind(to_stored(entry.at))
            .bind(name.as_str());
        Ok(self.noting(change, &entry).await? == 1)
    }

    async fn remove_backend(&self, name: &BackendName, entry: AuditEntry) -> Result<bool, StoreError> {
        let remove = sqlx::query(REMOVE).bind(name.as_str());
        Ok(self.noting(remove, &entry).await? == 1)
    }
}

fn read(row: &PgRow) -> sqlx::Result<BackendRow> {
    Ok(BackendRow {
        name: row.try_get("name")?,
        claims: row.try_get("claims")?,
        app_id: row.try_get("app_id")?,
        secret_hash: row.try_get("secret_hash")?,
        old_secret_hash: row.try_get("old_secret_hash")?,
        old_secret_until: row.try_get("old_secret_until")?,
        changed_at: row.try_get("changed_at")?,
    })
}
