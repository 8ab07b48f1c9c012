//! Calling functions.

use super::{
    context::Consents,
    facts::{Place, StepKind},
    heap::{Closure, Kind, Object},
    machine::{Activation, Flow, Frame, Machine},
    natives::COLLECTION,
    value::{ObjectId, Value},
};
use crate::scripts::ir::{Argument, Expr, ExprKind, FunctionIndex, Name, Pattern, Range};
use std::rc::Rc;

/// The deepest call stack that is followed.
const MAX_STACK_DEPTH: usize = 48;

/// How many closures of one function may call each other. A class library creates one for each class; a chain of classes is
/// rarely longer.
const MAX_CLASS_DEPTH: usize = 6;

/// How often one closure runs in a round, each time separately. Further calls get the earlier results.
const MAX_RUNS: u32 = 96;

/// How often a library's function runs for the app's own code if it only computes something, such as a text or a formatted date.
const MAX_COMPUTING: u32 = 8;

/// How often a function runs when it is called by functions that nothing calls, unless it handles display information.
const MAX_UNCALLED: u32 = 4;

/// How often a closure ran, and what it returned each time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs {
    count: u32,
    returned: Option<Returned>,
}

/// What a function returned in all of its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Returned {
    This,
    /// One of its arguments, as a function does that adds to an object.
    Argument(usize),
    /// Something else, or not always the same.
    Other,
}

