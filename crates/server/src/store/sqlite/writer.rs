//! The only thread that writes.

use super::connection::{BUSY_TIMEOUT, failed, is_busy};
use crate::store::StoreError;
use rusqlite::Connection;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// The most writes in one transaction, so that the first of them does not wait long for the last.
const MOST: usize = 64;

/// How long to wait for readers before the journal is truncated: nobody can write in that time.
const READERS_TIMEOUT: Duration = Duration::from_millis(250);

/// After this time without a write, the journal is moved into the file and synced to the disk.
const QUIET: Duration = Duration::from_secs(1);

/// Sends orders to the thread. The thread ends when it is ordered to, or when the last sender is dropped.
#[derive(Clone)]
pub(super) struct Writer(Sender<Order>);

enum Order {
    Write(Box<dyn Job>),
    EmptyJournal(oneshot::Sender<Result<bool, StoreError>>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (sender, orders) = channel();
        thread::Builder::new().name("miniauth-writer".to_owned()).spawn(move || run(connection, &orders))?;
        Ok(Self(sender))
    }

    /// Runs a write in a transaction, perhaps together with others, and returns its result after the commit. A write
    /// that fails is rolled back alone.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.order(|caller| Order::Write(Box::new(Write { work: Some(work), done: None, caller }))).await?
    }

    /// Moves the whole journal into the file and truncates it; `false` if a reader or another process prevented that.
    pub(super) async fn empty_journal(&self) -> Result<bool, StoreError> {
        self.order(Order::EmptyJournal).await?
    }

    /// Completes earlier orders and closes the file. Can be repeated.
    pub(super) async fn close(&self) {
        let _: Result<(), StoreError> = self.order(Order::Close).await;
    }

    async fn order<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        self.0.send(order(caller)).map_err(|_| StoreError::closed())?;
        answer.await.map_err(|_| StoreError::closed())
    }
}

fn run(connection: Connection, orders: &Receiver<Order>) {
    let (mut next, mut journal_is_pending) = (None, false);
    loop {
        let patience = if journal_is_pending { QUIET } else { Duration::MAX };
        match next.take().map_or_else(|| orders.recv_timeout(patience), Ok) {
            Ok(Order::Write(job)) => {
                next = write_together(&connection, job, orders);
                journal_is_pending = true;
            }
            // Sending fails if the caller has given up, here and below.
            Ok(Order::EmptyJournal(caller)) => {
                let _ = caller.send(empty_journal(&connection).map_err(failed));
            }
            Ok(Order::Close(caller)) => {
                drop(connection);
                let _ = caller.send(());
                return;
            }
            Err(RecvTimeoutError::Timeout) => {
                journal_is_pending = false;
                if let Err(error) = checkpoint(&connection, "PASSIVE") {
                    tracing::debug!(%error, "could not move the journal into the file");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Runs all waiting writes in one transaction. Returns the next order of another kind, if there was one.
fn write_together(connection: &Connection, first: Box<dyn Job>, orders: &Receiver<Order>) -> Option<Order> {
    // IMMEDIATE, because starting with a read and becoming a writer later can fail when another process writes.
    let begun = execute(connection, "BEGIN IMMEDIATE").map_err(failed);
    // If another process had the file locked, all that arrived have waited too, and fail too.
    let most = if begun.is_ok() { MOST } else { usize::MAX };
    let (mut jobs, mut next) = (vec![first], None);
    while jobs.len() < most && next.is_none() {
        match orders.try_recv() {
            Ok(Order::Write(job)) => jobs.push(job),
            Ok(other) => next = Some(other),
            Err(_) => break,
        }
    }
    let committed = begun.and_then(|()| do_all(connection, &mut jobs));
    if committed.is_err()
        && !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        tracing::error!(%error, "could not roll back a transaction");
    }
    for job in jobs {
        job.end(committed.clone());
    }
    next
}

fn do_all(connection: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    for job in jobs {
        let done = job.run(connection);
        // SQLite itself rolls back everything in some cases, for example when the disk is full.
        if connection.is_autocommit() {
            done?;
        }
    }
    execute(connection, "COMMIT").map_err(failed)
}

/// A write of any kind, with its caller.
trait Job: Send {
    /// Runs the write. Stores an error for the caller too.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;

    /// Tells the caller the outcome, after the transaction.
    fn end(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<W, T> {
    work: Option<W>,
    done: Option<Result<T, StoreError>>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, W: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Job for Write<W, T> {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        // Write nothing for a caller that has given up.
        let Some(work) = self.work.take().filter(|_| !self.caller.is_closed()) else { return Ok(()) };
        let done = in_savepoint(connection, work);
        let outcome = done.as_ref().map(|_| ()).map_err(Clone::clone);
        self.done = Some(done);
        outcome
    }

    fn end(self: Box<Self>, committed: Result<(), StoreError>) {
        let end = match (self.done, committed) {
            (Some(Ok(done)), Ok(())) => Ok(done),
            // The write's own error says more than the transaction's.
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (None, Ok(())) => return,
        };
        let _ = self.caller.send(end);
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    execute(connection, "SAVEPOINT job").map_err(failed)?;
    let done = match catch_unwind(AssertUnwindSafe(|| work(connection))) {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(StoreError::panicked()),
    };
    if !connection.is_autocommit() {
        if done.is_err() {
            execute(connection, "ROLLBACK TO job").map_err(failed)?;
        }
        execute(connection, "RELEASE job").map_err(failed)?;
    }
    done
}

/// Executes a statement that is parsed only once.
fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute(()).map(drop)
}

fn empty_journal(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(READERS_TIMEOUT)?;
    let is_empty = checkpoint(connection, "TRUNCATE");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    is_empty
}

/// Returns `false` if a reader or another process prevented it.
fn checkpoint(connection: &Connection, how: &str) -> rusqlite::Result<bool> {
    match connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), (), |row| row.get::<_, bool>(0)) {
        Ok(was_blocked) => Ok(!was_blocked),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
