//! Why the code at hand is running.

use super::{
    consents::Consents,
    facts::{Place, Step, StepKind},
};
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

impl Trigger {
    /// Whether a person asks for something by what starts the code.
    pub(crate) fn of(is_request: bool) -> Self {
        if is_request { Self::Tap } else { Self::Unasked }
    }
}

/// What the press on an authorising button, if one started the code, has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Press {
    /// None did.
    #[default]
    None,
    /// The person has not answered yet: `onTap`.
    Unanswered(Consents),
    /// The person has agreed.
    Agreed(Consents),
    /// The person has refused.
    Refused(Consents),
}

/// How code is started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub(crate) trigger: Trigger,
    pub(crate) press: Press,
    /// The consents of the authorising button that hold by then.
    pub(crate) allowed: Consents,
}

impl From<Trigger> for Start {
    fn from(trigger: Trigger) -> Self {
        Self { trigger, press: Press::None, allowed: Consents::NONE }
    }
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
    pub(crate) press: Press,
    /// The consents of the authorising button that surely hold here.
    pub(crate) allowed: Consents,
    /// The call without consent whose answer is at hand, by its place in [`super::machine::Machine::asked`].
    pub(crate) asked: Option<u32>,
}

impl Context {
    pub(crate) fn starting(start: impl Into<Start>, place: Place, label: &Name) -> Self {
        let Start { trigger, press, allowed } = start.into();
        let first = Step::first(StepKind::Entry, place, label);
        let refused = matches!(press, Press::Refused(_));
        let calls = if refused { Step::after(&first, StepKind::Refused, place, label) } else { first };
        Self { trigger, calls: Some(calls), refused, shown: Arc::default(), callbacks: 0, press, allowed, asked: None }
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
        self.asked = self.asked.or(origin.asked);
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
