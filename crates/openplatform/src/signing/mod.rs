//! Threads that sign, so that tasks do not.

mod begun;

use begun::{Begun, FirstStep};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// Takes the first step of calls, in which they are signed, on threads of its own: 0.2 ms of arithmetic and more are
/// several times what a task may take between two awaits without holding up its neighbours. There are as many threads
/// as there are cores: more would only take turns. They end when this is dropped.
///
/// A step goes on until the call has to wait, so what was signed is sent from the same thread. Were the signature handed
/// back, the task would be woken twice for each call: by the thread, and then by the answer.
pub(crate) struct SigningThreads(Arc<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<dyn FirstStep>>,
    is_closed: bool,
}

impl SigningThreads {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system's, when it has no more threads to give.
    pub(crate) fn start() -> io::Result<Self> {
        let threads = Self(Arc::default());
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let queue = Arc::clone(&threads.0);
            thread::Builder::new().name("miniauth-sign".to_owned()).spawn(move || queue.work_off())?;
        }
        Ok(threads)
    }

    /// Carries out `call`: its first step on a thread that signs, the others where this is awaited. When nobody waits
    /// any more, a step that was not taken is not taken.
    ///
    /// # Panics
    /// Outside of a tokio runtime; and, when awaited, where the call does.
    pub(crate) fn begin<C>(&self, call: C) -> Begun<C>
    where
        C: Future<Output: Send> + Send + 'static,
    {
        let (begun, first_step) = begun::begin(call);
        self.0.state().waiting.push_back(first_step);
        self.0.changed.notify_one();
        begun
    }
}

impl Drop for SigningThreads {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Queue {
    fn work_off(&self) {
        while let Some(first_step) = self.next() {
            first_step.take();
        }
    }

    /// The next first step; `None` when there will be no more.
    fn next(&self) -> Option<Arc<dyn FirstStep>> {
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
    async fn many_calls_are_begun_and_threads_end_with_their_owner() {
        let threads = Arc::new(SigningThreads::start().unwrap());
        let queue = Arc::downgrade(&threads.0);
        let callers: Vec<_> = (0..32_u8)
            .map(|number| {
                let threads = Arc::clone(&threads);
                tokio::spawn(async move {
                    let first_step = async { thread::current().name().map(str::to_owned) };
                    (number, threads.begin(first_step).await)
                })
            })
            .collect();
        for (number, caller) in (0..).zip(callers) {
            assert_eq!(caller.await.unwrap(), (number, Some("miniauth-sign".to_owned())));
        }
        drop(threads);
        let started = Instant::now();
        while queue.strong_count() > 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "a signing thread is still there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
