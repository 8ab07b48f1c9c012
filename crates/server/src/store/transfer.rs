//! Moving everything from one database to another: from the first file to PostgreSQL, or back.
//!
//! Rows go in batches, parents before children, each as it is: sealed tokens stay sealed, under the same key. A row that is
//! there already is left alone, so that a move that broke off can be resumed. In the end the tables are counted on both
//! sides, and every count must agree.

use super::{DatabaseUrl, OpenError, StoreError, open_database};
use Kind::{Bytes, Number, Text};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// Rows in one go.
const BATCH: u32 = 500;

/// A database whose rows can be taken out and put in as they are.
#[async_trait]
pub(super) trait Movable: Send + Sync {
    /// How many rows of a table are to be moved: all, or of sessions those that live.
    async fn count(&self, table: &'static Table, now: Timestamp) -> Result<u64, StoreError>;

    /// The rows after a key, in the order of keys.
    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError>;

    /// Adds rows, all or none; those whose key is there already are left alone.
    async fn insert(&self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError>;

    /// Makes the database go on counting where the moved rows end.
    async fn finish(&self) -> Result<(), StoreError>;

    /// Finishes and lets go of the database.
    async fn close(&self);
}

/// Two databases, open.
pub struct Transfer {
    from: Arc<dyn Movable>,
    to: Arc<dyn Movable>,
    now: Timestamp,
}

/// How far a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which table.
    pub table: &'static str,
    /// Rows of all tables that are done.
    pub done: u64,
    /// Rows of all tables.
    pub all: u64,
}

/// What became of a table: the count that both databases agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which table.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
}

/// Why a move did not happen, or not to the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database failed on the way; what was moved stays, and the move can be resumed.
    #[error("{0}; what was moved so far stays: mend it and resume")]
    Store(#[from] StoreError),
    /// There is no such file to move from.
    #[error("there is no database file {0}: check --from")]
    NoSource(PathBuf),
    /// Both addresses are the same.
    #[error("--from and --to are the same database")]
    Same,
    /// The target has rows of its own.
    #[error(
        "the target already has {rows} rows in {table}: take an empty database, or resume if an earlier move into it broke off"
    )]
    NotEmpty {
        /// The table.
        table: &'static str,
        /// Its rows.
        rows: u64,
    },
    /// The counts do not agree.
    #[error(
        "{table}: {from} rows there and {to} here. Does a server still write to one of the two, or had the target rows of its \
         own? Stop the servers, and move into an empty database"
    )]
    Disagree {
        /// The table.
        table: &'static str,
        /// Rows of the source.
        from: u64,
        /// Rows of the target.
        to: u64,
    },
}

impl Transfer {
    /// Opens both databases, and brings their tables up to date. Sessions that are over at `now` stay behind.
    ///
    /// # Errors
    /// [`TransferError`] when one of them cannot be opened, or both are one.
    pub async fn open(from: &DatabaseUrl, to: &DatabaseUrl, now: Timestamp) -> Result<Self, TransferError> {
        if from.is_same_as(to) {
            return Err(TransferError::Same);
        }
        // To open a file that is not there would make it.
        if let Some(file) = from.file()
            && !file.exists()
        {
            return Err(TransferError::NoSource(file.to_owned()));
        }
        Ok(Self { from: open_database(from).await?, to: open_database(to).await?, now })
    }

    /// Moves everything, and compares the counts. `progress` is told after each batch.
    ///
    /// # Errors
    /// [`TransferError`] when the target has rows and `resume` is not set, when a database fails, or when the counts do not
    /// agree.
    pub async fn run(
        &self,
        resume: bool,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<Moved>, TransferError> {
        if !resume {
            self.require_empty_target().await?;
        }
        let mut all = 0;
        for table in ALL {
            all += self.from.count(table, self.now).await?;
        }
        let mut done = 0;
        for table in ALL {
            let mut after = None;
            loop {
                let rows = self.from.rows(table, after, self.now, BATCH).await?;
                let Some(last) = rows.last() else { break };
                after = Some(table.key_of(last));
                done += rows.len() as u64;
                self.to.insert(table, rows).await?;
                progress(Progress { table: table.name, done, all });
            }
        }
        self.to.finish().await?;
        self.compare().await
    }

    /// Finishes and lets go of both databases.
    pub async fn close(&self) {
        self.from.close().await;
        self.to.close().await;
    }

    async fn require_empty_target(&self) -> Result<(), TransferError> {
        for table in ALL {
            match self.to.count(table, self.now).await? {
                0 => {}
                rows => return Err(TransferError::NotEmpty { table: table.name, rows }),
            }
        }
        Ok(())
    }

    async fn compare(&self) -> Result<Vec<Moved>, TransferError> {
        let mut moved = Vec::with_capacity(ALL.len());
        for table in ALL {
            let (from, to) = (self.from.count(table, self.now).await?, self.to.count(table, self.now).await?);
            if from != to {
                return Err(TransferError::Disagree { table: table.name, from, to });
            }
            moved.push(Moved { table: table.name, rows: to });
        }
        Ok(moved)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bytes,
}

/// What stands in one place of a row.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

/// A table whose key is its first columns.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    key_length: usize,
    /// Whether rows with an `expires_at` that has passed stay behind.
    pub(super) living_only: bool,
}

impl Table {
    const fn new(name: &'static str, key_length: usize, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, key_length, living_only: false }
    }

    /// The names of the key's columns, separated by commas.
    pub(super) fn key_columns(&self) -> String {
        names(&self.columns[..self.key_length])
    }

    /// The names of all columns, separated by commas.
    pub(super) fn all_columns(&self) -> String {
        names(self.columns)
    }

    fn key_of(&self, row: &[Value]) -> Vec<Value> {
        row.iter().take(self.key_length).cloned().collect()
    }
}

fn names(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Parents before children.
const ALL: &[Table] = &[
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
