//! Rows as they are, out of this database and into it.

use super::{Database, bounded};
use crate::store::{
    StoreError, to_stored,
    transfer::{Kind, Movable, Table, Value},
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use sqlx::{Postgres, QueryBuilder, Row as _, postgres::PgRow};

#[async_trait]
impl Movable for Database {
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(format!("SELECT count(*) FROM {}", table.name));
        if table.living_only {
            query.push(" WHERE expires_at > ").push_bind(to_stored(now));
        }
        let count: i64 = bounded(query.build_query_scalar().fetch_one(&self.pool)).await?;
        Ok(count.unsigned_abs())
    }

    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut query =
            QueryBuilder::<Postgres>::new(format!("SELECT {} FROM {} WHERE 1 = 1", table.all_columns(), table.name));
        if table.living_only {
            query.push(" AND expires_at > ").push_bind(to_stored(now));
        }
        if let Some(after) = after {
            query.push(format!(" AND ({}) > ", table.key_columns()));
            query.push_tuples([after], |mut tuple, key| {
                for value in key {
                    push(&mut tuple, value);
                }
            });
        }
        query.push(format!(" ORDER BY {} LIMIT ", table.key_columns())).push_bind(i64::from(limit));
        bounded(async {
            let rows = query.build().fetch_all(&self.pool).await?;
            rows.iter().map(|row| values(row, table)).collect()
        })
        .await
    }

    async fn insert(&self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(format!("INSERT INTO {} ({}) ", table.name, table.all_columns()));
        query.push_values(rows, |mut tuple, row| {
            for value in row {
                push(&mut tuple, value);
            }
        });
        query.push(" ON CONFLICT DO NOTHING");
        bounded(query.build().execute(&self.pool)).await.map(drop)
    }

    async fn finish(&self) -> Result<(), StoreError> {
        // Rows that came with their own numbers do not move the counter that gives the next one.
        let counter = "SELECT setval(pg_get_serial_sequence('consents', 'id'), max(id)) FROM consents";
        bounded(sqlx::query(counter).execute(&self.pool)).await.map(drop)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

fn push(tuple: &mut sqlx::query_builder::Separated<'_, Postgres, &'static str>, value: Value) {
    match value {
        Value::Text(text) => tuple.push_bind(text),
        Value::Number(number) => tuple.push_bind(number),
        Value::Bytes(bytes) => tuple.push_bind(bytes),
    };
}

fn values(row: &PgRow, table: &Table) -> sqlx::Result<Vec<Value>> {
    let value = |(index, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Text => Value::Text(row.try_get(index)?),
            Kind::Number => Value::Number(row.try_get(index)?),
            Kind::Bytes => Value::Bytes(row.try_get(index)?),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}
