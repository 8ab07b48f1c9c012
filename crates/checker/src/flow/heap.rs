//! Objects and variables, with a journal. The branches of a program run one after another: each is undone before the next one
//! starts, and at the end their changes are joined.

use super::{
    context::{Consents, Context},
    facts::Place,
    value::{Atom, ObjectId, Value},
};
use crate::scripts::ir::{FunctionIndex, Name};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A variable of a frame.
pub(crate) type CellId = u32;

/// A call's variables.
pub(crate) type FrameId = u32;

/// What an object is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// An object literal, an instance, anything with fields.
    Plain,
    /// A page, component or app of Vue: see `views`.
    View,
    /// An array.
    Array,
    /// A function of the project, and whether it is a class's constructor.
    Closure(Closure),
    /// A function or namespace of the platform or the language, by its full name.
    Native(Name),
    /// A native function that knows the object it belongs to.
    Method(Name, ObjectId),
    /// `function.bind(this, ...arguments)`
    Bound(Rc<(Value, Value, Vec<Value>)>),
    /// A function that another page's run left in something shared: its module and index.
    Left(u32, FunctionIndex),
    /// A promise.
    Promise(Rc<PromiseState>),
    /// A required module that has not been used yet, and how to read its default export.
    Lazy(u32, Interop),
    /// A module's exports, some of which are variables.
    Exports(Vec<(Name, CellId)>),
    /// The text that `JSON.stringify` makes of the value in `rest`.
    Json,
    /// `new Proxy(target, { get })`: the function that reads its fields. The target is its only element.
    Proxy(Value),
    /// The result of `my.getAuthCode`.
    AuthCodeResult,
    /// An answer to a request that carried an auth code with the scope `auth_user`: the panel's place.
    Answer(Place),
}

/// How the compiler of a file wraps a required module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interop {
    /// Not at all.
    Plain,
    /// As `{ default: exports }`, unless it is an ES module.
    Default,
    /// Like `Default`, with every export beside the default.
    Wildcard,
}

/// A function of the project with the variables around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closure {
    pub(crate) module: u32,
    pub(crate) function: FunctionIndex,
    pub(crate) frame: FrameId,
    /// The prototype whose parent is `super`.
    pub(crate) home: Option<ObjectId>,
}

/// An object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) fields: FxHashMap<Name, Value>,
    pub(crate) elements: Vec<Value>,
    /// The value of any other field or element.
    pub(crate) rest: Value,
    pub(crate) prototype: Option<ObjectId>,
    /// The module whose top level made it, and where: it is the same object in every page's run.
    pub(crate) origin: Option<(u32, u32)>,
}

impl Object {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            fields: FxHashMap::default(),
            elements: Vec::new(),
            rest: Value::undefined(),
            prototype: None,
            origin: None,
        }
    }

    fn join(&mut self, other: &Object) {
        if let (Kind::Promise(mine), Kind::Promise(theirs)) = (&mut self.kind, &other.kind) {
            *mine = Rc::new(mine.joined(theirs));
        }
        for (name, value) in &other.fields {
            self.fields.entry(name.clone()).or_default().join(value);
        }
        for (place, value) in other.elements.iter().enumerate() {
            match self.elements.get_mut(place) {
                Some(mine) => {
                    mine.join(value);
                }
                None => self.elements.push(value.clone()),
            }
        }
        self.rest.join(&other.rest);
    }
}

/// A promise's state, joined over all paths: everything that may have happened to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PromiseState {
    pub(crate) value: Option<Value>,
    /// The consents that hold whenever it is fulfilled.
    pub(crate) allowed: Option<Consents>,
    /// The call without consent whose answer this promise is: see [`Context::asked`].
    pub(crate) asked: Option<u32>,
    pub(crate) fault: Option<(Value, Context)>,
    pub(crate) waiting: Vec<Reaction>,
}