impl Machine<'_> {
    pub(crate) fn closure(&mut self, closure: Closure, range: Range) -> Value {
        let id = self.made(Object::new(Kind::Closure(closure)), range);
        self.closures.push(id);
        Value::object(id)
    }

    pub(crate) fn call_expression(&mut self, callee: &Expr, arguments: &[Argument], range: Range) -> Value {
        let place = self.place(range);
        if self.project.configuration.has_names()
            && let Some(role) = self.written(callee).and_then(|name| self.project.configuration.role(&name))
        {
            let arguments = self.arguments(arguments);
            return self.call_configured(role, callee, arguments, place);
        }
        let (object, name, name_range) = match &callee.kind {
            ExprKind::Member(object, name, range) => (object, Some(name.clone()), *range),
            ExprKind::Index(object, key) => {
                let this = self.evaluate(object);
                let key = self.evaluate(key);
                let function = self.read_index(&this, &key, place);
                let arguments = self.arguments(arguments);
                let names: Vec<Name> = key.whole_texts().cloned().collect();
                if let ([name], false) = (names.as_slice(), self.heap.is_callable(&function)) {
                    return self.call_method(&this, name, arguments, place);
                }
                return self.call(&function, this, arguments, place);
            }
            ExprKind::Super => {
                let constructor = self.read(&self.super_object(), &"constructor".into(), place);
                let this = self.frames[self.frame as usize].this.clone();
                let arguments = self.arguments(arguments);
                self.call(&constructor, this, arguments, place);
                return Value::undefined();
            }
            _ => {
                let function = self.evaluate(callee);
                self.forget_immediate(callee);
                let arguments = self.arguments(arguments);
                if let Some(name) = self.helper_name(callee)
                    && let Some(value) = self.call_helper(&name, &arguments, place)
                {
                    return value;
                }
                return self.call(&function, Value::undefined(), arguments, place);
            }
        };
        let is_super = matches!(object.kind, ExprKind::Super);
        let this = self.evaluate(object);
        let name = name.unwrap_or_else(|| "".into());
        if matches!(&*name, "call" | "apply") {
            self.forget_immediate(object);
        }
        let name_place = self.place(name_range);
        let function = self.read(&this, &name, name_place);
        let arguments = self.arguments(arguments);
        let this = if is_super { self.frames[self.frame as usize].this.clone() } else { this };
        if &*name == "collection" && !self.is_own(&function) {
            return self.native(COLLECTION);
        }
        let is_reported = self.is_send_reported;
        if let Some(call) = self.cloud_call(object, &name, &function) {
            self.sink_all(&call, &arguments, place);
            self.is_send_reported = true;
        }
        let value = if self.heap.is_callable(&function) {
            self.call(&function, this, arguments, place)
        } else if function.is_null() {
            // A hook that nobody has set.
            Value::undefined()
        } else {
            self.call_method(&this, &name, arguments, place)
        };
        self.is_send_reported = is_reported;
        value
    }

    /// `(function () { ... })()` runs where it is written, and nothing else can call it.
    fn forget_immediate(&mut self, callee: &Expr) {
        if matches!(callee.kind, ExprKind::Function(_)) {
            self.closures.pop();
        }
    }

    /// The name of the compiler's helper being called: TypeScript defines some of them as functions in the file.
    fn helper_name(&self, callee: &Expr) -> Option<Name> {
        let ExprKind::Variable(variable) = callee.kind else { return None };
        let frame = self.frames.get(self.frame as usize)?;
        let variable = self.project.modules[frame.module as usize].script.variables.get(variable as usize)?;
        (variable.owner == 0 && variable.name.starts_with("__")).then(|| variable.name.clone())
    }

    /// Calls whatever functions the value may be.
    pub(crate) fn call(&mut self, callee: &Value, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        if self.is_lazy(callee) {
            let forced = self.force(callee);
            return self.call(&forced, this, arguments, place);
        }
        let objects = callee.objects();
        if let ([id], 1) = (objects.as_slice(), callee.atoms.len()) {
            return self.call_object(*id, this, arguments, place);
        }
        if objects.is_empty() {
            return self.call_unknown(&this, &arguments, place);
        }
        let mut result = Value::undefined();
        let mut branches = Vec::new();
        let (allowed, mut allowed_after) = (self.context.allowed, Consents::ALL);
        for id in objects {
            self.heap.fork();
            let value = self.call_object(id, this.clone(), arguments.clone(), place);
            result.join(&value);
            branches.push(self.heap.undo());
            allowed_after = allowed_after & std::mem::replace(&mut self.context.allowed, allowed);
        }
        self.heap.merge(branches, callee.may_be_unknown());
        if !callee.may_be_unknown() {
            self.context.allowed = allowed_after;
        }
        result
    }

    pub(super) fn call_object(&mut self, id: ObjectId, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        match self.heap.get(id).kind.clone() {
            Kind::Closure(closure) => self.call_closure(id, closure, this, arguments, place),
            Kind::Native(name) => self.call_native(&name, this, arguments, place),
            Kind::Method(name, of) => self.call_owned(&name, of, this, arguments, place),
            Kind::Bound(bound) => {
                let (function, this, first) = &*bound;
                let all = first.iter().cloned().chain(arguments).collect();
                self.call(function, this.clone(), all, place)
            }
            Kind::Left(module, function) => self.call_left(module, function, this, arguments, place),
            _ => self.call_unknown(&this, &arguments, place),
        }
    }

    /// Calls an unknown function: its result may hold its arguments, and it may call them back. A page passed to it comes back as a page.
    pub(crate) fn call_unknown(&mut self, this: &Value, arguments: &[Value], place: Place) -> Value {
        self.hand_over(arguments, place);
        let mut result = Value { marks: this.marks.clone(), ..Value::unknown() };
        for argument in arguments {
            if self.heap.is_callable(argument) {
                continue;
            }
            let marks = self.deep_marks(argument);
            result.add_marks(&marks);
        }
        for argument in arguments {
            if self.is_of_platform(argument) {
                // The function may wrap a call of the platform, or all of `my`, for example into calls that return promises: calling the
                // result calls it.
                result.join(&Value { marks: Vec::new(), ..argument.clone() });
            } else if self.heap.is_callable(argument) {
                let mut context = self.context.clone();
                if self.loading.is_some() {
                    // A function wrapped while a module loads, such as a handler, may be called anywhere.
                    context.allowed = Consents::ALL;
                }
                self.schedule(super::machine::Task {
                    callee: argument.clone(),
                    this: Value::undefined(),
                    arguments: vec![result.clone(), result.clone()],
                    context,
                    place,
                    settles: None,
                });
            }
        }
        let mut result = result.stepped(StepKind::Mixed, place, &"".into());
        for argument in arguments {
            result.join(&self.registrable(argument, place));
        }
        result
    }

    /// Whether a value can only be a call of the platform, or `my` itself.
    fn is_of_platform(&self, value: &Value) -> bool {
        let is_call = |id: &ObjectId| matches!(&self.heap.get(*id).kind, Kind::Native(name) if &**name == "my" || name.starts_with("my."));
        !value.objects().is_empty() && value.objects().iter().all(is_call)
    }

    fn call_closure(
        &mut self,
        id: ObjectId,
        closure: Closure,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        if self.is_running_uncalled {
            return self.call_from_uncalled(id, closure, this, arguments, place);
        }
        if !self.enters_library(&closure, &arguments) {
            return self.run_closure(id, closure, this, arguments, place);
        }
        let key = (closure.module, closure.function);
        let is_known = self.computing.get(&key).copied().flatten() >= Some(MAX_COMPUTING);
        if is_known && self.deep_marks(&this).is_empty() {
            return self.call_unknown(&this, &arguments, place);
        }
        let before = self.deeds;
        let value = self.run_closure(id, closure, this, arguments, place);
        let computes = self.deeds == before && value.objects().is_empty() && value.marks.is_empty();
        let known = self.computing.entry(key).or_insert(Some(0));
        *known = known.filter(|_| computes).map(|times| times + 1);
        value
    }

    /// A call made by a function that nothing calls. In a bundle, thousands of such functions call one another. Where no display
    /// information goes in or comes out, a few runs show everything.
    fn call_from_uncalled(
        &mut self,
        id: ObjectId,
        closure: Closure,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        let key = (closure.module, closure.function);
        let is_known = self.uncalled.get(&key).copied() >= Some(MAX_UNCALLED);
        let is_plain = |machine: &Self, value: &Value| machine.deep_marks(value).is_empty();
        let is_open = |machine: &Self, value: &Value| machine.holds_callback(value) || !is_plain(machine, value);
        if is_known && is_plain(self, &this) && !arguments.iter().any(|value| is_open(self, value)) {
            if let Some(api) = self.asking.get(&key).cloned() {
                self.note_unseen_panel(&api);
            }
            return self.call_unknown(&this, &arguments, place);
        }
        let value = self.run_closure(id, closure, this, arguments, place);
        if is_plain(self, &value) {
            *self.uncalled.entry(key).or_default() += 1;
        }
        value
    }

    /// Whether a value is a function, or an object with one, such as `success`.
    fn holds_callback(&self, value: &Value) -> bool {
        let has_one = |id: &ObjectId| {
            let object = self.heap.get(*id);
            matches!(object.kind, Kind::Plain) && object.fields.values().any(|field| self.heap.is_callable(field))
        };
        self.heap.is_callable(value) || value.objects().iter().any(has_one)
    }

    /// Whether the app's own code calls a library with only texts, numbers and the like.
    fn enters_library(&self, closure: &Closure, arguments: &[Value]) -> bool {
        let libraries = &self.project.library_modules;
        libraries.contains(&closure.module)
            && self.frames.get(self.frame as usize).is_some_and(|frame| !libraries.contains(&frame.module))
            && self.loading.is_none()
            && arguments.iter().all(|value| value.marks.is_empty() && value.objects().is_empty())
    }

    /// Whether a function has called itself too often. Closures of one function, such as the constructors of a class library, may
    /// call each other along a chain of classes.
    fn recurs(&self, function: (u32, FunctionIndex), frame: u32) -> bool {
        let running = || self.stack.iter().filter(|(running, _)| *running == function);
        running().count() >= MAX_CLASS_DEPTH || running().filter(|(_, made_in)| *made_in == frame).count() >= 2
    }

    fn run_closure(
        &mut self,
        id: ObjectId,
        closure: Closure,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        let module = &self.project.modules[closure.module as usize];
        let function = &module.script.functions[closure.function as usize];
        let name = function.name.clone().unwrap_or_else(|| "".into());
        if let Some(value) = function.helper.and_then(|helper| self.call_helper(helper, &arguments, place)) {
            return value;
        }
        if closure.frame == self.module_frames.get(&closure.module).copied().unwrap_or(u32::MAX)
            && let Some(value) = self.call_helper(&name, &arguments, place)
        {
            return value;
        }
        let key = (closure.module, closure.function);
        let runs = self.runs.entry((key, closure.frame)).or_default();
        runs.count += 1;
        let returned = runs.returned.filter(|_| runs.count > MAX_RUNS);
        if runs.count > MAX_RUNS
            || self.fuel == 0
            || self.stack.len() >= MAX_STACK_DEPTH
            || self.recurs(key, closure.frame)
        {
            self.reach_limit(id, &arguments, place);
            let known = match returned {
                Some(Returned::This) => Some(&this),
                Some(Returned::Argument(index)) => arguments.get(index),
                Some(Returned::Other) | None => None,
            };
            if let Some(known) = known {
                return known.clone().joined(&Value::unknown());
            }
            return self.call_unknown(
                &this,
                &arguments.iter().filter(|value| !self.heap.is_callable(value)).cloned().collect::<Vec<_>>(),
                place,
            );
        }
        self.ran.insert(key);
        let first_cell = self.heap.add_cells(function.slots);
        let outer = &self.frames[closure.frame as usize];
        let (this, home) = if function.is_arrow { (outer.this.clone(), outer.home) } else { (this, closure.home) };
        let arguments = Rc::new(arguments);
        self.frames.push(Frame {
            module: closure.module,
            function: closure.function,
            parent: closure.frame,
            first_cell,
            this: this.clone(),
            arguments: arguments.clone(),
            called_at: Some(place),
            home,
        });
        let frame = std::mem::replace(&mut self.frame, self.frames.len() as u32 - 1);
        if self.loading.is_some() {
            self.captured.push(self.frame);
        }
        let called = self.context.called(StepKind::Called, place, &name);
        let context = std::mem::replace(&mut self.context, called);
        let compared = std::mem::take(&mut self.compared);
        self.stack.push((key, closure.frame));
        self.activations.push(Activation::default());
        if let Some(itself) = function.itself
            && let Some(cell) = self.variable(itself)
        {
            self.heap.set_cell(cell, Value::object(id));
        }
        self.hoist(closure.function);
        self.bind_parameters(&function.parameters, &arguments);
        let flow = self.run(&function.body);
        let ended = self.activations.pop().unwrap_or_default();
        if !ended.exits.is_empty() {
            let exits = ended.exits.into_iter().map(|(changes, _)| changes).collect();
            self.heap.merge(exits, flow == Flow::Next || flow == Flow::Return);
        }
        // Consents that hold at every end of the function hold in the caller too: at once, or after `await`.
        let falls_off = (flow == Flow::Next).then_some(self.context.allowed);
        let allowed = match (ended.ended, falls_off) {
            (Some(returned), Some(fallen)) => returned & fallen,
            (returned, fallen) => returned.or(fallen).unwrap_or_default(),
        };
        let asked = self.context.asked;
        self.stack.pop();
        self.compared = compared;
        self.context = context;
        self.frame = frame;
        let is_async = function.is_async;
        if !is_async {
            if let Some((fault, context)) = ended.thrown {
                self.throw(fault, context);
            }
            self.context.allowed = self.context.allowed | allowed;
            self.context.asked = self.context.asked.or(asked);
            self.note_returned((key, closure.frame), &ended.returned, &this, &arguments);
            return ended.returned;
        }
        let promise = self.new_promise();
        self.resolve_where(allowed, asked, promise, ended.returned, place);
        if let Some((fault, context)) = ended.thrown {
            let inner = std::mem::replace(&mut self.context, context);
            self.reject(promise, fault);
            self.context = inner;
        }
        Value::object(promise)
    }

    /// Notes what a function returned, for calls beyond the limit.
    fn note_returned(&mut self, key: ((u32, FunctionIndex), u32), value: &Value, this: &Value, arguments: &[Value]) {
        let returned = value.objects();
        let holds = |other: &Value| {
            let objects = other.objects();
            !objects.is_empty() && objects.iter().all(|id| returned.contains(id))
        };
        let now = if holds(this) {
            Returned::This
        } else if let Some(place) = arguments.iter().position(holds) {
            Returned::Argument(place)
        } else if arguments.iter().any(|argument| !argument.objects().is_empty()) {
            Returned::Other
        } else {
            return;
        };
        let noted = &mut self.runs.entry(key).or_default().returned;
        *noted = if noted.is_none_or(|earlier| earlier == now) { Some(now) } else { Some(Returned::Other) };
    }

    /// Notes a returned value, with the consents that hold there.
    pub(crate) fn returns(&mut self, value: Value) {
        let allowed = self.context.allowed;
        let Some(activation) = self.activations.last_mut() else { return };
        if activation.in_states && !allowed.is_none() {
            activation.returned_where.extend(value.objects().into_iter().map(|id| (id, allowed)));
        }
        activation.returned.join(&value);
    }

    /// Notes that the function may end here, with these consents. If a compiler turned it into a state machine, this counts only if
    /// `surely` is set.
    pub(crate) fn note_end(&mut self, allowed: Consents, surely: bool) {
        if let Some(activation) = self.activations.last_mut()
            && (surely || !activation.in_states)
        {
            activation.ended = Some(activation.ended.map_or(allowed, |known| known & allowed));
        }
    }

    /// Creates the function declarations of the current function.
    pub(crate) fn hoist(&mut self, function: u32) {
        let frame = self.frame;
        let module = self.frames[frame as usize].module;
        let script = &self.project.modules[module as usize].script;
        for (variable, declared) in &script.functions[function as usize].hoisted {
            let range = script.functions[*declared as usize].range;
            let value = self.closure(Closure { module, function: *declared, frame, home: None }, range);
            if let Some(cell) = self.variable(*variable) {
                self.heap.set_cell(cell, value);
            }
        }
    }

    fn bind_parameters(&mut self, parameters: &[Pattern], arguments: &[Value]) {
        for (index, parameter) in parameters.iter().enumerate() {
            if let Pattern::Rest(inner) = parameter {
                let left = arguments.iter().skip(index).cloned().collect();
                let left = self.new_array(left, Value::undefined());
                self.assign(inner, left, false);
                return;
            }
            let value = arguments.get(index).cloned().unwrap_or_default();
            self.assign(parameter, value, false);
        }
    }
}
