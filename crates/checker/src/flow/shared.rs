//! What runs leave for one another: in storage, in addresses, in channels, and in objects and variables of the modules they share.

use super::{
    context::{Consents, Trigger},
    facts::{Fact, FactKey, MAX_FUNCTIONS, Place, StepKind},
    heap::{CellId, Closure, Heap, Kind, Object},
    machine::Machine,
    value::{Atom, Implied, Mark, ObjectId, Value},
};
use crate::{
    project::Target,
    scripts::ir::{FunctionIndex, Name},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Global objects that code uses to share things with other code.
pub(super) const GLOBAL_OBJECTS: &[&str] = &["my", "global", "globalThis", "$global", "wx", "uni"];

/// How deeply an object's fields are distinguished.
const MAX_DEPTH: u32 = 4;

/// The owner of the objects and variables that are searched for functions put there by other code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Keeper {
    /// None: functions do not count.
    Nobody,
    /// A module's top level.
    Module(u32),
    /// A global object or name, which every module sees.
    Everybody,
}

/// A cache of objects that hold nothing for other runs, because a library's objects are reached on many paths. The key is an object,
/// the keeper, and whether the path to the object existed when the top level ended. The value is the depth at which the object was
/// searched: a search that starts deeper sees less.
type Empty = FxHashMap<(ObjectId, Keeper, bool), u32>;

/// What objects and variables held when the top level that created them ended. Every run that loads the module finds it there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settled {
    objects: FxHashMap<ObjectId, Rc<Object>>,
    cells: FxHashMap<CellId, Value>,
}

/// The common start of many runs. At the end of each run, a comparison with it shows what the run has not changed.
#[derive(Debug)]
pub(crate) struct Beginning {
    heap: Heap,
    /// The objects that hold each object.
    holders: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// The objects that already held something for others.
    implying: Vec<ObjectId>,
}

