//! Moving everything from one database to another: from the first file to PostgreSQL, or back.
//!
//! Rows go in batches, parents before children, each as it is: sealed tokens stay sealed, under the same key. A row that is
//! there already is left alone, so that a move that broke off can be resumed. In the end every row is read again on both
//! sides, and both must hold the same.

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

/// Rows in one go.
const BATCH: u32 = 500;

/// Two databases, open.
pub struct Transfer {
    from: Arc<dyn Database>,
    to: Arc<dyn Database>,
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
    /// A server, or another program, has the file open.
    #[error("{0} is open in another process: stop the server first, and whatever else uses the file")]
    InUse(PathBuf),
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
    /// There are as many rows on both sides, and they are not the same.
    #[error(
        "{table}: its rows here are not those there. Does a server still write to one of the two? Stop the servers, and move into an \
         empty database"
    )]
    Differ {
        /// The table.
        table: &'static str,
    },
}

impl Transfer {
    /// Opens both databases, and brings their tables up to date. Sessions that have expired by `now` stay behind.
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
        for file in [from, to].into_iter().filter_map(DatabaseUrl::file) {
            require_free(file)?;
        }
        Ok(Self { from: open_database(from).await?, to: open_database(to).await?, now })
    }

    /// Moves everything, and compares both databases. The audit of the first has it before, and is moved too. `progress` is told after
    /// each batch.
    ///
    /// # Errors
    /// [`TransferError`] when the target has rows and `resume` is not set, when a database fails, or when the two do not
    /// agree.
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

    /// Finishes and lets go of both databases.
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

/// What a table holds, in whichever order a database gives it.
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
