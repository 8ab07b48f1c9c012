//! What one run leaves for the others: pages share storage, addresses, channels and the objects of common modules.

use super::{
    consents::Consents,
    context::Press,
    trail::{Place, Step, StepKind},
    value::Mark,
};
use crate::{
    scripts::ir::{FunctionIndex, Name},
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
    /// An object made at a module's top level: the module and where.
    Object(u32, u32),
    /// A variable of a module's top level.
    Variable(u32, u32),
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
        Self { rule, place, source: None, way: Vec::new(), entry: None, subject, fix: None, button: None }
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
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) findings: Vec<RawFinding>,
    pub(crate) facts: Facts,
    pub(crate) reads: FxHashSet<FactKey>,
    /// The modules whose top level was run.
    pub(crate) loaded: FxHashSet<u32>,
    /// Whether the run was cut short.
    pub(crate) cut: bool,
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
