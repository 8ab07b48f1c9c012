//! Why the current code runs, which consents of the authorising button it can rely on, and which calls need such a consent.

use super::{
    facts::{ButtonFault, FactKey, Place, RawFinding, Step, StepKind},
    machine::Machine,
    value::{Atom, Implied, Value},
};
use crate::{platform, scripts::ir::Name};
use std::{
    ops::{BitAnd, BitOr},
    sync::Arc,
};

/// What started the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A person's own tap, as a template binds it.
    Tap,
    /// The platform's life cycle, a module's top level, a timer, or an event that no tap caused.
    Unasked,
    /// Nothing in the project calls it, as far as the checker sees.
    Unseen,
}

impl Trigger {
    /// `Tap` if a person asked for the code to run, otherwise `Unasked`.
    pub(crate) fn of(is_request: bool) -> Self {
        if is_request { Self::Tap } else { Self::Unasked }
    }
}

/// The result of pressing an authorising button, if that started the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Press {
    /// No button was pressed.
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
    /// The consents of the authorising button that already hold.
    pub(crate) allowed: Consents,
}

impl From<Trigger> for Start {
    fn from(trigger: Trigger) -> Self {
        Self { trigger, press: Press::None, allowed: Consents::NONE }
    }
}

/// The context that callbacks inherit from the code that passes them.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) trigger: Trigger,
    /// The calls up to here.
    pub(crate) calls: Option<Arc<Step>>,
    /// Set on the paths after a refusal.
    pub(crate) refused: bool,
    /// The panels shown on the way here.
    pub(crate) shown: Arc<Vec<Place>>,
    /// How many callbacks lie between the start and here.
    pub(crate) callbacks: u32,
    pub(crate) press: Press,
    /// The consents of the authorising button that certainly hold here.
    pub(crate) allowed: Consents,
    /// The call without consent whose answer is being handled, by its place in [`super::machine::Machine::asked`].
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

    /// The context one call further.
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

    /// The context after the person pressed a dialog's confirming button, which counts as a tap.
    pub(crate) fn agreed(&self) -> Self {
        let mut next = self.clone();
        next.refused = false;
        next.trigger = Trigger::Tap;
        next.shown = Arc::default();
        next
    }
}

/// A set of the authorising button's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Consents(u8);

