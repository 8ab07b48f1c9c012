//! The way that a piece of information, or a call, has taken.

use crate::scripts::ir::{Name, Range};
use std::sync::Arc;

/// The longest way that is kept; what is longer keeps its first steps and its last.
const LONGEST_WAY: u32 = 64;

/// A place in one of the project's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file's index in the project.
    pub file: u32,
    /// Where in it.
    pub range: Range,
}

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum StepKind {
    /// The platform gives display information.
    Source,
    /// It is assigned to a variable.
    Assigned,
    /// It is put into a field of an object.
    Field,
    /// It is put into an array.
    Element,
    /// It is copied with the object that holds it.
    Copied,
    /// A function returns it.
    Returned,
    /// A promise hands it on.
    Promised,
    /// It becomes part of another value, such as a longer text.
    Mixed,
    /// It is put into the page's data.
    SetData,
    /// It is stored on the device.
    Stored,
    /// It is read from storage.
    Read,
    /// It travels to another page in an address.
    Navigated,
    /// It is emitted to whoever listens.
    Emitted,
    /// A template hands it on.
    Template,
    /// It leaves the page.
    Sink,
    /// The platform, a timer or an event starts the code.
    Entry,
    /// A function is called.
    Called,
    /// The platform calls back.
    CalledBack,
    /// The person refused, or the panel failed.
    Refused,
    /// A consent panel appears.
    Panel,
    /// A call needs a consent that nobody has asked for.
    Unallowed,
}

/// One step and all before it.
#[derive(Debug)]
pub(crate) struct Step {
    /// The step before.
    pub before: Option<Arc<Step>>,
    /// What happens.
    pub kind: StepKind,
    /// Where.
    pub place: Place,
    /// The variable's, field's or function's name.
    pub label: Name,
    length: u32,
    last_field: Option<Place>,
}

impl Step {
    /// A first step.
    pub(crate) fn first(kind: StepKind, place: Place, label: &Name) -> Arc<Self> {
        Arc::new(Self { before: None, kind, place, label: label.clone(), length: 1, last_field: None })
    }

    /// A step after another; none is added where nothing new is said, or where the way is too long already.
    pub(crate) fn after(before: &Arc<Self>, kind: StepKind, place: Place, label: &Name) -> Arc<Self> {
        let says_nothing = before.place == place && (before.kind == kind || before.kind == StepKind::Entry);
        if before.length >= LONGEST_WAY || says_nothing && !matches!(kind, StepKind::Panel | StepKind::Unallowed) {
            return before.clone();
        }
        let last_field = match kind {
            StepKind::Field | StepKind::Element => Some(place),
            _ => before.last_field,
        };
        Arc::new(Self {
            before: Some(before.clone()),
            kind,
            place,
            label: label.clone(),
            length: before.length + 1,
            last_field,
        })
    }

    /// Where the information was last put into an object or array: two fields of one request differ in it.
    pub(crate) fn last_field(&self) -> Option<Place> {
        self.last_field
    }

    /// The parameter of an address that the information was put into: the label of the newest mixing that has one.
    pub(crate) fn parameter(self: &Arc<Self>) -> Option<Name> {
        let mut steps = std::iter::successors(Some(self), |step| step.before.as_ref());
        let mixed = steps.find(|step| step.kind == StepKind::Mixed && !step.label.is_empty())?;
        Some(mixed.label.clone())
    }

    /// All steps, the first first.
    pub(crate) fn way(self: &Arc<Self>) -> Vec<Arc<Step>> {
        let mut way: Vec<_> = std::iter::successors(Some(self), |step| step.before.as_ref()).cloned().collect();
        way.reverse();
        way
    }
}
