//! One run: a script of the project with everything that it reaches, from its top level through every handler of its page.

use super::{
    context::{Consents, Context, Trigger, Unallowed},
    facts::{Facts, Outcome, Place, Step, StepKind},
    heap::{CellId, Changes, FrameId, Heap, Kind, Object},
    shared::Beginning,
    value::{Atom, Mark, ObjectId, Text, Value},
};
use crate::{
    project::Project,
    scripts::ir::{FunctionIndex, Name, Range},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::VecDeque,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

/// How many expressions one run evaluates at most: a bundle of megabytes ends in time, and the report says that it was cut.
const FUEL: u64 = 3_000_000;

/// How much fuel is burnt between two looks at the clock.
const BETWEEN_LOOKS: u64 = 1_000;

/// A call's frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) module: u32,
    pub(crate) function: FunctionIndex,
    pub(crate) parent: FrameId,
    pub(crate) first_cell: CellId,
    pub(crate) this: Value,
    pub(crate) arguments: Rc<Vec<Value>>,
    /// The call that made it; none at a module's top level.
    pub(crate) called_at: Option<Place>,
    pub(crate) home: Option<ObjectId>,
}

/// A page, component or app as it was registered.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    /// `Page`, `Component` or `App`
    pub(crate) kind: Name,
    pub(crate) config: ObjectId,
    pub(crate) place: Place,
    /// The file that it is of: a helper in another file may have called `Page` for it.
    pub(crate) file: u32,
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// What follows runs.
    Next,
    /// A loop or switch is left.
    Leave,
    /// Something is thrown.
    Throw,
    /// The function is left.
    Return,
}

/// A callback that is due.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) callee: Value,
    pub(crate) this: Value,
    pub(crate) arguments: Vec<Value>,
    pub(crate) context: Context,
    pub(crate) place: Place,
    /// The promise that the callback's outcome settles.
    pub(crate) settles: Option<ObjectId>,
}

/// What a call under way gathers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activation {
    pub(crate) returned: Value,
    /// The sides that ended early, each with the consents that held.
    pub(crate) exits: Vec<(Changes, Consents)>,
    /// The consents that hold however the function ends, as far as it has.
    pub(crate) ended: Option<Consents>,
    /// Whether a compiler has made states of the function: then not every `return` is its end.
    pub(crate) in_states: bool,
    /// Objects that were returned where consents hold.
    pub(crate) returned_where: Vec<(ObjectId, Consents)>,
    /// What was thrown and not caught, with the state of affairs.
    pub(crate) thrown: Option<(Value, Context)>,
    /// How many `try` blocks are open.
    pub(crate) tries: u32,
    /// What was thrown in the innermost `try`.
    pub(crate) caught: Option<(Value, Context)>,
    /// A refusal that a `catch` has let pass.
    pub(crate) passed_over: Option<Context>,
}