impl Consents {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u8::MAX);

    /// The scope with that name; none if the platform has no such scope.
    pub(crate) fn of(scope: &str) -> Self {
        let place = platform::button().scopes.iter().position(|known| known.name == scope);
        place.map_or(Self::NONE, |place| Self(1 << place))
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// All scopes that are not in this set.
    pub(crate) fn missing(self) -> Self {
        Self(!self.0)
    }

    /// Whether this set contains all of the others.
    pub(crate) fn hold(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Consents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Consents {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// A call that was reached without the consent it needs.
#[derive(Debug, Clone)]
pub(crate) struct Unallowed {
    pub(crate) place: Place,
    pub(crate) scope: &'static str,
}

impl Machine<'_> {
    /// The answer of `my.getSetting`: a scope that is true means that the person has agreed to it.
    pub(crate) fn settings(&mut self) -> Value {
        let settings = self.anything();
        for id in settings.objects() {
            for scope in &platform::button().scopes {
                let granted =
                    Value::one(Atom::Implies { fact: Implied::Allowed(Consents::of(scope.name)), when: true });
                let fields = &mut self.heap.edit(id).fields;
                // Frameworks pass the settings on under another platform's names.
                fields.insert(format!("scope.{}", scope.name).into(), granted.clone());
                fields.insert(scope.name.into(), granted);
            }
        }
        settings
    }

    /// The value after it is stored where other code may change it, so that its truth is no longer known. A value stored where a
    /// consent holds implies that consent; one stored after a call has answered implies the answer.
    pub(crate) fn kept(&self, value: Value) -> Value {
        let (allowed, asked) = (self.context.allowed, self.context.asked);
        if allowed.is_none() && asked.is_none() {
            return value.without_truth();
        }
        let implies_consent =
            value.atoms.iter().any(|atom| matches!(atom, Atom::Implies { fact: Implied::Allowed(_), .. }));
        let is_open = value.may_be_unknown() || value.atoms.contains(&Atom::Truth(true));
        let is_any = is_open || value.atoms.contains(&Atom::Truth(false));
        let mut kept = value.without_truth();
        if is_open && !implies_consent && !allowed.is_none() {
            kept.join(&Value::one(Atom::Implies { fact: Implied::Allowed(allowed), when: true }));
        }
        if let Some(asked) = asked.filter(|_| is_any) {
            kept.join(&Value::one(Atom::Implies { fact: Implied::Answer(asked), when: true }));
        }
        kept
    }

    /// The consents that a value proves when it is true.
    pub(crate) fn consents_implied_by(value: &Value) -> Consents {
        value.atoms.iter().fold(Consents::NONE, |all, atom| match atom {
            Atom::Implies { fact: Implied::Allowed(consents), when: true } => all | *consents,
            _ => all,
        })
    }

    /// Handles a call that needs the authorising button: reports it unless the consent is known to be given. A reported call gets an
    /// index in [`super::machine::Machine::asked`], which is returned.
    pub(crate) fn need_button(&mut self, api: &str, scope: &'static str, place: Place) -> Option<u32> {
        let way = self.context.calls.as_ref().map(|calls| {
            let label = Name::from(format!("my.{api}"));
            Step::after(calls, StepKind::Unallowed, place, &label).way()
        });
        let way = way.unwrap_or_default();
        if let Some(first) = way.first() {
            self.outcome.led_to.insert(first.place, scope);
        }
        let asked = self.context.asked.and_then(|asked| self.asked.get(asked as usize));
        if self.context.trigger == Trigger::Unseen
            || self.context.allowed.hold(Consents::of(scope))
            // The code handles the answer of an earlier call for the same scope, which has been reported already.
            || asked.is_some_and(|asked| asked.scope == scope)
        {
            return None;
        }
        let press = self.context.press;
        let fault = ButtonFault::Call { api: format!("my.{api}").into(), scope, press, handler: handler_of(&way) };
        self.outcome.unallowed.push(RawFinding {
            way,
            button: Some(Arc::new(fault)),
            ..RawFinding::new("authorize-button", place, format!("my.{api}"))
        });
        Some(self.asking(place, scope))
    }

    /// Notes that a page is opened from here.
    pub(crate) fn note_opening(&mut self, route: &Name) {
        let is_own = self.project.pages.get(&**route).copied() == self.unit;
        if !is_own && self.context.trigger != Trigger::Unseen && self.project.needs_button {
            let allowed = self.context.allowed;
            self.leave_allowed(FactKey::Opened(route.clone(), true), allowed);
            self.leave_allowed(FactKey::Opened(route.clone(), false), allowed.missing());
        }
    }

    /// The consents that hold wherever the app opens a page.
    pub(crate) fn allowed_at(&mut self, module: u32) -> Consents {
        let route = self.project.modules[module as usize].route.as_ref().filter(|_| self.project.needs_button);
        let Some(route) = route.filter(|route| !self.project.starts.contains(route)) else { return Consents::NONE };
        let route = Name::from(route.as_str());
        let allowed = self.left_allowed(&FactKey::Opened(route.clone(), true));
        // Most pages are opened without any consent: they need not run again to find that out.
        if allowed.is_none() { allowed } else { allowed & self.left_allowed(&FactKey::Opened(route, false)).missing() }
    }

    fn asking(&mut self, place: Place, scope: &'static str) -> u32 {
        let known = self.asked.iter().position(|asked| asked.place == place);
        known.unwrap_or_else(|| {
            self.asked.push(Unallowed { place, scope });
            self.asked.len() - 1
        }) as u32
    }

    /// The code of an answer. Comparing it with the platform's code for a missing consent shows that the author expects it.
    pub(crate) fn status_of(&self, marks: &[super::value::Mark]) -> Value {
        let mut status = Value::undefined();
        for mark in marks {
            if let Some(asked) = self.asked.iter().position(|asked| asked.place == mark.source) {
                status.join(&Value::one(Atom::Implies { fact: Implied::Answer(asked as u32), when: true }));
            }
        }
        status
    }

    /// Notes that the author expects this call to fail for lack of consent. `asks`: whether the code shows the button on that answer.
    pub(crate) fn expect(&mut self, asked: u32, asks: bool) {
        if let Some(asked) = self.asked.get(asked as usize) {
            *self.outcome.expected.entry(asked.place).or_default() |= asks;
        }
    }

    /// The calls whose answers a value depends on.
    pub(crate) fn answers_in(&self, value: &Value) -> Vec<u32> {
        let mut answers: Vec<u32> = value
            .atoms
            .iter()
            .filter_map(|atom| match atom {
                Atom::Implies { fact: Implied::Answer(asked), .. } => Some(*asked),
                _ => None,
            })
            .collect();
        for mark in self.deep_marks(value) {
            answers.extend(self.asked.iter().position(|asked| asked.place == mark.source).map(|place| place as u32));
        }
        answers
    }
}

/// Names of the platform's callbacks, which are never a page's handler.
const NO_HANDLERS: &[&str] = &["success", "fail", "complete"];

/// The function that would handle the button's event: the first on the way that is neither a callback nor a compiler's function.
fn handler_of(way: &[Arc<Step>]) -> Name {
    let is_handler = |step: &&Arc<Step>| {
        let name = &*step.label;
        step.kind == StepKind::Called && !name.is_empty() && !name.starts_with('_') && !NO_HANDLERS.contains(&name)
    };
    way.iter().find(is_handler).map_or_else(|| "".into(), |step| step.label.clone())
}
