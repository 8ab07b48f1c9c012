//! The values an expression may have: a small set of possibilities, and the display information in it.

use super::{
    context::Consents,
    facts::{Place, Step, StepKind},
};
use crate::scripts::ir::Name;
use smallvec::SmallVec;
use std::sync::Arc;

/// How many possibilities are kept before the rest becomes merely unknown.
pub(super) const MAX_ATOMS: usize = 12;

/// How many sources are tracked for one value.
const MAX_MARKS: usize = 6;

/// An object of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId(pub(crate) u32);

/// Text, as far as it is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text or its start.
    pub(crate) start: Name,
    /// Whether `start` is the whole text.
    pub(crate) whole: bool,
}

/// One possibility.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Atom {
    /// Anything.
    Unknown,
    /// `null` as the field of an object literal, which code may fill later. Like `Unknown`, except that calling it does nothing.
    Null,
    /// A small whole number.
    Number(u32),
    /// `true` or `false`, as it was passed to a function: see [`Value::without_truth`].
    Truth(bool),
    /// A string.
    Text(Arc<Text>),
    /// An object, array or function.
    Object(ObjectId),
    /// A value that says something about the person or a call.
    Implies {
        /// What it says.
        fact: Implied,
        /// Whether it says so by being true.
        when: bool,
    },
}

/// What a value can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Implied {
    /// The person pressed the confirming button of a dialog.
    Agreed,
    /// These consents have been given.
    Allowed(Consents),
    /// What a call that needs a consent has answered, by its place in [`super::machine::Machine::asked`].
    Answer(u32),
}

/// Display information from one call of the platform, with its way so far.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Where it came from.
    pub(crate) source: Place,
    /// Its last step.
    pub(crate) step: Arc<Step>,
}

/// The set of possibilities; the empty set is `undefined`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Value {
    pub(crate) atoms: SmallVec<[Atom; 1]>,
    pub(crate) marks: Vec<Mark>,
}

impl Value {
    pub(crate) fn undefined() -> Self {
        Self::default()
    }

    pub(crate) fn unknown() -> Self {
        Self::one(Atom::Unknown)
    }

    pub(crate) fn object(id: ObjectId) -> Self {
        Self::one(Atom::Object(id))
    }

    pub(crate) fn text(text: &Name) -> Self {
        Self::one(Atom::Text(Arc::new(Text { start: text.clone(), whole: true })))
    }

    pub(crate) fn one(atom: Atom) -> Self {
        Self { atoms: SmallVec::from_elem(atom, 1), marks: Vec::new() }
    }

    /// The value's truth as a condition, if it is certain.
    pub(crate) fn truth(&self) -> Option<bool> {
        if !self.marks.is_empty() {
            return None;
        }
        let mut truths = self.atoms.iter().map(|atom| match atom {
            Atom::Truth(truth) => Some(*truth),
            Atom::Object(_) => Some(true),
            _ => None,
        });
        let first = truths.next()??;
        truths.all(|truth| truth == Some(first)).then_some(first)
    }

    /// The value once it is kept in a variable or field that other code may change: its truth is then unknown.
    pub(crate) fn without_truth(mut self) -> Self {
        if self.atoms.iter().any(|atom| matches!(atom, Atom::Truth(_))) {
            self.atoms.retain(|atom| !matches!(atom, Atom::Truth(_)));
            self.join(&Self::unknown());
        }
        self
    }

    /// Something unknown that carries these marks.
    pub(crate) fn carrying(marks: Vec<Mark>) -> Self {
        Self { marks, ..Self::unknown() }
    }

    pub(crate) fn is_undefined(&self) -> bool {
        self.atoms.is_empty() && self.marks.is_empty()
    }

    pub(crate) fn may_be_unknown(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Unknown | Atom::Null))
    }

    /// Whether it is still the `null` of an object literal.
    pub(crate) fn is_null(&self) -> bool {
        self.marks.is_empty() && matches!(self.atoms.as_slice(), [Atom::Null])
    }

    pub(crate) fn objects(&self) -> SmallVec<[ObjectId; 4]> {
        self.atoms.iter().filter_map(|atom| if let Atom::Object(id) = atom { Some(*id) } else { None }).collect()
    }

    /// The strings that it may be, where they are completely known.
    pub(crate) fn whole_texts(&self) -> impl Iterator<Item = &Name> {
        self.atoms.iter().filter_map(|atom| match atom {
            Atom::Text(text) if text.whole => Some(&text.start),
            _ => None,
        })
    }

    /// Adds the other value's possibilities; returns whether any is new.
    pub(crate) fn join(&mut self, other: &Value) -> bool {
        let mut changed = false;
        for atom in &other.atoms {
            if self.atoms.contains(atom) {
                continue;
            }
            if self.atoms.len() < MAX_ATOMS {
                self.atoms.push(atom.clone());
                changed = true;
            } else if !self.atoms.contains(&Atom::Unknown) {
                self.atoms.push(Atom::Unknown);
                changed = true;
            }
        }
        self.add_marks(&other.marks) || changed
    }

    pub(crate) fn joined(mut self, other: &Value) -> Self {
        self.join(other);
        self
    }

    pub(crate) fn add_marks(&mut self, marks: &[Mark]) -> bool {
        let mut changed = false;
        for mark in marks {
            if self.marks.len() < MAX_MARKS && !self.marks.iter().any(|known| known.same(mark)) {
                self.marks.push(mark.clone());
                changed = true;
            }
        }
        changed
    }

    /// The same value, one step further on its way.
    pub(crate) fn stepped(mut self, kind: StepKind, place: Place, label: &Name) -> Self {
        for mark in &mut self.marks {
            mark.step = Step::after(&mark.step, kind, place, label);
        }
        self
    }
}

impl Mark {
    /// Two marks are the same information if they come from one source through one field.
    pub(crate) fn same(&self, other: &Mark) -> bool {
        self.source == other.source
            && (Arc::ptr_eq(&self.step, &other.step) || self.step.last_field() == other.step.last_field())
    }
}