/// The callbacks that `then` registers.
#[derive(Debug, Clone)]
pub(crate) struct Reaction {
    pub(crate) done: Value,
    pub(crate) failed: Value,
    pub(crate) derived: ObjectId,
    pub(crate) context: Context,
    pub(crate) place: Place,
}

impl PromiseState {
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        if let Some(theirs) = &other.value {
            joined.value.get_or_insert_with(Value::undefined).join(theirs);
        }
        joined.allowed = common(joined.allowed, other.allowed);
        joined.asked = joined.asked.or(other.asked);
        joined.fault = joined.fault.or_else(|| other.fault.clone());
        for reaction in &other.waiting {
            if !joined.waiting.iter().any(|known| known.derived == reaction.derived) {
                joined.waiting.push(reaction.clone());
            }
        }
        joined
    }
}

/// The consents that hold on both of two paths. A path whose consents are unknown does not count.
pub(super) fn common(one: Option<Consents>, other: Option<Consents>) -> Option<Consents> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one & other),
        (one, other) => one.or(other),
    }
}

/// The changes that one branch made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    cells: FxHashMap<CellId, Value>,
    objects: FxHashMap<ObjectId, Rc<Object>>,
}

impl Changes {
    /// The value that a field of an object was set to.
    pub(crate) fn field(&self, object: ObjectId, name: &str) -> Option<&Value> {
        self.objects.get(&object)?.fields.get(name)
    }
}

#[derive(Debug, Clone, Default)]
struct Journal {
    before: Changes,
    first_cell: usize,
    first_object: usize,
}

/// Everything that a run can change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heap {
    cells: Vec<Value>,
    /// Each object is shared with the copies of the heap until one of them changes it.
    objects: Vec<Rc<Object>>,
    journals: Vec<Journal>,
    /// The work done on large objects since it was last taken.
    work: std::cell::Cell<u64>,
}

impl Heap {
    pub(crate) fn add(&mut self, object: Object) -> ObjectId {
        self.objects.push(Rc::new(object));
        ObjectId(self.objects.len() as u32 - 1)
    }

    pub(crate) fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// Notes work that grows with the size of objects.
    pub(crate) fn worked(&self, amount: usize) {
        self.work.set(self.work.get() + amount as u64);
    }

    /// The work noted since the last call.
    pub(crate) fn take_work(&self) -> u64 {
        self.work.take()
    }

    /// Whether an object is unchanged since the other heap was copied from this one.
    pub(crate) fn is_same_in(&self, other: &Heap, id: ObjectId) -> bool {
        other.objects.get(id.0 as usize).is_some_and(|object| Rc::ptr_eq(object, &self.objects[id.0 as usize]))
    }

