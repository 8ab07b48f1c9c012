//! What a test says about its two sides.

use super::{
    consents::Consents,
    machine::Machine,
    value::{Atom, Mark, Told, Value},
};
use crate::platform;

/// What a test says about its two sides.
pub(crate) struct Verdict {
    /// What holds when it is true.
    pub(crate) then: Side,
    /// What holds when it is false.
    pub(crate) otherwise: Side,
    /// Which side is known to be taken.
    pub(crate) truth: Option<bool>,
    pub(crate) value: Value,
}

/// What holds on one side.
#[derive(Default)]
pub(crate) struct Side {
    /// The person pressed the confirming button.
    pub(crate) agreed: bool,
    /// Consents of the authorising button have been given.
    pub(crate) allowed: Consents,
    /// Display information that was found equal to something fixed.
    pub(crate) compared: Vec<Mark>,
}

impl Side {
    /// Both hold.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.agreed |= other.agreed;
        self.allowed = self.allowed | other.allowed;
        self.compared.extend(other.compared);
        self
    }

    /// One of the two holds.
    pub(super) fn or(self, other: &Self) -> Self {
        Self { agreed: self.agreed && other.agreed, allowed: self.allowed & other.allowed, compared: Vec::new() }
    }
}

impl Machine<'_> {
    /// Whether a value is true: all that is kept of it is what it tells.
    pub(crate) fn telling(value: Value) -> Value {
        Verdict::on(value).negated().negated().value
    }

    /// What is true only where two values are: it tells what either does by being true.
    pub(crate) fn told_by_both(one: Value, other: Value) -> Value {
        let told = [one, other].into_iter().flat_map(|value| Self::telling(value).atoms);
        let told = told.filter(|atom| matches!(atom, Atom::Tells { when: true, .. }));
        told.fold(Value::unknown(), |all, atom| all.joined(&Value::one(atom)))
    }
}

impl Verdict {
    /// What a value says by whether it is true.
    pub(super) fn on(value: Value) -> Self {
        let (mut then, mut otherwise) = (Side::default(), Side::default());
        for atom in &value.atoms {
            let Atom::Tells { what, when } = atom else { continue };
            let side = if *when { &mut then } else { &mut otherwise };
            match what {
                Told::Agreed => side.agreed = true,
                Told::Allowed(consents) => side.allowed = side.allowed | *consents,
                Told::Answer(_) => {}
            }
        }
        if !value.marks.is_empty() {
            // Who has the display information has been allowed to.
            then.allowed = then.allowed | Consents::of(platform::display_scope());
        }
        Self { then, otherwise, truth: value.truth(), value }
    }

    pub(super) fn negated(self) -> Self {
        let truth = self.truth.map(|truth| !truth);
        let mut value = truth.map_or_else(Value::unknown, |truth| Value::one(Atom::Truth(truth)));
        for atom in self.value.atoms {
            if let Atom::Tells { what, when } = atom {
                value.join(&Value::one(Atom::Tells { what, when: !when }));
            }
        }
        if !self.value.marks.is_empty() {
            value.join(&Value::one(Atom::Tells { what: Told::Allowed(self.then.allowed), when: false }));
        }
        Self { then: self.otherwise, otherwise: self.then, truth, value }
    }
}
