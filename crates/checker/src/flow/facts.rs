//! Facts that one run leaves for the others (pages share storage, addresses, channels and the objects of common modules), the
//! result of a run, and the steps by which information or a call got somewhere.

use super::{
    context::{Consents, Press},
    value::Mark,
};
use crate::{
    coverage::GapKind,
    scripts::ir::{FunctionIndex, Name, Range},
    templates::button::Fault,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Something that several pages share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FactKey {
    /// The value stored under a key; the empty key means any.
    Storage(Name),
    /// A parameter in a page's address; the empty name means any.
    Parameter(Name, Name),
    /// The value emitted under a name.
    Channel(Name),
    /// A message to or from a Worker: its script, and whether it goes to the Worker.
    Worker(Name, bool),
    /// A value that another page passes to a method through the page stack.
    OtherPage(Name),
    /// The opening of a page: its route, and whether the fact holds the consents given where it is opened, or the missing ones.
    Opened(Name, bool),
    /// The value of a global name.
    Global(Name),
    /// An object made at a module's top level: the module and where.
    Object(u32, u32),
    /// A variable of a module's top level.
    Variable(u32, u32),
    /// A variable of a function that a module's top level has called, and which of the function's calls it was.
    Captured { module: u32, function: FunctionIndex, call: u32, slot: u32 },
}

impl FactKey {
    /// The global name, if the fact is about one.
    pub(super) fn global(&self) -> Option<&Name> {
        if let Self::Global(name) = self { Some(name) } else { None }
    }
}

/// The most functions remembered for one place.
pub(super) const MAX_FUNCTIONS: usize = 6;

/// Display information in something shared, and functions left there for others to call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fact {
    pub(crate) marks: Vec<Mark>,
    pub(crate) fields: BTreeMap<Name, Fact>,
    /// The functions, each with its module.
    pub(crate) functions: Vec<(u32, FunctionIndex)>,
    /// The consents of the authorising button that the shared value proves.
    pub(crate) allowed: Consents,
}

/// All known facts.
pub(crate) type Facts = FxHashMap<FactKey, Fact>;

/// A finding before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct RawFinding {
    /// The rule's id.
    pub(crate) rule: &'static str,
    pub(crate) place: Place,
    /// Where the information comes from, or the panel that was refused.
    pub(crate) source: Option<Place>,
    pub(crate) way: Vec<Arc<Step>>,
    /// Where the information is put into what is sent.
    pub(crate) entry: Option<Place>,
    /// The call that passed it to the sending code, if that is in another file.
    pub(crate) handed: Option<Place>,
    /// A name for the message: the call or the field.
    pub(crate) subject: Name,
    /// The replacement for the text at the place.
    pub(crate) fix: Option<String>,
    /// What is wrong with an authorising button, or with a call that needs one.
    pub(crate) button: Option<Arc<ButtonFault>>,
}

impl RawFinding {
    /// A finding that needs nothing but its place.
    pub(crate) fn new(rule: &'static str, place: Place, subject: impl Into<Name>) -> Self {
        let subject = subject.into();
        Self { rule, place, source: None, way: Vec::new(), entry: None, handed: None, subject, fix: None, button: None }
    }
}

/// What is wrong with an authorising button, or with a call that needs one.
#[derive(Debug)]
pub(crate) enum ButtonFault {
    /// A call is reached without the consent it needs.
    Call {
        api: Name,
        scope: &'static str,
        press: Press,
        /// The function that would handle the button's event; empty if unknown.
        handler: Name,
    },
    /// A button's handler does not exist in its page.
    NoHandler,
    /// A button as it is written.
    Button {
        faults: Vec<Fault>,
        /// The correct way to write it.
        right: String,
    },
}

