//! The one thread that writes.

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

/// How many write in one transaction at most, so that the first of them does not wait long for the last.
const MOST: usize = 64;

/// How long readers are waited for before the journal is cut: meanwhile nobody writes.
const READERS_TIMEOUT: Duration = Duration::from_millis(250);

/// After so long without a write, the journal is brought back into the file, and to the disk.
const QUIET: Duration = Duration::from_secs(1);

/// Gives orders to the thread, which ends when it is told to, or when the last of these is gone.
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

    /// Does the work in a transaction, perhaps together with others', and gives what it gave once that is committed. Work
    /// that fails is undone alone.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.order(|caller| Order::Write(Box::new(Write { work: Some(work), done: None, caller }))).await?
    }

    /// Brings the whole journal back into the file and cuts it to nothing; `false` when a reader, or another process, was in
    /// the way.
    pub(super) async fn empty_journal(&self) -> Result<bool, StoreError> {
        self.order(Order::EmptyJournal).await?
    }

    /// Does what was ordered before, and lets go of the file. To close what is closed is no error.
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
            // Whoever gave an order may have given up waiting for the answer, here and below.
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
                    tracing::debug!(%error, "the journal was not brought back into the file");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Does the work of all who wait, in one transaction. Gives the next order that is something else, if one came in between.
fn write_together(connection: &Connection, first: Box<dyn Job>, orders: &Receiver<Order>) -> Option<Order> {
    // IMMEDIATE: to read first and become a writer later can fail when another process writes.
    let begun = execute(connection, "BEGIN IMMEDIATE").map_err(failed);
    // Who came while another process was waited for has waited as well.
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
        tracing::error!(%error, "a transaction was not rolled back");
    }
    for job in jobs {
        job.end(committed.clone());
    }
    next
}

fn do_all(connection: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    for job in jobs {
        let done = job.run(connection);
        // SQLite rolls back everything by itself when the disk is full, say.
        if connection.is_autocommit() {
            done?;
        }
    }
    execute(connection, "COMMIT").map_err(failed)
}

/// Work of any kind, and who waits for it.
trait Job: Send {
    /// An error is told to the caller as well.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;

    /// Tells the caller how it ended, after the transaction.
    fn end(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<W, T> {
    work: Option<W>,
    done: Option<Result<T, StoreError>>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, W: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Job for Write<W, T> {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        // Who has given up meanwhile wants nothing written.
        let Some(work) = self.work.take().filter(|_| !self.caller.is_closed()) else { return Ok(()) };
        let done = in_savepoint(connection, work);
        let outcome = done.as_ref().map(|_| ()).map_err(Clone::clone);
        self.done = Some(done);
        outcome
    }

    fn end(self: Box<Self>, committed: Result<(), StoreError>) {
        let end = match (self.done, committed) {
            (Some(Ok(done)), Ok(())) => Ok(done),
            // The own failure says more than that of the transaction.
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

/// Of statements that are parsed once.
fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute(()).map(drop)
}

fn empty_journal(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(READERS_TIMEOUT)?;
    let is_empty = checkpoint(connection, "TRUNCATE");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    is_empty
}

/// `false` when somebody was in the way.
fn checkpoint(connection: &Connection, how: &str) -> rusqlite::Result<bool> {
    match connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), (), |row| row.get::<_, bool>(0)) {
        Ok(was_blocked) => Ok(!was_blocked),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