    /// The objects from a place on.
    pub(crate) fn since(&self, first: usize) -> impl Iterator<Item = (ObjectId, &Rc<Object>)> {
        self.objects.iter().enumerate().skip(first).map(|(place, object)| (ObjectId(place as u32), object))
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    /// The object, to be changed.
    pub(crate) fn edit(&mut self, id: ObjectId) -> &mut Object {
        self.note(id);
        Rc::make_mut(&mut self.objects[id.0 as usize])
    }

    fn set_object(&mut self, id: ObjectId, object: Rc<Object>) {
        self.note(id);
        self.objects[id.0 as usize] = object;
    }

    /// Saves an object before it changes, if a branch will have to undo that.
    fn note(&mut self, id: ObjectId) {
        let object = &self.objects[id.0 as usize];
        if let Some(journal) = self.journals.last_mut()
            && (id.0 as usize) < journal.first_object
        {
            let work = &self.work;
            journal.before.objects.entry(id).or_insert_with(|| {
                work.set(work.get() + (object.fields.len() + object.elements.len()) as u64 / 2);
                object.clone()
            });
        }
    }

    pub(crate) fn add_cells(&mut self, count: u32) -> CellId {
        let first = self.cells.len();
        self.cells.resize(first + count as usize, Value::undefined());
        first as CellId
    }

    pub(crate) fn cell(&self, id: CellId) -> &Value {
        &self.cells[id as usize]
    }

    pub(crate) fn set_cell(&mut self, id: CellId, value: Value) {
        let old = std::mem::replace(&mut self.cells[id as usize], value);
        if let Some(journal) = self.journals.last_mut()
            && (id as usize) < journal.first_cell
        {
            journal.before.cells.entry(id).or_insert(old);
        }
    }

    /// Starts a branch.
    pub(crate) fn fork(&mut self) {
        let (first_cell, first_object) = (self.cells.len(), self.objects.len());
        self.journals.push(Journal { before: Changes::default(), first_cell, first_object });
    }

    /// Ends a branch: undoes it and returns its changes.
    pub(crate) fn undo(&mut self) -> Changes {
        let mut changes = self.journals.pop().map_or_else(Changes::default, |journal| journal.before);
        for (id, value) in &mut changes.cells {
            std::mem::swap(value, &mut self.cells[*id as usize]);
        }
        for (id, object) in &mut changes.objects {
            std::mem::swap(object, &mut self.objects[id.0 as usize]);
        }
        changes
    }

    /// Joins the results of branches. Unless `or_none`, one of them has certainly run.
    pub(crate) fn merge(&mut self, mut branches: Vec<Changes>, or_none: bool) {
        if branches.is_empty() {
            return;
        }
        if !or_none && branches.len() == 1 {
            let only = branches.remove(0);
            for (id, value) in only.cells {
                self.set_cell(id, value);
            }
            for (id, object) in only.objects {
                self.set_object(id, object);
            }
            return;
        }
        let mut cells: Vec<CellId> = branches.iter().flat_map(|branch| branch.cells.keys().copied()).collect();
        cells.sort_unstable();
        cells.dedup();
        for id in cells {
            let mut outcome = or_none.then(|| self.cell(id).clone());
            // A branch that did not change the variable leaves the old value, which needs to be joined only once.
            let mut is_old_in = or_none;
            for branch in &branches {
                let value = match branch.cells.get(&id) {
                    Some(value) => value,
                    None if is_old_in => continue,
                    None => {
                        is_old_in = true;
                        &self.cells[id as usize]
                    }
                };
                match &mut outcome {
                    Some(outcome) => {
                        outcome.join(value);
                    }
                    None => outcome = Some(value.clone()),
                }
            }
            self.set_cell(id, outcome.unwrap_or_default());
        }
        let mut objects: Vec<ObjectId> = branches.iter().flat_map(|branch| branch.objects.keys().copied()).collect();
        objects.sort_unstable();
        objects.dedup();
        for id in objects {
            self.worked(self.get(id).fields.len() / 2);
            let mut outcome = or_none.then(|| self.objects[id.0 as usize].clone());
            let mut is_old_in = or_none;
            for branch in &branches {
                let object = match branch.objects.get(&id) {
                    Some(object) => object,
                    None if is_old_in => continue,
                    None => {
                        is_old_in = true;
                        &self.objects[id.0 as usize]
                    }
                };
                match &mut outcome {
                    Some(outcome) => Rc::make_mut(outcome).join(object),
                    None => outcome = Some(object.clone()),
                }
            }
            if let Some(outcome) = outcome {
                self.set_object(id, outcome);
            }
        }
    }

    /// The closures that a value may be.
    pub(crate) fn is_callable(&self, value: &Value) -> bool {
        value.atoms.iter().any(|atom| match atom {
            Atom::Object(id) => {
                matches!(
                    self.get(*id).kind,
                    Kind::Closure(_)
                        | Kind::Native(_)
                        | Kind::Method(..)
                        | Kind::Bound(_)
                        | Kind::Lazy(..)
                        | Kind::Left(..)
                )
            }
            _ => false,
        })
    }
}
