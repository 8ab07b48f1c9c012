//! Reads and inserts raw rows.

use super::Database;
use crate::store::{
    StoreError,
    rows::{Movable, Row, Table},
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, params_from_iter,
    types::{Value, ValueRef},
};
use serde_json::Value as Json;
use std::{path::Path, time::Duration};

#[async_trait]
impl Movable for Database {
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError> {
        let statement = format!("SELECT count(*) FROM {} WHERE {}", table.name, table.condition(now));
        let count: i64 = self.read(move |connection| connection.query_row(&statement, (), |row| row.get(0))).await?;
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
        let columns: Vec<&str> = key.split(", ").collect();
        let beyond = after.as_ref().map(|_| format!("AND ({key}) > ({})", places(columns.len()))).unwrap_or_default();
        let statement = format!("SELECT * FROM {name} WHERE {condition} {beyond} ORDER BY {key} LIMIT {limit}");
        self.read(move |connection| {
            let after = after.map(|row| values(connection, name, &columns, &row)).transpose()?.unwrap_or_default();
            let mut select = connection.prepare_cached(&statement)?;
            let columns: Vec<String> = select.column_names().into_iter().map(str::to_owned).collect();
            let rows = select.query_map(params_from_iter(after), |row| {
                columns.iter().map(|column| Ok((column.clone(), to_json(row.get_ref(column.as_str())?)?))).collect()
            })?;
            rows.collect()
        })
        .await
    }

    async fn insert(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        self.write(move |connection| {
            for row in rows {
                let columns: Vec<&str> = row.keys().map(String::as_str).collect();
                let (name, names, places) = (table.name, columns.join(", "), places(columns.len()));
                let insert = format!("INSERT INTO {name} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING");
                let values = values(connection, name, &columns, &row)?;
                connection.prepare_cached(&insert)?.execute(params_from_iter(values))?;
            }
            Ok(())
        })
        .await
    }

    /// Does nothing: SQLite counts on from the largest id.
    async fn finish(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        self.close().await;
    }
}

/// Returns whether another process has the file open. Each connection holds a lock while it is open, which prevents
/// exclusive access.
pub(in crate::store) fn is_in_use(file: &Path) -> bool {
    let alone = || {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))
    };
    alone().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}

/// Returns `count` placeholders.
fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn to_json(value: ValueRef<'_>) -> rusqlite::Result<Json> {
    Ok(match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(_) => value.as_str()?.into(),
        ValueRef::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            ["\\x".to_owned()].into_iter().chain(digits).collect::<String>().into()
        }
    })
}

/// Returns the values of these columns in a row. The table's schema says which are bytes.
fn values(connection: &Connection, table: &str, columns: &[&str], row: &Row) -> rusqlite::Result<Vec<Value>> {
    let kind_of = "SELECT type FROM pragma_table_info(?1) WHERE name = ?2";
    let value = |column: &&str| {
        let kind: String = connection.prepare_cached(kind_of)?.query_row((table, column), |kind| kind.get(0))?;
        Ok(match row.get(*column) {
            Some(Json::String(text)) if kind == "BLOB" => bytes(text).map_or(Value::Null, Value::Blob),
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Number(number)) => number.as_i64().map_or(Value::Null, Value::Integer),
            _ => Value::Null,
        })
    };
    columns.iter().map(value).collect()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}