/// The abstract machine.
#[derive(Clone)]
pub(crate) struct Machine<'p> {
    pub(crate) project: &'p Project,
    pub(crate) facts: &'p Facts,
    pub(crate) outcome: Outcome,
    pub(crate) heap: Heap,
    pub(crate) frames: Vec<Frame>,
    pub(crate) frame: FrameId,
    pub(crate) context: Context,
    pub(crate) activations: Vec<Activation>,
    pub(crate) exports: FxHashMap<u32, Value>,
    pub(crate) module_frames: FxHashMap<u32, FrameId>,
    /// What this run began with, where other runs begin with the same.
    pub(super) beginning: Option<Rc<Beginning>>,
    /// The modules whose top level was run, in the order in which that began.
    pub(crate) load_order: Vec<u32>,
    pub(crate) globals: FxHashMap<Name, Value>,
    pub(crate) natives: FxHashMap<Name, ObjectId>,
    /// The functions under way.
    pub(crate) stack: Vec<(u32, FunctionIndex)>,
    /// The functions that have run, and how often in this round.
    pub(crate) runs: FxHashMap<(u32, FunctionIndex), u32>,
    /// How often a library's function has computed something for the app's own code; none once it has done anything else.
    pub(crate) computing: FxHashMap<(u32, FunctionIndex), Option<u32>>,
    /// How much has been done so far that others see: calls of the platform, what is read of others, callbacks.
    pub(crate) deeds: u64,
    /// The closures that have been made.
    pub(crate) closures: Vec<ObjectId>,
    /// What a comparison with display information lets flow implicitly.
    pub(crate) compared: Vec<Mark>,
    /// The functions that writing a field of an object calls.
    pub(crate) setters: FxHashMap<(ObjectId, Name), Value>,
    /// The module whose top level is running.
    pub(crate) loading: Option<u32>,
    /// The files whose top level is running, one within the other.
    pub(crate) loading_files: Vec<u32>,
    /// What `Page`, `Component` and `App` were called with.
    pub(crate) registered: Vec<Registered>,
    /// What was given, while modules load, to functions of which nothing is known, and looks like a page: with place and file.
    pub(crate) wrapped_configs: Vec<(ObjectId, Place, u32)>,
    /// The store of Vuex, once it is made.
    pub(crate) store: Option<Value>,
    /// What `Vue.mixin` was given.
    pub(crate) global_mixins: Vec<ObjectId>,
    /// The instance whose `setup` is running.
    pub(crate) setting_up: Option<ObjectId>,
    /// Whether `uni.getUserInfo` calls what needs the authorising button.
    pub(crate) user_info_by_button: bool,
    /// The states of React's components, by where they are asked for.
    pub(crate) states: FxHashMap<Place, ObjectId>,
    /// The handlers of what was rendered: tag, name, function.
    pub(crate) rendered: Vec<(Name, Name, Value)>,
    /// How many of React's components are being rendered, one within the other.
    pub(crate) rendering: usize,
    /// Whether what is sent has been told of already, by the function that is running.
    pub(crate) told: bool,
    /// The variables of the template at hand.
    pub(crate) template: Option<Vec<(Name, Value)>>,
    /// The consents that hold wherever the element at hand is shown.
    pub(crate) shown_where: Consents,
    /// The calls on whose answers it depends whether the element at hand is shown.
    pub(crate) shown_by: Vec<u32>,
    /// What the expression of a template reads, while that is asked for.
    pub(crate) watched: Option<Vec<u32>>,
    /// The calls that were reached without the consent that they need.
    pub(crate) asked: Vec<Unallowed>,
    /// Whether the field being read also names a variable, as in `const { authcode } = result`.
    pub(crate) shorthand_key: bool,
    /// The place of whatever a template's expression does.
    pub(crate) fixed_place: Option<Place>,
    /// The script that the run is of.
    pub(crate) unit: Option<u32>,
    /// The page or component that is running.
    pub(crate) running: Option<ObjectId>,
    /// The components that are running, one within the other.
    pub(crate) nested: Vec<u32>,
    /// The components that are running and have no script of their own, one within the other.
    pub(crate) listed: Vec<ObjectId>,
    /// What the template of this round has done already: see `repeats`.
    pub(crate) repeats: FxHashSet<u64>,
    /// How many named templates are running, one within the other.
    pub(crate) template_depth: u32,
    pub(crate) fuel: u64,
    /// Whether any display information has come up in the run: until then nothing needs to be searched for it.
    pub(crate) has_marks: bool,
    /// When the run has to end.
    deadline: Option<Instant>,
    /// What the part of the run has cost that is the same for all.
    pub(super) shared_steps: u64,
    /// At how much fuel to look at the clock again.
    look_at: u64,
    tasks: VecDeque<Task>,
}

