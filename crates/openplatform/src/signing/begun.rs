//! A call of which a thread takes the first step and the task that awaits it all others.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
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
    /// The first step was taken.
    Left(Left<C>),
    /// Nothing is here: what was left was fetched, or nobody waits any more.
    Over,
}

/// What the first step leaves.
enum Left<C: Future> {
    /// The call, which goes on with whoever awaits it.
    Call(Pin<Box<C>>),
    /// Its outcome: the first step was the last.
    Outcome(C::Output),
    /// The panic is the task's, as it would have been without the thread.
    Panic(Box<dyn Any + Send>),
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

    /// Puts down what the first step left, and returns who was woken in vain meanwhile.
    fn put(&self, left: Left<C>) -> Option<Waker> {
        let mut state = self.state();
        match mem::replace(&mut *state, State::Left(left)) {
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

    /// What the first step left; until then, `waker` is woken when there is something.
    fn fetch(&self, waker: &Waker) -> Poll<Left<C>> {
        let mut state = self.state();
        *state = match mem::replace(&mut *state, State::Over) {
            State::Left(left) => return Poll::Ready(left),
            State::Waiting { call, .. } => State::Waiting { call, waker: waker.clone() },
            State::Taken { .. } => State::Taken { woken: Some(waker.clone()) },
            State::Over => State::Over,
        };
        Poll::Pending
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
            Ok(Poll::Pending) => self.put(Left::Call(call)),
            Ok(Poll::Ready(outcome)) => self.put(Left::Outcome(outcome)).or(Some(waker)),
            Err(panic) => self.put(Left::Panic(panic)).or(Some(waker)),
        };
        if let Some(woken) = woken {
            woken.wake();
        }
    }
}

impl<C: Future> Future for Begun<C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C::Output> {
        match &mut *self {
            Self::Here(call) => call.as_mut().poll(context),
            Self::Elsewhere(place) => match ready!(place.fetch(context.waker())) {
                Left::Call(mut call) => {
                    let polled = call.as_mut().poll(context);
                    *self = Self::Here(call);
                    polled
                }
                Left::Outcome(outcome) => Poll::Ready(outcome),
                Left::Panic(panic) => resume_unwind(panic),
            },
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