impl Machine<'_> {
    /// Makes this machine's state the start of the runs that copy it.
    pub(crate) fn begin(&mut self) {
        let mut holders: FxHashMap<ObjectId, Vec<ObjectId>> = FxHashMap::default();
        let mut implying = Vec::new();
        let empty = &mut Empty::default();
        for id in (0..self.heap.len()).map(|index| ObjectId(index as u32)) {
            let object = self.heap.get(id);
            for value in object.fields.values().chain(&object.elements).chain([&object.rest]) {
                for held in value.objects() {
                    holders.entry(held).or_default().push(id);
                }
            }
            if let Some((module, _)) = object.origin
                && !self.fact_of_object(id, 0, Keeper::Module(module), true, empty).is_empty()
            {
                implying.push(id);
            }
        }
        self.beginning = Some(Rc::new(Beginning { heap: self.heap.clone(), holders, implying }));
    }

    /// The objects in which a run may have left something for others, in order: those that it made or changed, those that hold
    /// such an object, and those that already held something.
    fn may_imply(&self) -> Vec<ObjectId> {
        let all = (0..self.heap.len()).map(|index| ObjectId(index as u32));
        let Some(beginning) = &self.beginning else { return all.collect() };
        let mut open: Vec<ObjectId> = all.filter(|id| !self.heap.is_same_in(&beginning.heap, *id)).collect();
        open.extend(&beginning.implying);
        let mut found = FxHashSet::default();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(beginning.holders.get(&id).into_iter().flatten());
            }
        }
        let mut found: Vec<ObjectId> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// The part of a value that other runs may see.
    pub(crate) fn to_fact(&self, value: &Value) -> Fact {
        self.fact_of(value, 0, Keeper::Nobody, None, &mut Empty::default())
    }

    /// The part of a value that other runs may see. With a keeper, also includes functions that other code has put there; `settled`
    /// is the value when the top level ended, and its functions do not count.
    fn fact_of(&self, value: &Value, depth: u32, keeper: Keeper, settled: Option<&Value>, empty: &mut Empty) -> Fact {
        let mut fact =
            Fact { marks: value.marks.clone(), allowed: Self::consents_implied_by(value), ..Fact::default() };
        for atom in &value.atoms {
            let Atom::Object(id) = atom else { continue };
            let object = self.heap.get(*id);
            let is_settled = settled.is_some_and(|settled| settled.atoms.contains(atom));
            if let Kind::Closure(closure) = &object.kind
                && !is_settled
                && self.is_left(object, keeper)
                && fact.functions.len() < MAX_FUNCTIONS
            {
                fact.functions.push((closure.module, closure.function));
            }
            if matches!(
                object.kind,
                Kind::Closure(_) | Kind::Native(_) | Kind::Bound(_) | Kind::Method(..) | Kind::Left(..) | Kind::View
            ) {
                continue;
            }
            if depth >= MAX_DEPTH {
                fact.join(&Fact { marks: self.deep_marks(value), ..Fact::default() });
                break;
            }
            if empty.get(&(*id, keeper, is_settled)).is_none_or(|known| *known > depth) {
                let inner = self.fact_of_object(*id, depth, keeper, is_settled, empty);
                if inner.is_empty() {
                    empty.insert((*id, keeper, is_settled), depth);
                }
                fact.join(&inner);
            }
        }
        fact
    }

    /// Whether a function was put there later, or by a module that the keeper does not require. A function that a top level creates
    /// and puts on a global object exists in every run.
    fn is_left(&self, function: &Object, keeper: Keeper) -> bool {
        match (keeper, function.origin) {
            (Keeper::Nobody, _) | (Keeper::Everybody, Some(_)) => false,
            (Keeper::Everybody | Keeper::Module(_), None) => true,
            (Keeper::Module(keeper), Some((maker, _))) => {
                maker != keeper && !self.project.modules[keeper as usize].targets.contains(&Target::Module(maker))
            }
        }
    }

    /// `is_settled`: whether the path to the object already existed when the top level ended.
    fn fact_of_object(&self, id: ObjectId, depth: u32, keeper: Keeper, is_settled: bool, empty: &mut Empty) -> Fact {
        let object = self.heap.get(id);
        let settled = self.settled.objects.get(&id).filter(|_| is_settled);
        self.heap.worked(1 + (object.fields.len() + object.elements.len()) / 2);
        let rest = &object.rest;
        let mut fact = Fact { marks: rest.marks.clone(), allowed: Self::consents_implied_by(rest), ..Fact::default() };
        if matches!(object.kind, Kind::Json) {
            return self.fact_of(&object.rest, depth + 1, keeper, None, empty);
        }
        for (name, value) in &object.fields {
            let known = settled.and_then(|settled| settled.fields.get(name));
            let inner = self.fact_of(value, depth + 1, keeper, known, empty);
            // A field that was written after the whole object was marked keeps its own fact, even an empty one.
            if !inner.is_empty() || !rest.marks.is_empty() {
                fact.fields.insert(name.clone(), inner);
            }
        }
        for (place, element) in object.elements.iter().enumerate() {
            let known = settled.and_then(|settled| settled.elements.get(place));
            fact.join(&self.fact_of(element, depth + 1, keeper, known, empty));
        }
        fact
    }

    /// A value that holds what a fact says.
    pub(crate) fn value_of(&mut self, fact: &Fact) -> Value {
        self.has_marks |= !fact.marks.is_empty();
        let functions = self.left_functions(fact);
        let mut plain = Value::carrying(fact.marks.clone());
        if !fact.allowed.is_none() {
            plain.join(&Value::one(Atom::Implies { fact: Implied::Allowed(fact.allowed), when: true }));
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
        // The value may be the functions themselves or a list of them, and it may not be set yet.
        Value::object(self.heap.add(object)).joined(&functions).joined(&Value::unknown())
    }

    fn left_functions(&mut self, fact: &Fact) -> Value {
        let mut functions = Value::undefined();
        for (module, function) in &fact.functions {
            let left = self.heap.add(Object::new(Kind::Left(*module, *function)));
            functions.join(&Value::object(left));
        }
        functions
    }

    /// Leaves something for the other runs.
    pub(crate) fn leave(&mut self, key: FactKey, value: &Value, kind: StepKind, place: Place, label: &Name) {
        self.deeds += 1;
        let mut fact = self.to_fact(&self.kept(value.clone()));
        if value.truth() != Some(false) {
            // A text or number that is stored where a consent holds also proves that consent.
            fact.allowed = fact.allowed | self.context.allowed;
        }
        // Code that nothing calls cannot have stored anything for another page.
        let is_dead = matches!(key, FactKey::Storage(_)) && self.context.trigger == Trigger::Unseen;
        if !fact.is_empty() && !is_dead {
            fact.stepped(kind, place, label);
            self.outcome.facts.entry(key).or_default().join(&fact);
        }
    }

    /// Notes the consents that hold where the code does something that other runs can see.
    pub(crate) fn leave_allowed(&mut self, key: FactKey, allowed: Consents) {
        if !allowed.is_none() && self.context.trigger != Trigger::Unseen {
            self.outcome.facts.entry(key).or_default().join(&Fact { allowed, ..Fact::default() });
        }
    }

    /// The consents that held where other runs did this.
    pub(crate) fn left_allowed(&mut self, key: &FactKey) -> Consents {
        self.outcome.reads.insert(key.clone());
        self.facts.get(key).map_or(Consents::NONE, |fact| fact.allowed)
    }

    /// What other runs have left under any of these keys.
    pub(crate) fn left(&mut self, keys: &[FactKey], kind: StepKind, place: Place, label: &Name) -> Value {
        self.deeds += 1;
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

    /// Notes what objects and variables hold when a top level ends. The modules that it loaded have already done so for their own.
    pub(crate) fn settle(&mut self, module: u32, first_object: usize) {
        for (id, object) in self.heap.since(first_object) {
            self.settled.objects.entry(id).or_insert_with(|| object.clone());
        }
        let first = self.frames[self.frame as usize].first_cell;
        for cell in first..first + self.project.modules[module as usize].script.functions[0].slots {
            self.settled.cells.insert(cell, self.heap.cell(cell).clone());
        }
    }

    /// Adds to a module's objects and variables what other runs have left in them.
    pub(crate) fn take_shared(&mut self, module: u32, first_object: usize) {
        if self.facts.is_empty() {
            return;
        }
        for index in first_object..self.heap.len() {
            let id = ObjectId(index as u32);
            let Some((origin, site)) = self.heap.get(id).origin else { continue };
            let Some(fact) = self.facts.get(&FactKey::Object(origin, site)) else { continue };
            let fact = fact.clone();
            self.has_marks |= !fact.marks.is_empty();
            let functions = self.left_functions(&fact);
            let allowed = fact.allowed;
            let rest = &mut self.heap.edit(id).rest;
            rest.add_marks(&fact.marks);
            if !allowed.is_none() {
                rest.join(&Value::one(Atom::Implies { fact: Implied::Allowed(allowed), when: true }));
            }
            rest.join(&functions);
            let fields = fact.fields;
            for (name, fact) in fields {
                if self.is_left_anyway(id, &name, &fact) {
                    continue;
                }
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

    /// Whether the object that the field holds already has this fact. The field then stays as it is, and the object stays known.
    fn is_left_anyway(&self, id: ObjectId, name: &Name, fact: &Fact) -> bool {
        let field = self.heap.get(id).fields.get(name);
        let Some([Atom::Object(inner)]) = field.map(|value| value.atoms.as_slice()) else { return false };
        let Some((module, site)) = self.heap.get(*inner).origin else { return false };
        let own = self.facts.get(&FactKey::Object(module, site));
        own.is_some_and(|own| !own.clone().join(fact))
    }

    /// Leaves the contents of shared objects and variables for other runs, at the end of a run.
    pub(crate) fn leave_shared(&mut self) {
        let empty = &mut Empty::default();
        for id in self.may_imply() {
            let Some((module, site)) = self.heap.get(id).origin else { continue };
            let fact = self.fact_of_object(id, 0, Keeper::Module(module), true, empty);
            if !fact.is_empty() {
                self.outcome.facts.entry(FactKey::Object(module, site)).or_default().join(&fact);
            }
        }
        self.leave_globals();
        let frames: Vec<(u32, u32)> = self.module_frames.iter().map(|(module, frame)| (*module, *frame)).collect();
        for (module, frame) in frames {
            let first = self.frames[frame as usize].first_cell;
            for slot in 0..self.project.modules[module as usize].script.functions[0].slots {
                let value = self.heap.cell(first + slot);
                let settled = self.settled.cells.get(&(first + slot));
                let functions = self.only_functions(value);
                let functions = self.fact_of(&functions, 0, Keeper::Module(module), settled, empty).functions;
                let fact = Fact {
                    marks: value.marks.clone(),
                    functions,
                    allowed: Self::consents_implied_by(value),
                    ..Fact::default()
                };
                if !fact.is_empty() {
                    self.outcome.facts.entry(FactKey::Variable(module, slot)).or_default().join(&fact);
                }
            }
        }
    }

    /// Adds to global names, and to the objects they hold, what other runs have left there.
    pub(crate) fn take_globals(&mut self) {
        if !self.project.shares_globals {
            return;
        }
        self.outcome.reads.extend(GLOBAL_OBJECTS.iter().map(|name| FactKey::Global((*name).into())));
        let mut names: Vec<Name> = self.facts.keys().filter_map(|key| key.global().cloned()).collect();
        names.sort_unstable();
        for name in names {
            let key = FactKey::Global(name.clone());
            let Some(fact) = self.facts.get(&key).cloned() else { continue };
            self.outcome.reads.insert(key);
            let value = self.value_of(&fact);
            if GLOBAL_OBJECTS.contains(&&*name) {
                for (target, value) in self.native(&name).objects().into_iter().zip(value.objects()) {
                    let fields = self.heap.get(value).fields.clone();
                    self.heap.edit(target).fields.extend(fields);
                }
            } else {
                self.globals.insert(name, value);
            }
        }
    }

    fn leave_globals(&mut self) {
        if !self.project.shares_globals {
            return;
        }
        let mut found: Vec<(Name, Fact)> = self
            .globals
            .iter()
            .map(|(name, value)| (name.clone(), self.fact_of(value, 0, Keeper::Everybody, None, &mut Empty::default())))
            .collect();
        for name in GLOBAL_OBJECTS {
            if let Some(id) = self.natives.get(*name) {
                found.push((
                    (*name).into(),
                    self.fact_of_object(*id, 0, Keeper::Everybody, false, &mut Empty::default()),
                ));
            }
        }
        for (name, fact) in found {
            if !fact.is_empty() {
                self.outcome.facts.entry(FactKey::Global(name)).or_default().join(&fact);
            }
        }
    }

    fn only_functions(&self, value: &Value) -> Value {
        let is_function =
            |atom: &Atom| matches!(atom, Atom::Object(id) if matches!(self.heap.get(*id).kind, Kind::Closure(_)));
        let atoms = value.atoms.iter().filter(|atom| is_function(atom)).cloned().collect();
        Value { atoms, ..Value::undefined() }
    }

    /// Calls a function that another run has left. The variables of its module's top level are known; those of functions around it
    /// are not.
    pub(crate) fn call_left(
        &mut self,
        module: u32,
        function: FunctionIndex,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        self.load(module);
        let Some(frame) = self.module_frames.get(&module).copied() else { return Value::unknown() };
        let closure = Closure { module, function, frame, home: None };
        let id = self.heap.add(Object::new(Kind::Closure(closure)));
        self.call_object(id, this, arguments, place)
    }
}

/// How deeply objects are searched.
const MAX_SEARCH_DEPTH: u32 = 8;

impl Machine<'_> {
    /// The marks in a value and in everything that it holds.
    pub(crate) fn deep_marks(&self, value: &Value) -> Vec<Mark> {
        if !self.has_marks || value.atoms.iter().all(|atom| !matches!(atom, Atom::Object(_))) {
            return value.marks.clone();
        }
        let mut found = Vec::new();
        self.search(value, 0, &mut FxHashSet::default(), &mut found);
        found
    }

    fn search(&self, value: &Value, depth: u32, seen: &mut FxHashSet<ObjectId>, found: &mut Vec<Mark>) {
        for mark in &value.marks {
            if found.len() < 32 && !found.iter().any(|known| known.same(mark)) {
                found.push(mark.clone());
            }
        }
        if depth > MAX_SEARCH_DEPTH {
            return;
        }
        for id in value.objects() {
            if !seen.insert(id) {
                continue;
            }
            let object = self.heap.get(id);
            self.heap.worked(1 + (object.fields.len() + object.elements.len()) / 2);
            match &object.kind {
                Kind::Closure(_)
                | Kind::Native(_)
                | Kind::Method(..)
                | Kind::Bound(_)
                | Kind::Exports(_)
                | Kind::View
                | Kind::Left(..)
                | Kind::Lazy(..) => continue,
                Kind::Promise(state) => {
                    if let Some(value) = &state.value {
                        self.search(value, depth + 1, seen, found);
                    }
                }
                _ => {}
            }
            let mut names: Vec<&Name> = object.fields.keys().collect();
            names.sort_unstable();
            for name in names {
                self.search(&object.fields[name], depth + 1, seen, found);
            }
            for element in &object.elements {
                self.search(element, depth + 1, seen, found);
            }
            self.search(&object.rest, depth + 1, seen, found);
        }
    }
}
