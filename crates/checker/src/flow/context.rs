//! Why the code at hand is running.

use super::trail::{Place, Step, StepKind};
use crate::scripts::ir::Name;
use std::sync::Arc;

/// What started the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A person's own tap, as a template binds it.
    Tap,
    /// The platform's life cycle, a module's top level, a timer, an event that nobody made by a tap.
    Unasked,
    /// Nothing in the project calls it as far as can be seen.
    Unseen,
}

/// The state of affairs that callbacks inherit from those who pass them.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) trigger: Trigger,
    /// The calls up to here.
    pub(crate) calls: Option<Arc<Step>>,
    /// Set on the ways behind a refusal.
    pub(crate) refused: bool,
    /// The panels that have been shown on the way here.
    pub(crate) shown: Arc<Vec<Place>>,
    /// How many callbacks lie between the start and here.
    pub(crate) callbacks: u32,
}

impl Context {
    pub(crate) fn starting(trigger: Trigger, place: Place, label: &Name) -> Self {
        Self {
            trigger,
            calls: Some(Step::first(StepKind::Entry, place, label)),
            refused: false,
            shown: Arc::default(),
            callbacks: 0,
        }
    }

    /// One call further.
    pub(crate) fn called(&self, kind: StepKind, place: Place, label: &Name) -> Self {
        let mut next = self.clone();
        next.calls = Some(match &self.calls {
            Some(calls) => Step::after(calls, kind, place, label),
            None => Step::first(kind, place, label),
        });
        next
    }

    /// Takes over the refusal that led to a rejection.
    pub(crate) fn refused_like(mut self, origin: &Context) -> Self {
        if origin.refused {
            self.refused = true;
            self.calls = origin.calls.clone();
            self.shown = origin.shown.clone();
        }
        self
    }

    /// After the person pressed a dialog's confirming button: as good as a tap.
    pub(crate) fn agreed(&self) -> Self {
        let mut next = self.clone();
        next.refused = false;
        next.trigger = Trigger::Tap;
        next.shown = Arc::default();
        next
    }
}
