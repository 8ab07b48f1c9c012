//! What one run leaves for the others: pages share storage, addresses, channels and the objects of common modules.

use super::{
    heap::{Kind, Object},
    machine::Machine,
    trail::{Place, Step, StepKind},
    value::{Mark, Value},
};
use crate::scripts::ir::Name;
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
    /// An object made at a module's top level: the module and where.
    Object(u32, u32),
    /// A variable of a module's top level.
    Variable(u32, u32),
}

/// Display information in something shared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fact {
    pub(crate) marks: Vec<Mark>,
    pub(crate) fields: BTreeMap<Name, Fact>,
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
}

impl Fact {
    /// Adds another; says whether anything is new.
    pub(crate) fn join(&mut self, other: &Fact) -> bool {
        let mut changed = false;
        for mark in &other.marks {
            if self.marks.len() < 4 && !self.marks.iter().any(|known| known.source == mark.source) {
                self.marks.push(mark.clone());
                changed = true;
            }
        }
        for (name, fact) in &other.fields {
            changed |= self.fields.entry(name.clone()).or_default().join(fact);
        }
        changed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.fields.values().all(Fact::is_empty)
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
        self.fact_of(value, 0)
    }

    fn fact_of(&self, value: &Value, depth: u32) -> Fact {
        let mut fact = Fact { marks: value.marks.clone(), ..Fact::default() };
        for id in value.objects() {
            let object = self.heap.get(id);
            if matches!(object.kind, Kind::Closure(_) | Kind::Native(_) | Kind::Bound(_) | Kind::Method(..)) {
                continue;
            }
            if depth >= DEEPEST {
                fact.join(&Fact { marks: self.deep_marks(value), ..Fact::default() });
                break;
            }
            fact.join(&self.fact_of_object(object, depth));
        }
        fact
    }

    fn fact_of_object(&self, object: &Object, depth: u32) -> Fact {
        let mut fact = Fact { marks: object.rest.marks.clone(), ..Fact::default() };
        if matches!(object.kind, Kind::Json) {
            return self.fact_of(&object.rest, depth + 1);
        }
        for (name, value) in &object.fields {
            let inner = self.fact_of(value, depth + 1);
            if !inner.is_empty() {
                fact.fields.insert(name.clone(), inner);
            }
        }
        for element in &object.elements {
            fact.join(&self.fact_of(element, depth + 1));
        }
        fact
    }

    /// A value that holds what a fact says.
    pub(crate) fn value_of(&mut self, fact: &Fact) -> Value {
        if fact.fields.is_empty() {
            return Value::carrying(fact.marks.clone());
        }
        let mut object = Object::new(Kind::Plain);
        object.rest = Value::carrying(fact.marks.clone());
        for (name, inner) in &fact.fields {
            let value = self.value_of(inner);
            object.fields.insert(name.clone(), value);
        }
        Value::object(self.heap.add(object))
    }

    /// Leaves something for the others.
    pub(crate) fn leave(&mut self, key: FactKey, value: &Value, kind: StepKind, place: Place, label: &Name) {
        let mut fact = self.to_fact(value);
        if !fact.is_empty() {
            fact.stepped(kind, place, label);
            self.outcome.facts.entry(key).or_default().join(&fact);
        }
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

    /// Gives a module's top level what other runs have left in its objects and variables.
    pub(crate) fn take_shared(&mut self, module: u32, first_object: usize) {
        if self.facts.is_empty() {
            return;
        }
        for index in first_object..self.heap.len() {
            let id = super::value::ObjectId(index as u32);
            let Some((origin, site)) = self.heap.get(id).origin else { continue };
            let Some(fact) = self.facts.get(&FactKey::Object(origin, site)) else { continue };
            let rest = fact.marks.clone();
            self.heap.edit(id).rest.add_marks(&rest);
            let fields: Vec<_> = fact.fields.iter().map(|(name, fact)| (name.clone(), fact.clone())).collect();
            for (name, fact) in fields {
                let value = self.value_of(&fact);
                self.heap.edit(id).fields.entry(name).or_default().join(&value);
            }
        }
        let Some(frame) = self.module_frames.get(&module).copied() else { return };
        let (first, slots) =
            (self.frames[frame as usize].first_cell, self.project.modules[module as usize].script.functions[0].slots);
        for slot in 0..slots {
            if let Some(fact) = self.facts.get(&FactKey::Variable(module, slot)).cloned() {
                let value = self.value_of(&fact);
                let joined = self.heap.cell(first + slot).clone().joined(&value);
                self.heap.set_cell(first + slot, joined);
            }
        }
    }

    /// Leaves what the shared objects and variables hold at the end of a run.
    pub(crate) fn leave_shared(&mut self) {
        for index in 0..self.heap.len() {
            let object = self.heap.get(super::value::ObjectId(index as u32));
            let Some((module, site)) = object.origin else { continue };
            let fact = self.fact_of_object(object, 0);
            if !fact.is_empty() {
                self.outcome.facts.entry(FactKey::Object(module, site)).or_default().join(&fact);
            }
        }
        let frames: Vec<(u32, u32)> = self.module_frames.iter().map(|(module, frame)| (*module, *frame)).collect();
        for (module, frame) in frames {
            let first = self.frames[frame as usize].first_cell;
            for slot in 0..self.project.modules[module as usize].script.functions[0].slots {
                let marks = &self.heap.cell(first + slot).marks;
                if !marks.is_empty() {
                    let fact = Fact { marks: marks.clone(), ..Fact::default() };
                    self.outcome.facts.entry(FactKey::Variable(module, slot)).or_default().join(&fact);
                }
            }
        }
    }
}
