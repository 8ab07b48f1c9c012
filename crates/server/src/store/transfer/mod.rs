//! Moving everything from one database to another: from the first file to PostgreSQL, or back.
//!
//! Rows go in batches, parents before children, each as it is: sealed tokens stay sealed, under the same key. A row that is
//! there already is left alone, so that a move that broke off can be resumed. In the end the tables are counted on both
//! sides, and every count must agree.

mod tables;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use tables::Kind;
pub(super) use tables::{Table, Value};

use super::{DatabaseUrl, OpenFault, StoreFault, address::Place};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use std::{path::PathBuf, sync::Arc};
use tables::ALL;

/// Rows in one go.
const BATCH: u32 = 500;

/// A database whose rows can be taken out and put in as they are.
#[async_trait]
pub(super) trait Movable: Send + Sync {
    /// How many rows of a table are to be moved: all, or of sessions those that live.
    async fn count(&self, table: &Table, now: Timestamp) -> Result<u64, StoreFault>;

    /// The rows after a key, in the order of keys.
    async fn read(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreFault>;

    /// Adds rows, all or none; those whose key is there already are left alone.
    async fn write(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), StoreFault>;

    /// Makes the database go on counting where the moved rows end.
    async fn finish(&self) -> Result<(), StoreFault>;

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
pub enum TransferFault {
    /// A database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenFault),
    /// A database failed on the way; what was moved stays, and the move can be resumed.
    #[error("{0}; what was moved so far stays: mend it and resume")]
    Store(#[from] StoreFault),
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
    /// [`TransferFault`] when one of them cannot be opened, or both are one.
    pub async fn open(from: &DatabaseUrl, to: &DatabaseUrl, now: Timestamp) -> Result<Self, TransferFault> {
        if from.is_same_as(to) {
            return Err(TransferFault::Same);
        }
        // To open a file that is not there would make it.
        if let Some(file) = from.file()
            && !file.exists()
        {
            return Err(TransferFault::NoSource(file.to_owned()));
        }
        Ok(Self { from: open(from).await?, to: open(to).await?, now })
    }

    /// Moves everything, and compares the counts. `progress` is told after each batch.
    ///
    /// # Errors
    /// [`TransferFault`] when the target has rows and `resume` is not set, when a database fails, or when the counts do not
    /// agree.
    pub async fn run(
        &self,
        resume: bool,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<Moved>, TransferFault> {
        if !resume {
            self.require_empty_target().await?;
        }
        let mut all = 0;
        for table in ALL {
            all += self.from.count(table, self.now).await?;
        }
        let mut done = 0;
        for table in ALL {
            let mut after: Option<Vec<Value>> = None;
            loop {
                let rows = self.from.read(table, after.as_deref(), self.now, BATCH).await?;
                let Some(last) = rows.last() else { break };
                after = Some(table.key_of(last));
                self.to.write(table, &rows).await?;
                done += rows.len() as u64;
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

    async fn require_empty_target(&self) -> Result<(), TransferFault> {
        for table in ALL {
            match self.to.count(table, self.now).await? {
                0 => {}
                rows => return Err(TransferFault::NotEmpty { table: table.name, rows }),
            }
        }
        Ok(())
    }

    async fn compare(&self) -> Result<Vec<Moved>, TransferFault> {
        let mut moved = Vec::with_capacity(ALL.len());
        for table in ALL {
            let (from, to) = (self.from.count(table, self.now).await?, self.to.count(table, self.now).await?);
            if from != to {
                return Err(TransferFault::Disagree { table: table.name, from, to });
            }
            moved.push(Moved { table: table.name, rows: to });
        }
        Ok(moved)
    }
}

async fn open(url: &DatabaseUrl) -> Result<Arc<dyn Movable>, OpenFault> {
    match &url.0 {
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Ok(Arc::new(super::sqlite::open(path).await?)),
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(OpenFault::LeftOut { store: "SQLite", feature: "sqlite" }),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Ok(Arc::new(super::postgres::open(url).await?)),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(OpenFault::LeftOut { store: "PostgreSQL", feature: "postgres" }),
    }
}
