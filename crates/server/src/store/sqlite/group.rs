//! Group commit: those who would write at the same moment write in one transaction, for beginning and ending one costs as
//! much as a row or two, and of the pages that several of them change, each is written once.

use super::{patience::LONGEST_WAIT, transaction::Transaction, writer::Writer};
use crate::store::StoreFault;
use rusqlite::{Connection, ffi};
use std::{mem, sync::Arc};
use tokio::{
    sync::{Mutex, watch},
    task::yield_now,
    time::timeout,
};

/// Those who write together. When the last of them lets go of it, what they wrote is committed.
///
/// They are tasks that can go on, so that this is a matter of their work alone. One that is neither polled again nor dropped
/// would keep all others from writing, as one that had its turn in a queue would.
#[derive(Default)]
pub(super) struct Group {
    progress: Mutex<Progress>,
    end: watch::Sender<Option<Result<(), Fault>>>,
}

#[derive(Default)]
enum Progress {
    /// Nobody had a turn yet.
    #[default]
    Gathering,
    Open(Transaction),
    /// What one of them did failed, and so nothing of it is left.
    Undone,
}

/// What several are told: SQLite's own errors cannot be copied.
struct Fault(ffi::Error, Option<String>);

impl Group {
    /// Does one's work, and gives what it gave once all is committed; `None` when nothing is, because another one failed.
    pub(super) async fn write<T>(
        self: Arc<Self>,
        writer: &Writer,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreFault> {
        // Whoever else can go on now joins meanwhile.
        yield_now().await;
        let mut end = self.end.subscribe();
        let done = self.work(writer, work).await?;
        drop(self);
        match end.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Ok(()))) => Ok(done),
            Ok(Some(Err(Fault(code, text)))) => Err(rusqlite::Error::SqliteFailure(*code, text.clone()).into()),
            Ok(None) | Err(_) => Ok(None),
        }
    }

    /// Does one's work after that of those who came before; `None` when one of them failed.
    async fn work<T>(
        &self,
        writer: &Writer,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreFault> {
        timeout(LONGEST_WAIT, async {
            let mut progress = self.progress.lock().await;
            if let Progress::Gathering = *progress {
                let turn = writer.turn().await?;
                writer.close_group(self);
                *progress = Progress::Open(Transaction::begin(turn)?);
            }
            // If the work fails, or panics, the transaction is rolled back, and stays so.
            let Progress::Open(transaction) = mem::replace(&mut *progress, Progress::Undone) else { return Ok(None) };
            let done = work(&transaction)?;
            *progress = Progress::Open(transaction);
            Ok(Some(done))
        })
        .await
        .map_err(|_| StoreFault::TimedOut("the database's writer"))?
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Progress::Open(transaction) = mem::take(self.progress.get_mut()) {
            self.end.send_replace(Some(transaction.commit().map_err(Fault::of)));
        }
    }
}

impl Fault {
    fn of(fault: rusqlite::Error) -> Self {
        match fault {
            rusqlite::Error::SqliteFailure(code, text) => Self(code, text),
            other => Self(ffi::Error::new(ffi::SQLITE_ERROR), Some(other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests;
