//! Threads that read beside the writer, each with a connection of its own.
//!
//! To change threads costs more than most reads do. So whoever wakes a reader lets the other requests at hand come first,
//! and a reader tells those whom it found waiting all at once.

use super::connection::{failed, reading};
use crate::store::StoreError;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
};
use tokio::{
    sync::oneshot,
    task::{spawn_blocking, yield_now},
};

/// How many are read for in one go; when more than that wait, another reader is woken.
const MOST: usize = 16;

/// Reads, and gives what tells whoever waits for it.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Box<dyn FnOnce()> + Send>;

pub(super) struct Readers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    called: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Readers at work, and those that are about to be called.
    awake: usize,
    calls: usize,
    is_closed: bool,
}

impl Readers {
    pub(super) fn start(path: &Path) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        // Some wait for the disk while others work.
        let count = 2 * thread::available_parallelism().map_or(1, |cores| cores.get().min(32));
        let start = |_| {
            let (queue, path) = (Arc::clone(&queue), path.to_owned());
            thread::Builder::new().name("miniauth-reader".to_owned()).spawn(move || run(&queue, &path))
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { queue, threads: Mutex::new(threads) })
    }

    /// Reads. What is read is of one moment if it is one statement.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        let call = self.queue.push(Box::new(move |connection| {
            let read = connection.and_then(|connection| {
                let read = catch_unwind(AssertUnwindSafe(|| work(connection)));
                read.map_err(|_| StoreError::panicked())?.map_err(failed)
            });
            // Whoever asked may have given up waiting.
            Box::new(move || drop(caller.send(read)))
        }))?;
        if call.is_some() {
            yield_now().await;
        }
        drop(call);
        answer.await.map_err(|_| StoreError::closed())?
    }

    /// Waits for those who read, and lets go of the file.
    pub(super) async fn close(&self) {
        self.queue.close();
        let threads = std::mem::take(&mut *self.threads.lock());
        let ended = spawn_blocking(|| threads.into_iter().try_for_each(JoinHandle::join)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("a reader of the database panicked");
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Queue {
    /// Gives the call of a reader, if one is to be woken, for the caller to drop.
    fn push(&self, job: Job) -> Result<Option<Call<'_>>, StoreError> {
        let mut state = self.state.lock();
        if state.is_closed {
            return Err(StoreError::closed());
        }
        state.waiting.push_back(job);
        let needed = state.waiting.len() > MOST * state.awake;
        state.awake += usize::from(needed);
        Ok(needed.then(|| Call(self)))
    }

    /// The readers end when nobody waits for them any more.
    fn close(&self) {
        self.state.lock().is_closed = true;
        self.called.notify_all();
    }
}

/// Wakes a reader when it is dropped, also by a request that is given up.
struct Call<'queue>(&'queue Queue);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.state.lock().calls += 1;
        self.0.called.notify_one();
    }
}

fn run(queue: &Queue, path: &Path) {
    let mut connection = None;
    let mut state = queue.state.lock();
    loop {
        while state.calls == 0 && !state.is_closed {
            queue.called.wait(&mut state);
        }
        state.calls = state.calls.saturating_sub(1);
        while !state.waiting.is_empty() {
            let most = state.waiting.len().min(MOST);
            let jobs: Vec<Job> = state.waiting.drain(..most).collect();
            drop(state);
            let told: Vec<_> = jobs.into_iter().map(|job| job(opened(&mut connection, path))).collect();
            told.into_iter().for_each(|tell| tell());
            state = queue.state.lock();
        }
        state.awake = state.awake.saturating_sub(1);
        if state.is_closed {
            return;
        }
    }
}

fn opened<'kept>(kept: &'kept mut Option<Connection>, path: &Path) -> Result<&'kept Connection, StoreError> {
    if kept.is_none() {
        *kept = Some(reading(path).map_err(failed)?);
    }
    kept.as_ref().ok_or_else(StoreError::closed)
}