impl<'p> Machine<'p> {
    pub(crate) fn new(project: &'p Project, facts: &'p Facts) -> Self {
        let nowhere = Place { file: 0, range: Range::default() };
        Self {
            project,
            facts,
            outcome: Outcome::default(),
            heap: Heap::default(),
            frames: Vec::new(),
            frame: 0,
            context: Context::starting(Trigger::Unseen, nowhere, &"".into()),
            activations: vec![Activation::default()],
            exports: FxHashMap::default(),
            module_frames: FxHashMap::default(),
            beginning: None,
            load_order: Vec::new(),
            globals: FxHashMap::default(),
            natives: FxHashMap::default(),
            stack: Vec::new(),
            runs: FxHashMap::default(),
            computing: FxHashMap::default(),
            deeds: 0,
            closures: Vec::new(),
            compared: Vec::new(),
            setters: FxHashMap::default(),
            loading: None,
            loading_files: Vec::new(),
            registered: Vec::new(),
            wrapped_configs: Vec::new(),
            store: None,
            global_mixins: Vec::new(),
            setting_up: None,
            user_info_by_button: true,
            states: FxHashMap::default(),
            rendered: Vec::new(),
            rendering: 0,
            told: false,
            template: None,
            shown_where: Consents::NONE,
            shown_by: Vec::new(),
            watched: None,
            asked: Vec::new(),
            shorthand_key: false,
            fixed_place: None,
            unit: None,
            running: None,
            nested: Vec::new(),
            listed: Vec::new(),
            repeats: FxHashSet::default(),
            template_depth: 0,
            fuel: FUEL,
            has_marks: false,
            deadline: None,
            shared_steps: 0,
            look_at: FUEL,
            tasks: VecDeque::new(),
        }
    }

    /// Lets a run take no longer than that, and no longer than to `end`; says whether there is any time left.
    pub(super) fn start_clock(&mut self, page: Option<Duration>, end: Option<Instant>) -> bool {
        let now = Instant::now();
        self.deadline = page.and_then(|page| now.checked_add(page)).into_iter().chain(end).min();
        end.is_none_or(|end| now < end)
    }

    /// What the run has cost so far, without what is the same for all.
    pub(super) fn steps(&self) -> u64 {
        FUEL - self.fuel + self.heap.take_work() - self.shared_steps
    }

