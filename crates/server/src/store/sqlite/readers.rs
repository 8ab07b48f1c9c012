//! Connections that read beside the writer, on threads that may wait.

use super::{failed, open};
use crate::store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::{path::PathBuf, sync::Arc, thread};
use tokio::{sync::Semaphore, task::spawn_blocking};

#[derive(Clone)]
pub(super) struct Readers(Arc<Shared>);

struct Shared {
    path: PathBuf,
    /// Opened when they are needed.
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
    count: u32,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        // Some wait for the disk while others work.
        let count = 4 * thread::available_parallelism().map_or(1, |cores| cores.get().min(64) as u32);
        let places = Arc::new(Semaphore::new(count as usize));
        Self(Arc::new(Shared { path, idle: Mutex::default(), places, count }))
    }

    /// Reads. What is read is of one moment if it is one statement.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.0.places).acquire_owned().await.map_err(|_| StoreError::closed())?;
        let shared = Arc::clone(&self.0);
        let reading = spawn_blocking(move || {
            let idle = shared.idle.lock().pop();
            let connection = idle.map_or_else(|| open::reading(&shared.path), Ok)?;
            let read = work(&connection)?;
            shared.idle.lock().push(connection);
            drop(place);
            Ok(read)
        });
        match reading.await {
            Ok(read) => read.map_err(failed),
            Err(ended) if ended.is_panic() => Err(StoreError::panicked()),
            Err(_) => Err(StoreError::closed()),
        }
    }

    /// Waits for those who read, and lets go of the file.
    pub(super) async fn close(&self) {
        // An error says that it is closed already.
        let _all = self.0.places.acquire_many(self.0.count).await;
        self.0.places.close();
        self.0.idle.lock().clear();
    }
}
