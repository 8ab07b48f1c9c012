//! The audit.

use super::{Database, Statement, bounded};
use crate::store::{
    StoreError,
    audit::{ADD, AuditEntry, AuditFilter, AuditRow, AuditStore, SELECT},
    from_stored, to_stored,
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgRow};

#[async_trait]
impl AuditStore for Database {
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            for entry in &entries {
                note(&mut transaction, entry).await?;
            }
            transaction.commit().await
        })
        .await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let AuditFilter { subject, action, since, limit } = filter;
        let select = sqlx::query(SELECT)
            .bind(subject.map(SubjectId::stored))
            .bind(action.map(|action| action.as_str()))
            .bind(to_stored(since))
            .bind(i64::from(limit));
        let rows = bounded(self.pool.fetch_all(select)).await?;
        Ok(rows.iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    async fn forget_audit(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM audit WHERE (done_at, id) IN
                 (SELECT done_at, id FROM audit WHERE done_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }
}

impl Database {
    /// Executes a statement, and writes the audit row in the same transaction if it changed anything. Returns the
    /// number of changed rows.
    pub(super) async fn noting(&self, statement: Statement<'_>, entry: &AuditEntry) -> Result<u64, StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            let changed = statement.execute(&mut *transaction).await?.rows_affected();
            if changed > 0 {
                note(&mut transaction, entry).await?;
            }
            transaction.commit().await?;
            Ok(changed)
        })
        .await
    }
}

/// Inserts a row in the caller's transaction.
pub(super) async fn note(connection: &mut PgConnection, entry: &AuditEntry) -> sqlx::Result<()> {
    let AuditEntry { at, actor, action, subject, detail } = entry;
    sqlx::query(ADD)
        .bind(to_stored(*at))
        .bind(actor)
        .bind(action.as_str())
        .bind(subject.map(SubjectId::stored))
        .bind(detail)
        .execute(connection)
        .await
        .map(drop)
}

fn read(row: &PgRow) -> sqlx::Result<AuditRow> {
    Ok(AuditRow {
        at: from_stored(row.try_get("done_at")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get::<Option<i64>, _>("subject")?.map(SubjectId::from_stored),
        detail: row.try_get("detail")?,
    })
}
