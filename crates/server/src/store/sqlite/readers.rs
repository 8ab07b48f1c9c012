//! Connections that read beside the writer, on the runtime's threads for work that may wait.

use super::connection::{failed, reading};
use crate::store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::{path::PathBuf, sync::Arc, thread};
use tokio::{sync::Semaphore, task::spawn_blocking};

pub(super) struct Readers {
    path: PathBuf,
    /// One for each that may read at once.
    places: Arc<Semaphore>,
    count: u32,
    /// Opened when they are needed.
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        // Some wait for the disk while others work.
        let count = 2 * thread::available_parallelism().map_or(1, |cores| cores.get().min(32) as u32);
        Self { path, places: Arc::new(Semaphore::new(count as usize)), count, idle: Arc::default() }
    }

    /// Reads. What is read is of one moment if it is one statement.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| StoreError::closed())?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let read = spawn_blocking(move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _place = place;
            let connection = idle.lock().pop();
            let connection = connection.map_or_else(|| reading(&path), Ok)?;
            let read = work(&connection);
            idle.lock().push(connection);
            read
        });
        match read.await {
            Ok(read) => read.map_err(failed),
            Err(ended) if ended.is_panic() => Err(StoreError::panicked()),
            Err(_) => Err(StoreError::closed()),
        }
    }

    /// Waits for those who read, and lets go of the file.
    pub(super) async fn close(&self) {
        // An error says that it is closed already.
        let _all = self.places.acquire_many(self.count).await;
        self.places.close();
        self.idle.lock().clear();
    }
}