/// The result of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) findings: Vec<RawFinding>,
    pub(crate) facts: Facts,
    pub(crate) reads: FxHashSet<FactKey>,
    /// The modules whose top level ran.
    pub(crate) loaded: FxHashSet<u32>,
    /// The cost of the run: expressions evaluated, fields and elements searched.
    pub(crate) steps: u64,
    /// Whether the run was cut short.
    pub(crate) cut: bool,
    /// Whether it was cut short because the time was up.
    pub(crate) is_out_of_time: bool,
    /// Whether it registered a page, a component or the app with known contents.
    pub(crate) registers: bool,
    /// The handlers that ran.
    pub(crate) handlers: FxHashSet<Place>,
    /// What was reached and could not be followed.
    pub(crate) gaps: BTreeSet<(Place, GapKind, Name)>,
    /// The fields read from the server's answers to the codes of each `auth_user` panel.
    pub(crate) answer_fields: FxHashMap<Place, Vec<Name>>,
    /// Every `getAuthCode` with `auth_user`, and whether it opens a second window after the authorising button's.
    pub(crate) user_codes: FxHashMap<Place, bool>,
    /// Whether `getAuthUserInfo` is called.
    pub(crate) reads_display: bool,
    /// Calls that need the authorising button and are reached without it.
    pub(crate) unallowed: Vec<RawFinding>,
    /// The places in `unallowed` whose author handles the answer for a missing consent, and whether that answer shows the button.
    pub(crate) expected: FxHashMap<Place, bool>,
    /// Buttons whose handler does not exist in their page.
    pub(crate) unhandled: Vec<RawFinding>,
    /// For each place of an event that leads to a call which needs the button: the scope of that call.
    pub(crate) led_to: FxHashMap<Place, &'static str>,
}

impl Fact {
    /// Adds another fact; returns whether anything in it is new.
    pub(crate) fn join(&mut self, other: &Fact) -> bool {
        let mut changed = !self.allowed.hold(other.allowed);
        self.allowed = self.allowed | other.allowed;
        for mark in &other.marks {
            if self.marks.len() < 4 && !self.marks.iter().any(|known| known.source == mark.source) {
                self.marks.push(mark.clone());
                changed = true;
            }
        }
        for function in &other.functions {
            if self.functions.len() < MAX_FUNCTIONS && !self.functions.contains(function) {
                self.functions.push(*function);
                changed = true;
            }
        }
        for (name, fact) in &other.fields {
            changed |= self.fields.entry(name.clone()).or_default().join(fact);
        }
        changed
    }

    /// Whether this fact already contains everything in the other. Unlike `join`, ignores the limits.
    pub(crate) fn holds(&self, other: &Fact) -> bool {
        self.allowed.hold(other.allowed)
            && other.marks.iter().all(|mark| self.marks.iter().any(|known| known.source == mark.source))
            && other.functions.iter().all(|function| self.functions.contains(function))
            && other.fields.iter().all(|(name, fact)| self.fields.get(name).is_some_and(|own| own.holds(fact)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty()
            && self.functions.is_empty()
            && self.allowed.is_none()
            && self.fields.values().all(Fact::is_empty)
    }

    pub(super) fn stepped(&mut self, kind: StepKind, place: Place, label: &Name) {
        for mark in &mut self.marks {
            mark.step = Step::after(&mark.step, kind, place, label);
        }
        for fact in self.fields.values_mut() {
            fact.stepped(kind, place, label);
        }
    }
}

/// The most steps that are kept on one way. Further steps are dropped.
const MAX_WAY_LENGTH: u32 = 64;

/// A place in one of the project's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file's index in the project.
    pub file: u32,
    /// Where in the file.
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
    /// A promise passes it on.
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
    /// It is emitted to the listeners.
    Emitted,
    /// A template passes it on.
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

/// One step, linked to the steps before it.
#[derive(Debug)]
pub(crate) struct Step {
    /// The previous step.
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

    /// Adds a step after another, unless the new step says nothing new or the way is already too long.
    pub(crate) fn after(before: &Arc<Self>, kind: StepKind, place: Place, label: &Name) -> Arc<Self> {
        let says_nothing = before.place == place && (before.kind == kind || before.kind == StepKind::Entry);
        if before.length >= MAX_WAY_LENGTH || says_nothing && !matches!(kind, StepKind::Panel | StepKind::Unallowed) {
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

    /// Where the information was last put into an object or array. This distinguishes two fields of one request.
    pub(crate) fn last_field(&self) -> Option<Place> {
        self.last_field
    }

    /// The address parameter that the information was put into: the label of the latest `Mixed` step that has one.
    pub(crate) fn parameter(self: &Arc<Self>) -> Option<Name> {
        let mut steps = std::iter::successors(Some(self), |step| step.before.as_ref());
        let mixed = steps.find(|step| step.kind == StepKind::Mixed && !step.label.is_empty())?;
        Some(mixed.label.clone())
    }

    /// All steps, from first to last.
    pub(crate) fn way(self: &Arc<Self>) -> Vec<Arc<Step>> {
        let mut way: Vec<_> = std::iter::successors(Some(self), |step| step.before.as_ref()).cloned().collect();
        way.reverse();
        way
    }
}
