//! The audit.

use super::Database;
use crate::store::{
    StoreError,
    audit::{ADD, AuditEntry, AuditFilter, AuditRow, AuditStore, SELECT},
    from_stored, to_stored,
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use rusqlite::{Connection, Params, Row, params};

#[async_trait]
impl AuditStore for Database {
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |connection| entries.iter().try_for_each(|entry| note(connection, entry))).await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        self.read(move |connection| {
            let AuditFilter { subject, action, since, limit } = filter;
            let (subject, action) = (subject.map(SubjectId::stored), action.map(|action| action.as_str()));
            let mut select = connection.prepare(SELECT)?;
            select.query_map(params![subject, action, to_stored(since), limit], read)?.collect()
        })
        .await
    }

    async fn forget_audit(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(move |connection| {
            let forgotten = connection
                .prepare_cached(
                    "DELETE FROM audit WHERE (done_at, id) IN
                         (SELECT done_at, id FROM audit WHERE done_at < ?1 ORDER BY done_at, id LIMIT ?2)",
                )?
                .execute((to_stored(before), limit))?;
            Ok(forgotten as u64)
        })
        .await
    }
}

/// Inserts a row in the caller's transaction.
pub(super) fn note(connection: &Connection, entry: &AuditEntry) -> rusqlite::Result<()> {
    let AuditEntry { at, actor, action, subject, detail } = entry;
    connection
        .prepare_cached(ADD)?
        .execute(params![to_stored(*at), actor, action.as_str(), subject.map(SubjectId::stored), detail])
        .map(drop)
}

/// Executes a statement, and writes the audit row if it changed anything. Returns the number of changed rows.
pub(super) fn noting(
    connection: &Connection,
    statement: &str,
    values: impl Params,
    entry: &AuditEntry,
) -> rusqlite::Result<usize> {
    let changed = connection.execute(statement, values)?;
    if changed > 0 {
        note(connection, entry)?;
    }
    Ok(changed)
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        at: from_stored(row.get(0)?),
        actor: row.get(1)?,
        action: row.get(2)?,
        subject: row.get::<_, Option<i64>>(3)?.map(SubjectId::from_stored),
        detail: row.get(4)?,
    })
}