    /// Takes what a step has cost from the run's fuel. A run without time has none left.
    pub(super) fn burn(&mut self, cost: u64) {
        self.fuel = self.fuel.saturating_sub(cost);
        if self.fuel >= self.look_at {
            return;
        }
        self.look_at = self.fuel.saturating_sub(BETWEEN_LOOKS);
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.fuel = 0;
            self.outcome.is_out_of_time = true;
        }
    }

    /// The file and range, within the module whose code is running.
    pub(crate) fn place(&self, range: Range) -> Place {
        if let Some(place) = self.fixed_place {
            return place;
        }
        let module = self.frames.get(self.frame as usize).map_or(0, |frame| frame.module);
        Place { file: self.project.modules[module as usize].file, range }
    }

    pub(crate) fn schedule(&mut self, task: Task) {
        self.deeds += 1;
        self.tasks.push_back(task);
    }

    /// Lets everything under way come to its end: each callback may run or not.
    pub(crate) fn run_tasks(&mut self) {
        let mut done = FxHashSet::default();
        while let Some(task) = self.tasks.pop_front() {
            if self.fuel == 0 || task.context.callbacks > 10 {
                continue;
            }
            // The same callback on the same values leads nowhere new.
            let key = (task.place, format!("{:?}", task.callee.atoms), task.context.callbacks, task.arguments.len());
            if task.context.callbacks > 3 && !done.insert(key) {
                continue;
            }
            let kept = std::mem::replace(&mut self.context, task.context);
            self.context.callbacks += 1;
            self.heap.fork();
            self.activations.push(Activation::default());
            let value = self.call(&task.callee, task.this, task.arguments, task.place);
            let ended = self.activations.pop().unwrap_or_default();
            if let Some(promise) = task.settles {
                self.resolve(promise, value, task.place);
                if let Some((fault, context)) = ended.thrown {
                    let inner = std::mem::replace(&mut self.context, context);
                    self.reject(promise, fault);
                    self.context = inner;
                }
            }
            let changes = self.heap.undo();
            self.heap.merge(vec![changes], true);
            self.context = kept;
        }
    }

    /// Something may be thrown here: the innermost `try`, or the function's promise, gets it.
    pub(crate) fn throw(&mut self, fault: Value, context: Context) {
        if let Some(activation) = self.activations.last_mut() {
            let slot = if activation.tries > 0 { &mut activation.caught } else { &mut activation.thrown };
            if slot.as_ref().is_none_or(|(_, known)| !known.refused) {
                *slot = Some((fault, context));
            }
        }
    }

    pub(crate) fn native(&mut self, name: &str) -> Value {
        if let Some(id) = self.natives.get(name) {
            return Value::object(*id);
        }
        let name = Name::from(name);
        let id = self.heap.add(Object::new(Kind::Native(name.clone())));
        self.natives.insert(name, id);
        Value::object(id)
    }

    pub(crate) fn method(&mut self, name: &str, of: ObjectId) -> Value {
        let id = self.heap.add(Object::new(Kind::Method(name.into(), of)));
        Value::object(id)
    }

    pub(crate) fn new_object(&mut self) -> ObjectId {
        self.heap.add(Object::new(Kind::Plain))
    }

    pub(crate) fn new_array(&mut self, elements: Vec<Value>, rest: Value) -> Value {
        let array = Object { elements, rest, ..Object::new(Kind::Array) };
        Value::object(self.heap.add(array))
    }

    /// An object made by the code at that place; those of a module's top level are known again in other runs.
    pub(crate) fn made(&mut self, object: Object, range: Range) -> ObjectId {
        let origin = self.loading.map(|module| (module, range.start));
        self.heap.add(Object { origin, ..object })
    }

    /// A fresh object that may have any field, such as what the platform passes.
    pub(crate) fn anything(&mut self) -> Value {
        let object = Object { rest: Value::unknown(), ..Object::new(Kind::Plain) };
        Value::object(self.heap.add(object))
    }

    /// What the platform gives as display information at this place.
    pub(crate) fn display(&mut self, place: Place, label: &str) -> Value {
        self.has_marks = true;
        let mark = Mark { source: place, step: Step::first(StepKind::Source, place, &label.into()) };
        let object = Object { rest: Value::carrying(vec![mark]), ..Object::new(Kind::Plain) };
        Value::object(self.heap.add(object))
    }

    /// Texts one after the other, as far as they are known. What follows `name=` is noted as that parameter.
    pub(crate) fn concat(&self, parts: &[Value], place: Place) -> Value {
        let mut start = String::new();
        let mut whole = true;
        let mut carried = Value::undefined();
        let mut parameter = Name::from("");
        for part in parts {
            let marks = Value { marks: self.deep_marks(part), ..Value::undefined() };
            carried.add_marks(&marks.stepped(StepKind::Mixed, place, &parameter).marks);
            parameter = "".into();
            match part.atoms.as_slice() {
                [Atom::Text(text)] => {
                    parameter = parameter_before(&text.start);
                    if whole {
                        start.push_str(&text.start);
                    }
                    whole &= text.whole;
                }
                [Atom::Number(number)] if whole => start.push_str(&number.to_string()),
                _ => whole = false,
            }
        }
        let mut value = if start.is_empty() && !whole {
            Value::unknown()
        } else {
            Value::one(Atom::Text(Arc::new(Text { start: start.into(), whole })))
        };
        value.marks = carried.marks;
        value
    }
}

/// The `name` at the end of `...&name=`.
fn parameter_before(text: &str) -> Name {
    let Some(text) = text.strip_suffix('=') else { return "".into() };
    text.rsplit(['?', '&']).next().unwrap_or_default().into()
}
