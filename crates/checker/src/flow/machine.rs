//! One run: executes a script of the project and everything that it reaches, from its top level to every handler of its page.

use super::{
    calls::Runs,
    captured::is_captured,
    context::{Consents, Context, Trigger, Unallowed},
    facts::{Facts, Outcome, Place, Step, StepKind},
    heap::{CellId, Changes, FrameId, Heap, Kind, Object},
    natives::Rendered,
    shared::{Beginning, Settled},
    turns::Turn,
    value::{Atom, Mark, ObjectId, Text, Value},
};
use crate::{
    coverage::GapKind,
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

/// The most expressions that one run evaluates, so that even a bundle of several megabytes finishes in time. The report says when
/// a run was cut short.
const MAX_STEPS: u64 = 3_000_000;

/// How many callbacks may lie between an event and a callback that it leads to.
const MAX_CALLBACKS: u32 = 10;

/// How much fuel a run spends before it reads the clock again.
const STEPS_BETWEEN_CLOCK_READS: u64 = 1_000;

/// A call's frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) module: u32,
    pub(crate) function: FunctionIndex,
    pub(crate) parent: FrameId,
    pub(crate) first_cell: CellId,
    pub(crate) this: Value,
    pub(crate) arguments: Rc<Vec<Value>>,
    /// The call that created it; `None` at a module's top level.
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
    /// The file that it belongs to. A helper in another file may have called `Page` for it.
    pub(crate) file: u32,
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// The next statement runs.
    Next,
    /// It leaves a loop or switch.
    Leave,
    /// It throws.
    Throw,
    /// It leaves the function.
    Return,
}

/// A callback waiting to run.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) callee: Value,
    pub(crate) this: Value,
    pub(crate) arguments: Vec<Value>,
    pub(crate) context: Context,
    pub(crate) place: Place,
    /// The promise that the callback's result settles.
    pub(crate) settles: Option<ObjectId>,
}

