//! Moving everything from one database to another: from the first file to PostgreSQL, or back.
//!
//! Rows go in batches, parents before children, each as it is: sealed tokens stay sealed, under the same key. A row that is
//! there already is left alone, so that a move that broke off can be resumed. In the end the tables are counted on both
//! sides, and every count must agree.

use super::{
    DatabaseUrl, OpenError, StoreError, open_database,
    rows::{Movable, TABLES},
};
use miniauth_core::time::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// Rows in one go.
const BATCH: u32 = 500;

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
        self.from.close().await;
        self.to.close().await;
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
            let (from, to) = (self.from.count(table, self.now).await?, self.to.count(table, self.now).await?);
            if from != to {
                return Err(TransferError::Disagree { table: table.name, from, to });
            }
            moved.push(Moved { table: table.name, rows: to });
        }
        Ok(moved)
    }
}
