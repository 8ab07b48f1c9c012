//! The tables that are moved, column by column: the same in every database.

use Kind::{Bytes, Number, Text};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    Text,
    Number,
    Bytes,
}

/// What stands in one place of a row.
#[derive(Debug, Clone)]
pub(in crate::store) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

/// A table whose key is its first columns.
pub(in crate::store) struct Table {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) columns: &'static [(&'static str, Kind)],
    key_length: usize,
    /// Whether rows with an `expires_at` that has passed stay behind.
    pub(in crate::store) living_only: bool,
}

impl Table {
    const fn new(name: &'static str, key_length: usize, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key_length, living_only: false }
    }

    /// The names of the key's columns, separated by commas.
    pub(in crate::store) fn key_columns(&self) -> String {
        names(&self.columns[..self.key_length])
    }

    /// The names of all columns, separated by commas.
    pub(in crate::store) fn all_columns(&self) -> String {
        names(self.columns)
    }

    pub(super) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        row.iter().take(self.key_length).cloned().collect()
    }
}

fn names(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Parents before children.
pub(super) const ALL: &[Table] = &[
    Table::new(
        "members",
        2,
        &[
            ("app_id", Text),
            ("subject", Text),
            ("open_id", Text),
            ("user_id", Text),
            ("nick_name", Text),
            ("avatar", Text),
            ("gender", Text),
            ("province", Text),
            ("city", Text),
            ("stored_at", Number),
        ],
    ),
    Table::new(
        "grants",
        1,
        &[
            ("id", Number),
            ("app_id", Text),
            ("subject", Text),
            ("scope", Text),
            ("key_id", Text),
            ("access_token", Bytes),
            ("refresh_token", Bytes),
            ("access_expires_at", Number),
            ("refresh_expires_at", Number),
            ("granted_at", Number),
            ("over_at", Number),
        ],
    ),
    Table {
        living_only: true,
        ..Table::new(
            "sessions",
            1,
            &[
                ("session_hash", Bytes),
                ("grant_id", Number),
                ("created_at", Number),
                ("expires_at", Number),
                ("app_id", Text),
                ("subject", Text),
                ("scope", Text),
            ],
        )
    },
    Table::new(
        "consents",
        1,
        &[
            ("id", Number),
            ("app_id", Text),
            ("subject", Text),
            ("scope", Text),
            ("purpose", Text),
            ("reported_at", Number),
            ("received_at", Number),
        ],
    ),
    Table::new(
        "code_claims",
        2,
        &[("app_id", Text), ("code_hash", Bytes), ("login_id_hash", Bytes), ("salt", Bytes), ("claimed_at", Number)],
    ),
    Table::new(
        "code_outcomes",
        2,
        &[
            ("app_id", Text),
            ("code_hash", Bytes),
            ("session_hash", Bytes),
            ("error_code", Text),
            ("answered_at", Number),
        ],
    ),
];
