//! What one run leaves for the others: pages share storage, addresses, channels and the objects of common modules.

use super::{
    allowed::Consents,
    buttons::ButtonFault,
    context::Trigger,
    heap::{Kind, Object},
    machine::Machine,
    trail::{Place, Step, StepKind},
    value::{Atom, Mark, Told, Value},
};
use crate::{
    project::Target,
    scripts::ir::{FunctionIndex, Name},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{collections::BTreeMap, sync::Arc};

/// How deeply objects are kept apart by their fields.
const DEEPEST: u32 = 4;

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
const MOST_FUNCTIONS: usize = 6;

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

    fn stepped(&mut self, kind: StepKind, place: Place, label: &Name) {
        for mark in &mut self.marks {
            mark.step = Step::after(&mark.step, kind, place, label);
        }
        for fact in self.fields.values_mut() {
            fact.stepped(kind, place, label);
        }
    }
}

impl Machine<'_> {
    /// What of a value others may see.
    pub(crate) fn to_fact(&self, value: &Value) -> Fact {
        self.fact_of(value, 0, None)
    }

    /// With a module, also the functions in the value that others have put into what that module keeps.
    pub(super) fn fact_of(&self, value: &Value, depth: u32, keeper: Option<u32>) -> Fact {
        let mut fact = Fact { marks: value.marks.clone(), allowed: Self::told_by(value), ..Fact::default() };
        for id in value.objects() {
            let object = self.heap.get(id);
            if let (Kind::Closure(closure), Some(keeper)) = (&object.kind, keeper)
                && self.is_left(object, keeper)
                && fact.functions.len() < MOST_FUNCTIONS
            {
                fact.functions.push((closure.module, closure.function));
            }
            if matches!(
                object.kind,
                Kind::Closure(_) | Kind::Native(_) | Kind::Bound(_) | Kind::Method(..) | Kind::Left(..)
            ) {
                continue;
            }
            if depth >= DEEPEST {
                fact.join(&Fact { marks: self.deep_marks(value), ..Fact::default() });
                break;
            }
            fact.join(&self.fact_of_object(object, depth, keeper));
        }
        fact
    }

    /// Whether a function was put there later, or by a module that the keeper does not know.
    fn is_left(&self, function: &Object, keeper: u32) -> bool {
        function.origin.is_none_or(|(maker, _)| {
            maker != keeper && !self.project.modules[keeper as usize].targets.contains(&Target::Module(maker))
        })
    }

    pub(super) fn fact_of_object(&self, object: &Object, depth: u32, keeper: Option<u32>) -> Fact {
        let rest = &object.rest;
        let mut fact = Fact { marks: rest.marks.clone(), allowed: Self::told_by(rest), ..Fact::default() };
        if matches!(object.kind, Kind::Json) {
            return self.fact_of(&object.rest, depth + 1, keeper);
        }
        for (name, value) in &object.fields {
            let inner = self.fact_of(value, depth + 1, keeper);
            if !inner.is_empty() {
                fact.fields.insert(name.clone(), inner);
            }
        }
        for element in &object.elements {
            fact.join(&self.fact_of(element, depth + 1, keeper));
        }
        fact
    }

    /// A value that holds what a fact says.
    pub(crate) fn value_of(&mut self, fact: &Fact) -> Value {
        let functions = self.left_functions(fact);
        let mut plain = Value::carrying(fact.marks.clone());
        if !fact.allowed.is_none() {
            plain.join(&Value::one(Atom::Tells { what: Told::Allowed(fact.allowed), when: true }));
        }
        if fact.fields.is_empty() && functions.is_undefined() {
            return plain;
        }
        let mut object = Object::new(Kind::Plain);
        object.rest = functions.clone();
        if !fact.marks.is_empty() || functions.is_undefined() {
            object.rest.join(&plain);
        }
        for (name, inner) in &fact.fields {
            let value = self.value_of(inner);
            object.fields.insert(name.clone(), value);
        }
        // The functions themselves, or a list of such; and whether any of it is there yet is open.
        Value::object(self.heap.add(object)).joined(&functions).joined(&Value::unknown())
    }

    pub(super) fn left_functions(&mut self, fact: &Fact) -> Value {
        let mut functions = Value::undefined();
        for (module, function) in &fact.functions {
            let left = self.heap.add(Object::new(Kind::Left(*module, *function)));
            functions.join(&Value::object(left));
        }
        functions
    }

    /// Leaves something for the others.
    pub(crate) fn leave(&mut self, key: FactKey, value: &Value, kind: StepKind, place: Place, label: &Name) {
        let mut fact = self.to_fact(&self.kept(value.clone()));
        if value.truth() != Some(false) {
            // A text or a number that is left where a consent holds tells of it as well.
            fact.allowed = fact.allowed | self.context.allowed;
        }
        if !fact.is_empty() {
            fact.stepped(kind, place, label);
            self.outcome.facts.entry(key).or_default().join(&fact);
        }
    }

    /// Leaves word of the consents that hold where something is done that others see.
    pub(crate) fn leave_allowed(&mut self, key: FactKey, allowed: Consents) {
        if !allowed.is_none() && self.context.trigger != Trigger::Unseen {
            self.outcome.facts.entry(key).or_default().join(&Fact { allowed, ..Fact::default() });
        }
    }

    /// The consents that hold where others have done something.
    pub(crate) fn left_allowed(&mut self, key: &FactKey) -> Consents {
        self.outcome.reads.insert(key.clone());
        self.facts.get(key).map_or(Consents::NONE, |fact| fact.allowed)
    }

    /// What others have left under any of these keys.
    pub(crate) fn left(&mut self, keys: &[FactKey], kind: StepKind, place: Place, label: &Name) -> Value {
        let mut value = Value::undefined();
        for key in keys {
            self.outcome.reads.insert(key.clone());
            if let Some(fact) = self.facts.get(key) {
                let mut fact = fact.clone();
                fact.stepped(kind, place, label);
                let left = self.value_of(&fact);
                value.join(&left);
            }
        }
        value
    }
}
