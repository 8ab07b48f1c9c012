//! Rows as they are, out of a database and into another.

use super::StoreError;
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use serde_json::{Map, Value};

/// A row by the names of its columns. Bytes are a text as PostgreSQL writes them: `\x` and hexadecimal digits.
pub(super) type Row = Map<String, Value>;

/// A table and the columns of its key.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    /// Whether rows with an `expires_at` that has passed stay behind.
    living_only: bool,
}

impl Table {
    const fn new(name: &'static str, key: &'static str) -> Self {
        Self { name, key, living_only: false }
    }

    /// The condition for the rows that are moved.
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

/// A database whose rows can be taken out and put in as they are.
#[async_trait]
pub(super) trait Movable: Send + Sync {
    /// How many rows of a table are to be moved: all, or of sessions those that live.
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError>;

    /// The rows after another, in the order of keys.
    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;

    /// Adds rows, all or none; those whose key is there already are left alone.
    async fn insert(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Makes the database go on counting where the moved rows end.
    async fn finish(&self) -> Result<(), StoreError>;

    /// Finishes and lets go of the database.
    async fn close(&self);
}
