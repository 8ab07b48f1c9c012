//! The back-ends that may introspect sessions.

use super::{Database, audit::noting};
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
use rusqlite::{Row, params};

#[async_trait]
impl BackendStore for Database {
    async fn backends(&self) -> Result<Vec<StoredBackend>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(ALL)?;
            select.query_map((), |row| read(row).map(StoredBackend::from))?.collect()
        })
        .await
    }

    async fn add_backend(
        &self,
        StoredBackend { backend, secret, .. }: StoredBackend,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let changed_at = to_stored(backend.changed_at);
            let claims = backend.claims.to_string();
            let values = params![backend.name.as_str(), claims, backend.app_id, secret.as_bytes(), changed_at];
            Ok(noting(connection, ADD, values, &entry)? == 1)
        })
        .await
    }

    async fn change_secret(
        &self,
        name: &BackendName,
        secret: BackendSecretHash,
        old_until: Timestamp,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let name = name.as_str().to_owned();
        self.write(move |connection| {
            let values = params![to_stored(old_until), secret.as_bytes(), to_stored(entry.at), name];
            Ok(noting(connection, CHANGE, values, &entry)? == 1)
        })
        .await
    }

    async fn remove_backend(&self, name: &BackendName, entry: AuditEntry) -> Result<bool, StoreError> {
        let name = name.as_str().to_owned();
        self.write(move |connection| Ok(noting(connection, REMOVE, [name], &entry)? == 1)).await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<BackendRow> {
    Ok(BackendRow {
        name: row.get(0)?,
        claims: row.get(1)?,
        app_id: row.get(2)?,
        secret_hash: row.get(3)?,
        old_secret_hash: row.get(4)?,
        old_secret_until: row.get(5)?,
        changed_at: row.get(6)?,
    })
}