/// What the machine collects during one call of a function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activation {
    pub(crate) returned: Value,
    /// The branches that ended early, each with the consents that held at its end.
    pub(crate) exits: Vec<(Changes, Consents)>,
    /// The consents that hold at every end of the function seen so far.
    pub(crate) ended: Option<Consents>,
    /// Whether a compiler turned the function into a state machine. Not every `return` then ends the original function.
    pub(crate) in_states: bool,
    /// Objects that were returned where consents held, with these consents.
    pub(crate) returned_where: Vec<(ObjectId, Consents)>,
    /// The value that was thrown and not caught, with the context.
    pub(crate) thrown: Option<(Value, Context)>,
    /// How many `try` blocks are open.
    pub(crate) tries: u32,
    /// The value thrown in the innermost `try`.
    pub(crate) caught: Option<(Value, Context)>,
    /// The context of a refusal that a `catch` has swallowed.
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
    /// What the objects and variables of each module held when its top level ended.
    pub(super) settled: Settled,
    /// The start that this run shares with other runs.
    pub(super) beginning: Option<Rc<Beginning>>,
    /// The modules whose top level ran, in the order in which they started.
    pub(crate) load_order: Vec<u32>,
    pub(crate) globals: FxHashMap<Name, Value>,
    pub(crate) natives: FxHashMap<Name, ObjectId>,
    /// The functions being called now, each with the frame that its closure was created in.
    pub(crate) stack: Vec<((u32, FunctionIndex), u32)>,
    /// How often each closure has run in this round: a function together with the frame that it was created in.
    pub(crate) runs: FxHashMap<((u32, FunctionIndex), u32), Runs>,
    /// The functions that have run in this round.
    pub(crate) ran: FxHashSet<(u32, FunctionIndex)>,
    /// How often a library's function has only computed a result for the app's own code; `None` once it has done anything else.
    pub(crate) computing: FxHashMap<(u32, FunctionIndex), Option<u32>>,
    /// Whether the functions that nothing calls are running.
    pub(crate) is_running_uncalled: bool,
    /// How often each function has been called by those functions without any display information involved.
    pub(crate) uncalled: FxHashMap<(u32, FunctionIndex), u32>,
    /// The functions that may have been called where nothing could be followed any more: how, and where.
    pub(crate) lost: FxHashMap<(u32, FunctionIndex), (GapKind, Place)>,
    /// The functions that show a panel when they run although nothing calls them, with the panel's call.
    pub(crate) asking: FxHashMap<(u32, FunctionIndex), Name>,
    /// The objects that have been searched for such functions.
    pub(crate) searched: FxHashSet<ObjectId>,
    /// The function that runs although nothing calls it.
    pub(crate) uncalled_entry: Option<(u32, FunctionIndex)>,
    /// The number of visible effects so far: calls of the platform, reads of what other runs left, callbacks.
    pub(crate) deeds: u64,
    /// All closures made so far.
    pub(crate) closures: Vec<ObjectId>,
    /// Display information that a comparison lets flow implicitly.
    pub(crate) compared: Vec<Mark>,
    /// The frames of the calls that top levels of modules have made.
    pub(crate) captured: Vec<FrameId>,
    /// Whether other runs have left something in the variables of these calls.
    pub(super) has_captured_facts: bool,
    /// The setters: the function that runs when a field of an object is written.
    pub(crate) setters: FxHashMap<(ObjectId, Name), Value>,
    /// The module whose top level is running.
    pub(crate) loading: Option<u32>,
    /// The files whose top level is running, outermost first.
    pub(crate) loading_files: Vec<u32>,
    /// The configurations passed to `Page`, `Component` and `App`.
    pub(crate) registered: Vec<Registered>,
    /// Objects that look like a page and were passed to unknown functions while modules load, with place and file.
    pub(crate) wrapped_configs: Vec<(ObjectId, Place, u32)>,
    /// The Vuex store, once it exists.
    pub(crate) store: Option<Value>,
    /// The arguments of `Vue.mixin`.
    pub(crate) global_mixins: Vec<ObjectId>,
    /// The instance whose `setup` is running.
    pub(crate) setting_up: Option<ObjectId>,
    /// Whether `uni.getUserInfo` makes the call that needs the authorising button.
    pub(crate) user_info_by_button: bool,
    /// The states of React's components, by the place of the hook that returns them.
    pub(crate) states: FxHashMap<Place, ObjectId>,
    /// The handlers of the elements that have been rendered and not yet run.
    pub(crate) rendered: Vec<Rendered>,
    /// Whether an element of React's has been made, or the page's component shows nothing.
    pub(crate) is_drawn: bool,
    /// Whether a component uses a context of React's.
    pub(crate) uses_context: bool,
    /// Whether a component received something that the analysis could not follow.
    pub(crate) is_lost: bool,
    /// How deeply React components are nested in the current render.
    pub(crate) rendering: usize,
    /// Whether the current call has already been reported as sending its arguments, so that the code inside it is not reported again.
    pub(crate) is_send_reported: bool,
    /// The variables of the current template.
    pub(crate) template: Option<Vec<(Name, Value)>>,
    /// The consents that hold whenever the current element is shown.
    pub(crate) shown_where: Consents,
    /// The calls whose answers decide whether the current element is shown.
    pub(crate) shown_by: Vec<u32>,
    /// The calls whose answers the current condition of a template depends on; `None` while no condition is evaluated.
    pub(crate) watched: Option<Vec<u32>>,
    /// The calls that were reached without the consent they need.
    pub(crate) asked: Vec<Unallowed>,
    /// Whether the field being read also names a variable, as in `const { authcode } = result`.
    pub(crate) shorthand_key: bool,
    /// The place reported for everything that a template's expression does.
    pub(crate) fixed_place: Option<Place>,
    /// The script that this run started from.
    pub(crate) unit: Option<u32>,
    /// The page or component that is running.
    pub(crate) running: Option<ObjectId>,
    /// The components that are running, outermost first.
    pub(crate) nested: Vec<u32>,
    /// The running components without a script of their own, outermost first.
    pub(crate) listed: Vec<ObjectId>,
    /// What the template has already done in this round: see `repeats`.
    pub(crate) repeats: FxHashSet<u64>,
    /// How deeply named templates are nested.
    pub(crate) template_depth: u32,
    pub(crate) fuel: u64,
    /// Whether any display information has come up in the run. Until then nothing needs to be searched for it.
    pub(crate) has_marks: bool,
    /// When the run must end.
    deadline: Option<Instant>,
    /// The cost of the beginning that all runs share.
    pub(super) shared_steps: u64,
    /// The clock is read again when less fuel than this is left.
    look_at: u64,
    /// The waiting callbacks, each with the chain of callbacks that registered it.
    pub(super) tasks: VecDeque<(Task, Rc<Turn>)>,
    /// The callback that is running, and the runs that led to it.
    pub(super) callback: Option<(ObjectId, (u32, FunctionIndex))>,
    pub(super) turn: Option<Rc<Turn>>,
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
            settled: Settled::default(),
            beginning: None,
            load_order: Vec::new(),
            globals: FxHashMap::default(),
            natives: FxHashMap::default(),
            stack: Vec::new(),
            runs: FxHashMap::default(),
            ran: FxHashSet::default(),
            computing: FxHashMap::default(),
            is_running_uncalled: false,
            uncalled: FxHashMap::default(),
            lost: FxHashMap::default(),
            asking: FxHashMap::default(),
            searched: FxHashSet::default(),
            uncalled_entry: None,
            deeds: 0,
            closures: Vec::new(),
            compared: Vec::new(),
            captured: Vec::new(),
            has_captured_facts: facts.keys().any(is_captured),
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
            is_drawn: false,
            uses_context: false,
            is_lost: false,
            rendering: 0,
            is_send_reported: false,
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
            fuel: MAX_STEPS,
            has_marks: false,
            deadline: None,
            shared_steps: 0,
            look_at: MAX_STEPS,
            tasks: VecDeque::new(),
            callback: None,
            turn: None,
        }
    }

    /// Starts the clock: the run may take as long as `page` and must end by `end`. Returns whether any time is left.
    pub(super) fn start_clock(&mut self, page: Option<Duration>, end: Option<Instant>) -> bool {
        let now = Instant::now();
        self.deadline = page.and_then(|page| now.checked_add(page)).into_iter().chain(end).min();
        end.is_none_or(|end| now < end)
    }

    /// The cost of the run so far, without the beginning that all runs share.
    pub(super) fn steps(&self) -> u64 {
        MAX_STEPS - self.fuel + self.heap.take_work() - self.shared_steps
    }

    /// Takes a step's cost from the run's fuel. A run that is out of time has none left.
    pub(super) fn burn(&mut self, cost: u64) {
        self.fuel = self.fuel.saturating_sub(cost);
        if self.fuel >= self.look_at {
            return;
        }
        self.look_at = self.fuel.saturating_sub(STEPS_BETWEEN_CLOCK_READS);
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.fuel = 0;
            self.outcome.is_out_of_time = true;
        }
    }

    /// The file and range, in the module whose code is running.
    pub(crate) fn place(&self, range: Range) -> Place {
        if let Some(place) = self.fixed_place {
            return place;
        }
        let module = self.frames.get(self.frame as usize).map_or(0, |frame| frame.module);
        Place { file: self.project.modules[module as usize].file, range }
    }

    /// Runs all pending callbacks; each may or may not run in reality.
    pub(crate) fn run_tasks(&mut self) {
        let mut done = FxHashSet::default();
        while let Some((task, turn)) = self.tasks.pop_front() {
            let is_too_deep = task.context.callbacks > MAX_CALLBACKS;
            if self.fuel == 0 || is_too_deep || self.comes_round(&task.callee, &turn) {
                if is_too_deep {
                    self.lose(GapKind::Limit, &task.callee, task.place);
                }
                continue;
            }
            // The same callback on the same values finds nothing new.
            let key = (task.place, format!("{:?}", task.callee.atoms), task.context.callbacks, task.arguments.len());
            if task.context.callbacks > 3 && !done.insert(key) {
                continue;
            }
            let kept = std::mem::replace(&mut self.context, task.context);
            let function = self.only_function(&task.callee);
            let callback = std::mem::replace(&mut self.callback, function);
            let turn = self.turn.replace(turn);
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
            (self.callback, self.turn) = (callback, turn);
            self.context = kept;
        }
    }

    /// Records that this value may be thrown here: the innermost `try` catches it, or the function's promise rejects with it.
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

    /// Adds an object created by the code at `range`. Other runs recognise the objects that a module's top level creates.
    pub(crate) fn made(&mut self, object: Object, range: Range) -> ObjectId {
        let origin = self.loading.map(|module| (module, range.start));
        self.heap.add(Object { origin, ..object })
    }

    /// A fresh object that may have any field, such as an argument from the platform.
    pub(crate) fn anything(&mut self) -> Value {
        let object = Object { rest: Value::unknown(), ..Object::new(Kind::Plain) };
        Value::object(self.heap.add(object))
    }

    /// The display information that the platform returns at this place.
    pub(crate) fn display(&mut self, place: Place, label: &str) -> Value {
        self.has_marks = true;
        let mark = Mark { source: place, step: Step::first(StepKind::Source, place, &label.into()) };
        let object = Object { rest: Value::carrying(vec![mark]), ..Object::new(Kind::Plain) };
        Value::object(self.heap.add(object))
    }

    /// Concatenates texts as far as they are known. The value after `name=` is noted as that parameter.
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
