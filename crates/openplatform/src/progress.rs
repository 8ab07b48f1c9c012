//! How far a call came, for whoever carries it out and for whoever waits for it.

use crate::error::Failure;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far a call came, and what the headers of its answer say.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    stage: Stage,
    is_given_up: bool,
    about: AboutAnswer,
}

/// How far a call came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is being signed.
    #[default]
    Signing,
    /// It waits for a connection, and nothing of it was sent.
    Connecting,
    /// At least a part of it may have been sent.
    Sent,
}

/// What the headers of an answer say. Nobody signed them: they are for finding causes.
#[derive(Debug, Default)]
pub(crate) struct AboutAnswer {
    pub(crate) trace_id: Option<String>,
    pub(crate) date: Option<String>,
}

impl Progress {
    /// The call comes to a further stage; unless it was given up, for then somebody was told that it did not.
    pub(crate) fn reach(&self, stage: Stage) -> Result<(), Failure> {
        let mut state = self.state();
        if state.is_given_up {
            return Err(Failure::Interrupted("nobody waits for this call any more".into()));
        }
        state.stage = stage;
        Ok(())
    }

    /// Stops the call where it is, and tells where that is.
    pub(crate) fn give_up(&self) -> Stage {
        let mut state = self.state();
        state.is_given_up = true;
        state.stage
    }

    /// An answer came.
    pub(crate) fn answered(&self, about: AboutAnswer) {
        self.state().about = about;
    }

    /// What the headers of the answer said.
    pub(crate) fn about(&self) -> AboutAnswer {
        std::mem::take(&mut self.state().about)
    }

    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a call up when whoever waited for it is gone.
pub(crate) struct Waiting<'a>(pub(crate) &'a Progress);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_for_which_nobody_waits_comes_no_further() {
        let progress = Progress::default();
        drop(Waiting(&progress));
        progress.reach(Stage::Connecting).unwrap_err();
    }

    #[test]
    fn a_call_that_was_given_up_comes_no_further() {
        let progress = Progress::default();
        progress.reach(Stage::Connecting).unwrap();
        assert_eq!(progress.give_up(), Stage::Connecting);
        progress.reach(Stage::Sent).unwrap_err();
        assert_eq!(progress.give_up(), Stage::Connecting);
    }
}
