//! The helpers that Babel and TypeScript put into ES5 output, known by their names: what they do is known better than it can
//! be read from their code.

use super::super::{
    heap::{Interop, Kind, Object},
    machine::{Activation, Machine},
    statements::Flow,
    trail::{Place, StepKind},
    value::{Atom, ObjectId, Value},
};
use crate::scripts::ir::{Expr, ExprKind, Name, Range, Stmt};

/// Fields of a compiled function's state that only the analysis uses.
const RETURNED: &str = "(returned)";
const TRY_TABLE: &str = "(try)";

impl Machine<'_> {
    /// Runs a helper, if the function is one.
    pub(crate) fn call_helper(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        if !name.starts_with('_') && !name.starts_with("asyncGeneratorStep") {
            return None;
        }
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        Some(match name {
            "_asyncToGenerator" => {
                let keeper = self.new_object();
                self.heap.edit(keeper).fields.insert("function".into(), first);
                self.method("babel.run", keeper)
            }
            "_regenerator" | "_regeneratorRuntime" => self.native("babel.regenerator"),
            "_regeneratorDefine" | "_regeneratorDefine2" | "_classCallCheck" | "_checkPrivateRedeclaration" => {
                Value::undefined()
            }
            "_objectSpread" | "_objectSpread2" | "_extends" | "__assign" => {
                for source in &arguments[1.min(arguments.len())..] {
                    for target in first.objects() {
                        self.copy_fields(target, source, place);
                    }
                }
                first
            }
            "_defineProperty" => {
                let value = arguments.get(2).cloned().unwrap_or_default();
                self.write_index(&first, &second, value, place);
                first
            }
            "_toPropertyKey" | "_toPrimitive" | "_assertThisInitialized" | "_arrayWithHoles" => first,
            "_interopRequireDefault" | "__importDefault" => self.interop(first, Interop::Default),
            "_interopRequireWildcard" | "__importStar" => self.interop(first, Interop::Wildcard),
            "_slicedToArray" | "_toArray" | "__read" => first,
            "_toConsumableArray" | "_arrayLikeToArray" => {
                let (elements, rest) = self.elements_of(&first);
                self.new_array(elements, rest)
            }
            "_createForOfIteratorHelper" | "_createForOfIteratorHelperLoose" => self.iterator(&first),
            "_objectWithoutProperties" | "_objectWithoutPropertiesLoose" | "_objectDestructuringEmpty" => {
                let (names, _) = self.elements_of(&second);
                let names: Vec<Name> = names.iter().flat_map(|name| name.whole_texts().cloned()).collect();
                self.without(&first, &names, place)
            }
            "_createClass" => {
                let prototype = self.read(&first, &"prototype".into(), place);
                self.define_members(&prototype, &second, place);
                let statics = arguments.get(2).cloned().unwrap_or_default();
                self.define_members(&first, &statics, place);
                for id in prototype.objects() {
                    self.heap.edit(id).fields.insert("constructor".into(), first.clone());
                }
                first
            }
            "_inherits" => {
                let (child, parent) = (first.objects(), second.objects().first().copied());
                let own = self.read(&first, &"prototype".into(), place);
                let base = self.read(&second, &"prototype".into(), place).objects().first().copied();
                for id in own.objects() {
                    self.heap.edit(id).prototype = base;
                }
                for id in child {
                    self.heap.edit(id).prototype = parent;
                }
                Value::undefined()
            }
            "_callSuper" => {
                let parents: Vec<_> = second.objects().iter().filter_map(|id| self.heap.get(*id).prototype).collect();
                let list = arguments.get(2).cloned().unwrap_or_default();
                let (values, _) = self.elements_of(&list);
                for parent in parents {
                    self.call(&Value::object(parent), first.clone(), values.clone(), place);
                }
                first
            }
            "_typeof" => Value::unknown(),
            "_readOnlyError" | "_defineProperties" => Value::undefined(),
            _ => return None,
        })
    }

    /// What the compiler wraps around a `require`; the module is still run only when it is used.
    fn interop(&mut self, exports: Value, interop: Interop) -> Value {
        match exports.objects().as_slice() {
            [id] => match self.heap.get(*id).kind {
                Kind::Lazy(module, _) => self.lazy(module, interop),
                _ => self.wrapped(exports, interop),
            },
            _ => self.wrapped(exports, interop),
        }
    }

    /// Exports as the compiled file expects them.
    pub(crate) fn wrapped(&mut self, exports: Value, interop: Interop) -> Value {
        if interop == Interop::Plain || self.is_es_module(&exports) {
            return exports;
        }
        let wrapped = self.new_object();
        if interop == Interop::Wildcard {
            let place = self.place(Range::default());
            self.copy_fields(wrapped, &exports, place);
        }
        self.heap.edit(wrapped).fields.insert("default".into(), exports);
        Value::object(wrapped)
    }

    /// Whether exports come from an ES module, or from one that Babel compiled.
    fn is_es_module(&self, exports: &Value) -> bool {
        exports.objects().iter().any(|id| {
            let object = self.heap.get(*id);
            object.fields.contains_key("__esModule")
                || matches!(&object.kind, Kind::Exports(links) if !links.is_empty())
                || object.fields.contains_key("default")
        })
    }

    fn define_members(&mut self, target: &Value, members: &Value, place: Place) {
        let (members, _) = self.elements_of(members);
        for member in members {
            let key = self.read(&member, &"key".into(), place);
            let value = self.read(&member, &"value".into(), place);
            if !value.is_undefined() {
                self.write_index(target, &key, value, place);
            }
        }
    }

    /// The iterator that ES5 output of `for of` asks step by step.
    fn iterator(&mut self, collection: &Value) -> Value {
        let (elements, rest) = self.elements_of(collection);
        let all = elements.iter().fold(rest, |all, element| all.joined(element));
        let step = self.new_object();
        self.heap.edit(step).fields.insert("value".into(), all);
        self.heap.edit(step).fields.insert("done".into(), Value::unknown());
        let next = self.method("babel.step", step);
        let iterator = Object { rest: Value::unknown(), ..Object::new(Kind::Plain) };
        let iterator = self.heap.add(iterator);
        self.heap.edit(iterator).fields.insert("n".into(), next);
        Value::object(iterator)
    }

    /// The function that `_asyncToGenerator` gives: `this` and the arguments go to the generator.
    pub(super) fn run_async(&mut self, keeper: ObjectId, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        let generator = self.heap.get(keeper).fields.get("function").cloned().unwrap_or_default();
        self.activations.push(Activation::default());
        let value = self.call(&generator, this, arguments, place);
        let ended = self.activations.pop().unwrap_or_default();
        let promise = self.new_promise();
        self.resolve(promise, value, place);
        if let Some((fault, context)) = ended.thrown {
            let inner = std::mem::replace(&mut self.context, context);
            self.reject(promise, fault);
            self.context = inner;
        }
        Value::object(promise)
    }

    /// `_regenerator().w(function (state) { ... }, ..., tryTable)`: runs the states and gives what is returned.
    pub(crate) fn run_regenerator(&mut self, arguments: &[Value], place: Place) -> Value {
        let function = arguments.first().cloned().unwrap_or_default();
        let state = self.new_object();
        for (method, meaning) in [("a", "return"), ("abrupt", "return"), ("d", "return"), ("catch", "catch")] {
            let method_value = self.method(&format!("babel.{meaning}"), state);
            self.heap.edit(state).fields.insert(method.into(), method_value);
        }
        let table = arguments.get(3).cloned().unwrap_or_default();
        self.heap.edit(state).fields.insert(TRY_TABLE.into(), table);
        self.call(&function, Value::undefined(), vec![Value::object(state)], place);
        self.heap.get(state).fields.get(RETURNED).cloned().unwrap_or_default()
    }

    /// Methods of the state that the compiled function is given.
    pub(super) fn call_state_method(&mut self, name: &str, state: ObjectId, arguments: &[Value]) -> Value {
        if name == "babel.catch" {
            return self.heap.get(state).fields.get("v").cloned().unwrap_or_default();
        }
        // `a(2, value)` and `abrupt('return', value)` end the function with the value.
        let value = arguments.get(1).cloned().unwrap_or_default();
        self.heap.edit(state).fields.entry(RETURNED.into()).or_default().join(&value);
        Value::undefined()
    }

    /// `while (1) switch (state.p = state.n) { ... }`: follows the numbers from one `await` to the next.
    pub(crate) fn run_states(&mut self, state: &Value, cases: &[(Option<Expr>, Vec<Stmt>)], place: Place) {
        let Some(id) = state.objects().first().copied() else { return };
        if let Some(activation) = self.activations.last_mut() {
            activation.tries += 1;
        }
        let mut visits = vec![0_u8; cases.len()];
        self.follow_states(id, vec![0], cases, &mut visits, place);
        let caught = self.activations.last_mut().and_then(|activation| {
            activation.tries -= 1;
            activation.caught.take()
        });
        let table = self.heap.get(id).fields.get(TRY_TABLE).cloned().unwrap_or_default();
        let mut handlers = Vec::new();
        for entry in self.elements_of(&table).0 {
            if let Some([Atom::Number(handler)]) = self.elements_of(&entry).0.get(1).map(|value| value.atoms.as_slice())
            {
                handlers.push(*handler);
            }
        }
        if handlers.is_empty() {
            if let Some((fault, context)) = caught {
                self.throw(fault, context);
            }
            return;
        }
        let (fault, context) = match caught {
            Some((fault, context)) => (fault, self.context.clone().refused_like(&context)),
            None => (Value::unknown(), self.context.clone()),
        };
        let kept = std::mem::replace(&mut self.context, context);
        for field in ["v", "sent"] {
            self.heap.edit(id).fields.insert(field.into(), fault.clone());
        }
        let mut visits = vec![0_u8; cases.len()];
        self.follow_states(id, handlers, cases, &mut visits, place);
        self.context = kept;
    }

    fn follow_states(
        &mut self,
        state: ObjectId,
        mut due: Vec<u32>,
        cases: &[(Option<Expr>, Vec<Stmt>)],
        visits: &mut [u8],
        place: Place,
    ) {
        while let Some(number) = due.pop() {
            let is_case = |(test, _): &(Option<Expr>, Vec<Stmt>)| {
                test.as_ref().is_some_and(|test| matches!(test.kind, ExprKind::Number(known) if known == number))
            };
            let Some(first) = cases.iter().position(is_case) else { continue };
            if visits[first] >= 2 || self.fuel == 0 {
                continue;
            }
            visits[first] += 1;
            for field in ["n", "next"] {
                self.heap.edit(state).fields.insert(field.into(), Value::undefined());
            }
            let mut flow = Flow::Next;
            for (_, body) in &cases[first..] {
                flow = self.run(body);
                if flow != Flow::Next {
                    break;
                }
            }
            let (exits, given) = match self.activations.last_mut() {
                Some(activation) => (std::mem::take(&mut activation.exits), std::mem::take(&mut activation.returned)),
                None => (Vec::new(), Value::undefined()),
            };
            self.heap.merge(exits, true);
            if flow == Flow::Return {
                let settled = self.settled(&given, place).stepped(StepKind::Promised, place, &"await".into());
                for field in ["v", "sent"] {
                    self.heap.edit(state).fields.insert(field.into(), settled.clone());
                }
            }
            for field in ["n", "next"] {
                let next = self.heap.get(state).fields.get(field).cloned().unwrap_or_default();
                due.extend(next.atoms.iter().filter_map(|atom| match atom {
                    Atom::Number(number) => Some(*number),
                    _ => None,
                }));
            }
        }
    }
}

/// What of a `switch` is a compiled function's states: the object that holds them.
pub(crate) fn state_of(discriminant: &Expr) -> Option<&Expr> {
    let number = match &discriminant.kind {
        // With a `try`, the number is kept besides: `switch (state.p = state.n)`.
        ExprKind::Assign { value, .. } => value,
        _ => discriminant,
    };
    match &number.kind {
        ExprKind::Member(state, name, _) if matches!(&**name, "n" | "next") => Some(state),
        _ => None,
    }
}
