//! The threads that read beside the writer, each with its own connection.

use super::connection::{failed, reading};
use crate::store::StoreError;
use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::{
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread::{self, JoinHandle},
};
use tokio::{sync::oneshot, task::spawn_blocking};

/// Reads, and sends the result to the caller.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

pub(super) struct Readers {
    /// `None` when closed. The threads end when no reads are left.
    jobs: Mutex<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(super) fn start(path: &Path) -> io::Result<Self> {
        // Some wait for the disk while others work.
        let count = 2 * thread::available_parallelism().map_or(1, |cores| cores.get().min(32));
        let (sender, jobs) = unbounded();
        let start = |_| {
            let (jobs, path) = (jobs.clone(), path.to_owned());
            thread::Builder::new().name("miniauth-reader".to_owned()).spawn(move || run(&jobs, &path))
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { jobs: Mutex::new(Some(sender)), threads: Mutex::new(threads) })
    }

    /// Runs a read. A single statement sees the database as of one moment.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let read = connection.and_then(|connection| {
                let read = catch_unwind(AssertUnwindSafe(|| work(connection)));
                read.map_err(|_| StoreError::panicked())?.map_err(failed)
            });
            // Sending fails if the caller has given up.
            let _ = caller.send(read);
        });
        let sent = self.jobs.lock().as_ref().map(|jobs| jobs.send(job));
        if !matches!(sent, Some(Ok(()))) {
            return Err(StoreError::closed());
        }
        answer.await.map_err(|_| StoreError::closed())?
    }

    /// Waits for running reads, and closes the file.
    pub(super) async fn close(&self) {
        self.jobs.lock().take();
        let threads = mem::take(&mut *self.threads.lock());
        let ended = spawn_blocking(|| threads.into_iter().try_for_each(JoinHandle::join)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("a reader of the database panicked");
        }
    }
}

fn run(jobs: &Receiver<Job>, path: &Path) {
    let mut kept = None;
    for job in jobs {
        let connection = kept.take().map_or_else(|| reading(path).map_err(failed), Ok);
        job(connection.as_ref().map_err(Clone::clone));
        kept = connection.ok();
    }
}
