//! A call of which a thread takes the first step and the task that awaits it all others.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::runtime::Handle;

/// The first step of a call, for a thread.
pub(super) trait FirstStep: Send + Sync {
    /// Takes the step, unless nobody waits for it any more.
    fn take(&self);
}

/// Waits for a call that was begun on a thread.
pub(crate) enum Begun<C: Future> {
    /// The thread has it.
    Elsewhere(Arc<Place<C>>),
    /// The thread gave it back.
    Here(Pin<Box<C>>),
}

/// Where the task and the thread hand the call over to each other.
pub(crate) struct Place<C: Future> {
    state: Mutex<State<C>>,
    /// Connections and times of a call are those of the runtime in which it was made.
    runtime: Handle,
}

enum State<C: Future> {
    /// For a thread.
    Waiting { call: Pin<Box<C>>, waker: Waker },
    /// A thread is at it. Whoever was woken meanwhile has to be woken again.
    Taken { woken: Option<Waker> },
    /// It goes on with whoever awaits it.
    Begun(Pin<Box<C>>),
    /// The first step was the last.
    Ended(C::Output),
    /// The panic is the task's, as it would have been without the thread.
    Panicked(Box<dyn Any + Send>),
    /// Nothing is here: the outcome was fetched, or nobody waits any more.
    Over,
}

/// A call for the task that awaits it, and its first step for a thread.
pub(super) fn begin<C>(call: C) -> (Begun<C>, Arc<dyn FirstStep>)
where
    C: Future<Output: Send> + Send + 'static,
{
    let state = State::Waiting { call: Box::pin(call), waker: Waker::noop().clone() };
    let place = Arc::new(Place { state: Mutex::new(state), runtime: Handle::current() });
    (Begun::Elsewhere(Arc::clone(&place)), place)
}

impl<C: Future> Place<C> {
    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call and who waits for it, when that is still so.
    fn taken(&self) -> Option<(Pin<Box<C>>, Waker)> {
        let mut state = self.state();
        match mem::replace(&mut *state, State::Taken { woken: None }) {
            State::Waiting { call, waker } => Some((call, waker)),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Puts back what the first step led to, and returns who was woken in vain meanwhile.
    fn put_back(&self, next: State<C>) -> Option<Waker> {
        let mut state = self.state();
        match mem::replace(&mut *state, next) {
            State::Taken { woken } => woken,
            over => {
                let unwanted = mem::replace(&mut *state, over);
                drop(state);
                // Outside of the lock: it may be the last that holds a connection.
                drop(unwanted);
                None
            }
        }
    }
}

impl<C> FirstStep for Place<C>
where
    C: Future<Output: Send> + Send,
{
    fn take(&self) {
        let Some((mut call, waker)) = self.taken() else { return };
        let _runtime = self.runtime.enter();
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(&mut Context::from_waker(&waker))));
        let woken = match polled {
            Ok(Poll::Pending) => self.put_back(State::Begun(call)),
            Ok(Poll::Ready(outcome)) => self.put_back(State::Ended(outcome)).or(Some(waker)),
            Err(panic) => self.put_back(State::Panicked(panic)).or(Some(waker)),
        };
        if let Some(woken) = woken {
            woken.wake();
        }
    }
}

impl<C: Future> Future for Begun<C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C::Output> {
        if let Self::Elsewhere(place) = &*self {
            let mut state = place.state();
            match mem::replace(&mut *state, State::Over) {
                State::Waiting { call, .. } => {
                    *state = State::Waiting { call, waker: context.waker().clone() };
                    return Poll::Pending;
                }
                State::Taken { .. } => {
                    *state = State::Taken { woken: Some(context.waker().clone()) };
                    return Poll::Pending;
                }
                State::Ended(outcome) => return Poll::Ready(outcome),
                State::Panicked(panic) => {
                    drop(state);
                    resume_unwind(panic)
                }
                State::Begun(call) => {
                    drop(state);
                    *self = Self::Here(call);
                }
                State::Over => return Poll::Pending,
            }
        }
        match &mut *self {
            Self::Here(call) => call.as_mut().poll(context),
            Self::Elsewhere(_) => Poll::Pending,
        }
    }
}

impl<C: Future> Drop for Begun<C> {
    fn drop(&mut self) {
        if let Self::Elsewhere(place) = self {
            let unwanted = mem::replace(&mut *place.state(), State::Over);
            drop(unwanted);
        }
    }
}

#[cfg(test)]
mod tests;
