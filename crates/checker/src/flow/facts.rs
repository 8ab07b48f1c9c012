//! What one run leaves for the others: pages share storage, addresses, channels and the objects of common modules; what a run comes to; and
//! the way that a piece of information, or a call, has taken.

use super::{
    context::{Consents, Press},
    value::Mark,
};
use crate::{
    scripts::ir::{FunctionIndex, Name, Range},
    templates::button::Fault,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{collections::BTreeMap, sync::Arc};

/// Something that several pages share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FactKey {
    /// What is stored under a key; the empty key is any.
    Storage(Name),
    /// A parameter in the address of a page; the empty name is any.
    Parameter(Name, Name),
    /// What is emitted under a name.
    Channel(Name),
    /// What a Worker is sent, and what it sends: its script, and whether it is to the Worker.
    Worker(Name, bool),
    /// What a page is given by another, through the stack of pages: the method.
    OtherPage(Name),
    /// What opens a page: its route, and whether what is left are the consents that hold there or those that are missing.
    Opened(Name, bool),
    /// What stands under a global name.
    Global(Name),
    /// An object made at a module's top level: the module and where.
    Object(u32, u32),
    /// A variable of a module's top level.
    Variable(u32, u32),
}

impl FactKey {
    /// The global name that it is about.
    pub(super) fn global(&self) -> Option<&Name> {
        if let Self::Global(name) = self { Some(name) } else { None }
    }
}

/// How many functions one place is remembered to hold.
pub(super) const MOST_FUNCTIONS: usize = 6;

/// Display information in something shared, and functions that were left there for others to call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fact {
    pub(crate) marks: Vec<Mark>,
    pub(crate) fields: BTreeMap<Name, Fact>,
    /// The modules and the functions in them.
    pub(crate) functions: Vec<(u32, FunctionIndex)>,
    /// The consents of the authorising button that it tells of.
    pub(crate) allowed: Consents,
}

/// All that is known to be shared.
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
    /// The call that handed it to what sends it, where that is in another file.
    pub(crate) handed: Option<Place>,
    /// A name that the message tells: the call or the field.
    pub(crate) subject: Name,
    /// What is to stand at the place instead.
    pub(crate) fix: Option<String>,
    /// What is wrong with an authorising button, or with a call that needs one.
    pub(crate) button: Option<Arc<ButtonFault>>,
}

impl RawFinding {
    /// A finding that its place says all about.
    pub(crate) fn new(rule: &'static str, place: Place, subject: impl Into<Name>) -> Self {
        let subject = subject.into();
        Self { rule, place, source: None, way: Vec::new(), entry: None, handed: None, subject, fix: None, button: None }
    }
}

/// What is wrong with an authorising button, or with a call that needs one.
#[derive(Debug)]
pub(crate) enum ButtonFault {
    /// A call is reached without the consent that it needs.
    Call {
        api: Name,
        scope: &'static str,
        press: Press,
        /// The function that would handle the button's event; empty where none is known.
        handler: Name,
    },
    /// A button names a function that its page does not have.
    NoHandler,
    /// A button as it is written.
    Button {
        faults: Vec<Fault>,
        /// How it is written rightly.
        right: String,
    },
}

/// What a run comes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) findings: Vec<RawFinding>,
    pub(crate) facts: Facts,
    pub(crate) reads: FxHashSet<FactKey>,
    /// The modules whose top level was run.
    pub(crate) loaded: FxHashSet<u32>,
    /// What the run has cost: expressions evaluated, fields and elements looked through.
    pub(crate) steps: u64,
    /// Whether the run was cut short.
    pub(crate) cut: bool,
    /// Whether it was cut short because there was no more time.
    pub(crate) is_out_of_time: bool,
    /// Whether a page, a component or the app was registered of which something is known.
    pub(crate) registers: bool,
    /// The handlers that were run.
    pub(crate) handlers: FxHashSet<Place>,
    /// The fields that were read from the answers to codes of each `auth_user` panel.
    pub(crate) answer_fields: FxHashMap<Place, Vec<Name>>,
    /// Every `getAuthCode` with `auth_user`, and whether a `getOpenUserInfo` followed.
    pub(crate) user_codes: FxHashMap<Place, bool>,
    /// Whether `getAuthUserInfo` is called.
    pub(crate) reads_display: bool,
    /// Calls that need the authorising button and are reached without it.
    pub(crate) unallowed: Vec<RawFinding>,
    /// Such calls whose author shows to know what they answer then, and whether that answer brings the button up.
    pub(crate) expected: FxHashMap<Place, bool>,
    /// Buttons that name a function which their page does not have.
    pub(crate) unhandled: Vec<RawFinding>,
    /// What the events at these places lead to: the scope of a call that needs the button.
    pub(crate) led_to: FxHashMap<Place, &'static str>,
}

impl Fact {
    /// Adds another; says whether anything is new.
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
            if self.functions.len() < MOST_FUNCTIONS && !self.functions.contains(function) {
                self.functions.push(*function);
                changed = true;
            }
        }
        for (name, fact) in &other.fields {
            changed |= self.fields.entry(name.clone()).or_default().join(fact);
        }
        changed
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
