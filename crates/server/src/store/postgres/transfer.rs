//! Reads and inserts raw rows, as JSON that PostgreSQL itself reads and writes.

use super::{Database, bounded};
use crate::store::{
    StoreError,
    rows::{Movable, Row, Table},
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use sqlx::AssertSqlSafe;

#[async_trait]
impl Movable for Database {
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError> {
        let statement = format!("SELECT count(*) FROM {} WHERE {}", table.name, table.condition(now));
        let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement));
        let count = bounded(async { count.fetch_one(&mut *self.pool.acquire().await?).await }).await?;
        Ok(count.unsigned_abs())
    }

    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let (Table { name, key, .. }, condition) = (table, table.condition(now));
        let statement = format!(
            "SELECT row_to_json(one)::text FROM {name} AS one WHERE {condition} AND ($1::json IS NULL
                 OR ({key}) > (SELECT {key} FROM json_populate_record(NULL::{name}, $1::json)))
             ORDER BY {key} LIMIT {limit}"
        );
        bounded(async {
            let after = after.as_ref().map(json).transpose()?;
            let rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(statement)).bind(after);
            rows.fetch_all(&mut *self.pool.acquire().await?)
                .await?
                .iter()
                .map(|row| serde_json::from_str(row).map_err(|error| sqlx::Error::Decode(error.into())))
                .collect()
        })
        .await
    }

    async fn insert(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let name = table.name;
        let statement = format!(
            "INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::json) ON CONFLICT DO NOTHING"
        );
        let insert = sqlx::query(AssertSqlSafe(statement)).bind(json(&rows).map_err(StoreError::from)?);
        self.execute(insert).await.map(drop)
    }

    async fn finish(&self) -> Result<(), StoreError> {
        // Rows that bring their own ids do not advance the sequence.
        let counter = "SELECT setval(pg_get_serial_sequence('consents', 'id'), max(id)) FROM consents";
        self.execute(sqlx::query(counter)).await.map(drop)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

fn json(rows: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))
}
