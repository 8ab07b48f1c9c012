//! Rows as they are, out of this file and into it.

use super::Database;
use crate::store::{
    StoreError, to_stored,
    transfer::{Kind, Movable, Table, Value},
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use rusqlite::{Row, ToSql, params_from_iter, types::ToSqlOutput};

#[async_trait]
impl Movable for Database {
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError> {
        let mut statement = format!("SELECT count(*) FROM {}", table.name);
        if table.living_only {
            statement.push_str(&format!(" WHERE expires_at > {}", to_stored(now)));
        }
        let count: i64 = self.read(move |connection| connection.query_row(&statement, (), |row| row.get(0))).await?;
        Ok(count.unsigned_abs())
    }

    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let (columns, key) = (table.all_columns(), table.key_columns());
        let mut statement = format!("SELECT {columns} FROM {} WHERE 1 = 1", table.name);
        if let Some(after) = &after {
            statement.push_str(&format!(" AND ({key}) > ({})", places(after.len())));
        }
        if table.living_only {
            statement.push_str(&format!(" AND expires_at > {}", to_stored(now)));
        }
        statement.push_str(&format!(" ORDER BY {key} LIMIT {limit}"));
        self.read(move |connection| {
            let mut select = connection.prepare_cached(&statement)?;
            select.query_map(params_from_iter(after.unwrap_or_default()), |row| values(row, table))?.collect()
        })
        .await
    }

    async fn insert(&self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let (name, columns, places) = (table.name, table.all_columns(), places(table.columns.len()));
        let statement = format!("INSERT INTO {name} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING");
        self.write(move |connection| {
            for row in rows {
                connection.prepare_cached(&statement)?.execute(params_from_iter(row))?;
            }
            Ok(())
        })
        .await
    }

    /// SQLite counts on from the largest id by itself.
    async fn finish(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        self.close().await;
    }
}

/// As many parameters.
fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

fn values(row: &Row<'_>, table: &Table) -> rusqlite::Result<Vec<Value>> {
    let value = |(index, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Text => Value::Text(row.get(index)?),
            Kind::Number => Value::Number(row.get(index)?),
            Kind::Bytes => Value::Bytes(row.get(index)?),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}
