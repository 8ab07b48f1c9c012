//! Threads that sign, so that tasks do not.

use crate::keys::{PrivateKey, SigningFailed};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};
use tokio::sync::oneshot;

/// Signs on threads of its own: 0.64 ms of arithmetic is several times what a task may take between two awaits without
/// holding up its neighbours. There are as many as there are cores: more would only take turns. They end when this is
/// dropped.
///
/// Handing a message over to a waiting thread costs half of what tokio's `spawn_blocking` does.
pub(crate) struct SigningThreads(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    is_closed: bool,
}

struct Job {
    message: Vec<u8>,
    signature: oneshot::Sender<Result<String, SigningFailed>>,
}

impl SigningThreads {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system's, when it has no more threads to give.
    pub(crate) fn start(key: &PrivateKey) -> io::Result<Self> {
        let threads = Self(Arc::new(Queue { state: Mutex::default(), changed: Condvar::new() }));
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (queue, key) = (Arc::clone(&threads.0), key.clone());
            thread::Builder::new().name("miniauth-sign".to_owned()).spawn(move || queue.work_off(&key))?;
        }
        Ok(threads)
    }

    /// The signature of `message`, see [`PrivateKey::sign`]. A message whose caller gave up waiting is not signed.
    pub(crate) async fn sign(&self, message: Vec<u8>) -> Result<String, SigningFailed> {
        let (sender, signature) = oneshot::channel();
        self.0.state().waiting.push_back(Job { message, signature: sender });
        self.0.changed.notify_one();
        signature.await.unwrap_or(Err(SigningFailed))
    }
}

impl Drop for SigningThreads {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Queue {
    fn work_off(&self, key: &PrivateKey) {
        while let Some(Job { message, signature }) = self.next() {
            if !signature.is_closed() {
                // It is closed when the caller gave up meanwhile.
                let _ = signature.send(key.sign(&message));
            }
        }
    }

    /// The next job; `None` when there will be no more.
    fn next(&self) -> Option<Job> {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.is_closed;
        let mut state = self.changed.wait_while(self.state(), is_idle).unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }

    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn messages_of_many_callers_are_signed_and_threads_end_with_their_owner() {
        let key = PrivateKey::generate().unwrap();
        let threads = Arc::new(SigningThreads::start(&key).unwrap());
        let queue = Arc::downgrade(&threads.0);
        let callers: Vec<_> = (0..32_u8)
            .map(|number| {
                let threads = Arc::clone(&threads);
                tokio::spawn(async move { threads.sign(vec![number]).await.unwrap() })
            })
            .collect();
        for (number, caller) in (0..).zip(callers) {
            key.public_key().verify(&[number], &caller.await.unwrap()).unwrap();
        }
        drop(threads);
        let started = Instant::now();
        while queue.strong_count() > 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "a signing thread is still there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[test]
    fn what_nobody_waits_for_is_not_signed() {
        let queue = Queue { state: Mutex::default(), changed: Condvar::new() };
        let (sender, mut waiting) = oneshot::channel();
        let (given_up, _) = oneshot::channel();
        queue
            .state()
            .waiting
            .extend([(vec![1], given_up), (vec![2], sender)].map(|(message, signature)| Job { message, signature }));
        queue.state().is_closed = true;
        let key = PrivateKey::generate().unwrap();
        queue.work_off(&key);
        key.public_key().verify(&[2], &waiting.try_recv().unwrap().unwrap()).unwrap();
        assert!(queue.next().is_none());
    }
}
