//! Moves everything from one database to another: from a SQLite file to PostgreSQL, or back.
//!
//! Moves raw rows in batches, parents before children: sealed tokens stay sealed under the same key. Skips rows that
//! exist already, so that an interrupted move can be resumed. Finally compares all rows of both databases.

use super::{
    Actor, AuditAction, Database, DatabaseUrl, OpenError, StoreError,
    audit::AuditEntry,
    open_database,
    rows::{Movable, Row, TABLES, Table},
};
use aws_lc_rs::digest::{SHA256, digest};
use miniauth_core::time::Timestamp;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Rows per batch.
const BATCH: u32 = 500;

/// Two open databases.
pub struct Transfer {
    from: Arc<dyn Database>,
    to: Arc<dyn Database>,
    now: Timestamp,
}

/// The progress of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The current table.
    pub table: &'static str,
    /// Rows done, in all tables.
    pub done: u64,
    /// Rows in all tables.
    pub all: u64,
}

/// The result for a table: the number of rows, on which both databases agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
}

/// Why a move failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database failed during the move; moved rows stay, and the move can be resumed.
    #[error("{0}; what was moved so far stays: fix this and resume")]
    Store(#[from] StoreError),
    /// The source file does not exist.
    #[error("there is no database file {0}: check --from")]
    NoSource(PathBuf),
    /// Both URLs are the same.
    #[error("--from and --to are the same database")]
    Same,
    /// The target has rows already.
    #[error(
        "the target already has {rows} rows in {table}: use an empty database, or resume if an earlier move into it was interrupted"
    )]
    NotEmpty {
        /// The table.
        table: &'static str,
        /// Its rows.
        rows: u64,
    },
    /// Another process, such as a server, has the file open.
    #[error("{0} is open in another process: first stop the server and every other program that uses the file")]
    InUse(PathBuf),
    /// The numbers of rows differ.
    #[error(
        "{table}: {from} rows in the source and {to} in the target. Does a server still write to one of them, or did the target have \
         rows before? Stop the servers, and move into an empty database"
    )]
    Disagree {
        /// The table.
        table: &'static str,
        /// Rows of the source.
        from: u64,
        /// Rows of the target.
        to: u64,
    },
    /// The numbers of rows are equal, but the rows differ.
    #[error(
        "{table}: the rows of source and target differ. Does a server still write to one of them? Stop the servers, and move into an \
         empty database"
    )]
    Differ {
        /// The table.
        table: &'static str,
    },
}

impl Transfer {
    /// Opens both databases and brings their tables up to date. Leaves out sessions that have expired by `now`.
    ///
    /// # Errors
    /// [`TransferError`] if one of them cannot be opened, or both are the same.
    pub async fn open(from: &DatabaseUrl, to: &DatabaseUrl, now: Timestamp) -> Result<Self, TransferError> {
        if from.is_same_as(to) {
            return Err(TransferError::Same);
        }
        // Opening a missing file would create it.
        if let Some(file) = from.file()
            && !file.exists()
        {
            return Err(TransferError::NoSource(file.to_owned()));
        }
        for file in [from, to].into_iter().filter_map(DatabaseUrl::file) {
            require_free(file)?;
        }
        Ok(Self { from: open_database(from).await?, to: open_database(to).await?, now })
    }

    /// Moves everything, and compares both databases. Writes an audit row into the source first, which is moved too.
    /// Calls `progress` after each batch.
    ///
    /// # Errors
    /// [`TransferError`] if the target has rows and `resume` is not set, if a database fails, or if the two differ.
    pub async fn run(
        &self,
        resume: bool,
        by: &Actor,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<Moved>, TransferError> {
        if !resume {
            self.require_empty_target().await?;
        }
        self.from.note(vec![AuditEntry::new(by, AuditAction::DatabaseMoved, self.now)]).await?;
        let mut all = 0;
        for table in TABLES {
            all += self.from.count(table, self.now).await?;
        }
        let mut done = 0;
        for table in TABLES {
            let mut after = None;
            loop {
                let rows = self.from.rows(table, after, self.now, BATCH).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.clone());
                done += rows.len() as u64;
                self.to.insert(table, rows).await?;
                progress(Progress { table: table.name, done, all });
            }
        }
        self.to.finish().await?;
        self.compare().await
    }

    /// Finishes pending work and closes both databases.
    pub async fn close(&self) {
        Movable::close(&*self.from).await;
        Movable::close(&*self.to).await;
    }

    async fn require_empty_target(&self) -> Result<(), TransferError> {
        for table in TABLES {
            match self.to.count(table, self.now).await? {
                0 => {}
                rows => return Err(TransferError::NotEmpty { table: table.name, rows }),
            }
        }
        Ok(())
    }

    async fn compare(&self) -> Result<Vec<Moved>, TransferError> {
        let mut moved = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let from = Content::of(&*self.from, table, self.now).await?;
            let to = Content::of(&*self.to, table, self.now).await?;
            if from.rows != to.rows {
                return Err(TransferError::Disagree { table: table.name, from: from.rows, to: to.rows });
            }
            if from != to {
                return Err(TransferError::Differ { table: table.name });
            }
            moved.push(Moved { table: table.name, rows: to.rows });
        }
        Ok(moved)
    }
}

/// The content of a table, independent of the order of rows.
#[derive(PartialEq, Eq)]
struct Content {
    rows: u64,
    /// The sum of the rows' hashes.
    sum: u128,
}

impl Content {
    async fn of(database: &dyn Movable, table: &'static Table, now: Timestamp) -> Result<Self, StoreError> {
        let (mut content, mut after) = (Self { rows: 0, sum: 0 }, None);
        loop {
            let rows = database.rows(table, after, now, BATCH).await?;
            let Some(last) = rows.last() else { return Ok(content) };
            after = Some(last.clone());
            for row in rows {
                content.rows += 1;
                content.sum = content.sum.wrapping_add(hash_of(row));
            }
        }
    }
}

fn hash_of(row: Row) -> u128 {
    let hash = digest(&SHA256, serde_json::Value::Object(row).to_string().as_bytes());
    hash.as_ref().first_chunk().copied().map_or(0, u128::from_be_bytes)
}

#[cfg(feature = "sqlite")]
fn require_free(file: &Path) -> Result<(), TransferError> {
    use super::sqlite::transfer::is_in_use;
    if is_in_use(file) { Err(TransferError::InUse(file.to_owned())) } else { Ok(()) }
}

#[cfg(not(feature = "sqlite"))]
fn require_free(_: &Path) -> Result<(), TransferError> {
    Ok(())
}
