//! Raw rows, to move from one database to another.

use super::StoreError;
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use serde_json::{Map, Value};

/// A row by column name. Bytes are texts in PostgreSQL's format: `\x` and hexadecimal digits.
pub(super) type Row = Map<String, Value>;

/// A table and its key columns.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    /// Whether rows whose `expires_at` has passed are left out.
    living_only: bool,
}

impl Table {
    const fn new(name: &'static str, key: &'static str) -> Self {
        Self { name, key, living_only: false }
    }

    /// Returns the condition for the rows to move.
    pub(super) fn condition(&self, now: Timestamp) -> String {
        if self.living_only { format!("expires_at > {}", now.as_millis()) } else { "1 = 1".to_owned() }
    }
}

/// Parents before children.
pub(super) const TABLES: &[Table] = &[
    Table::new("subjects", "id"),
    Table::new("grants", "subject"),
    Table { living_only: true, ..Table::new("sessions", "session_hash") },
    Table::new("consents", "id"),
    Table::new("phones", "subject"),
    Table::new("code_claims", "app_id, code_hash"),
    Table::new("code_outcomes", "app_id, code_hash"),
    Table::new("withdrawals", "app_id, id_hash"),
    Table::new("token_keys", "number"),
    Table::new("backends", "name"),
    Table::new("audit", "done_at, id"),
];

/// A database whose raw rows can be read and inserted.
#[async_trait]
pub(super) trait Movable: Send + Sync {
    /// Returns the number of rows to move: all, or for sessions the valid ones.
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError>;

    /// Returns the rows after a given one, in the order of the key.
    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;

    /// Inserts rows, all or none; skips those whose key exists.
    async fn insert(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Sets the database's counters to the end of the moved rows.
    async fn finish(&self) -> Result<(), StoreError>;

    /// Finishes pending work and closes the database.
    async fn close(&self);
}
