//! `async` functions as Babel and TypeScript compile them to ES5: state machines.

use super::super::{
    machine::{Flow, Machine},
    value::{Atom, ObjectId, Value},
};
use crate::{
    flow::{
        context::Consents,
        facts::{Place, StepKind},
    },
    scripts::ir::{Expr, ExprKind, Stmt},
};

/// Fields of a compiled function's state that only the analysis uses.
const RETURNED: &str = "(returned)";
const TRY_TABLE: &str = "(try)";

/// The fields where Babel keeps the number of the next state.
const NEXT: &[&str] = &["n", "next"];

/// A state that is still to run, and the consents that hold when it starts.
type Due = (u32, Consents);

/// The compiler that wrote a state machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// `while (1) switch (state.n) { case 0: state.n = 1; return awaited; case 1: value = state.v; }`
    Babel,
    /// `switch (state.label) { case 0: return [4, awaited]; case 1: value = state.sent(); }`
    TypeScript,
}

impl Machine<'_> {
    /// `_regenerator().w(function (state) { ... }, ..., tryTable)`: runs the states and returns the function's result.
    pub(crate) fn run_regenerator(&mut self, arguments: &[Value], place: Place) -> Value {
        let function = arguments.first().cloned().unwrap_or_default();
        let state = self.new_object();
        let methods = [("a", "return"), ("abrupt", "return"), ("d", "return"), ("stop", "return"), ("catch", "catch")];
        for (method, meaning) in methods {
            let method_value = self.method(&format!("babel.{meaning}"), state);
            self.heap.edit(state).fields.insert(method.into(), method_value);
        }
        let table = arguments.get(3).cloned().unwrap_or_default();
        self.heap.edit(state).fields.insert(TRY_TABLE.into(), table);
        self.call(&function, Value::undefined(), vec![Value::object(state)], place);
        self.heap.get(state).fields.get(RETURNED).cloned().unwrap_or_default()
    }

    /// `__generator(this, function (state) { ... })`: runs the labels and returns the function's result.
    pub(super) fn run_generator(&mut self, arguments: &[Value], place: Place) -> Value {
        let function = arguments.get(1).cloned().unwrap_or_default();
        let this = arguments.first().cloned().unwrap_or_default();
        let state = self.new_object();
        let sent = self.method("babel.catch", state);
        let tries = self.new_array(Vec::new(), Value::undefined());
        let fields = &mut self.heap.edit(state).fields;
        fields.insert("sent".into(), sent);
        fields.insert("trys".into(), tries);
        // A single label needs no `switch`, and its result arrives here.
        let given = self.call(&function, this, vec![Value::object(state)], place);
        self.follow_operations(state, &given, None, &mut Vec::new(), place);
        self.heap.get(state).fields.get(RETURNED).cloned().unwrap_or_default()
    }

    /// Whether it is a state made by `__generator`.
    pub(crate) fn is_generator_state(&self, state: &Value) -> bool {
        state.objects().first().is_some_and(|id| {
            let fields = &self.heap.get(*id).fields;
            fields.contains_key("trys") && fields.contains_key("sent")
        })
    }

    /// `[2, value]` returns, `[3, label]` jumps, `[4, value]` awaits, `[7]` ends a `finally`.
    fn follow_operations(
        &mut self,
        state: ObjectId,
        given: &Value,
        next: Option<u32>,
        due: &mut Vec<Due>,
        place: Place,
    ) {
        let returned_where =
            self.activations.last_mut().map(|activation| std::mem::take(&mut activation.returned_where));
        let returned_where = returned_where.unwrap_or_default();
        let kept = self.context.allowed;
        for operation in given.objects() {
            let known = returned_where.iter().find(|(returned, _)| *returned == operation);
            let allowed = known.map_or(Consents::NONE, |(_, allowed)| *allowed);
            let elements = self.heap.get(operation).elements.clone();
            let value = elements.get(1).cloned().unwrap_or_default();
            match elements.first().map(|code| code.atoms.as_slice()) {
                Some([Atom::Number(2)]) => {
                    self.heap.edit(state).fields.entry(RETURNED.into()).or_default().join(&value);
                    self.note_end(allowed, true);
                }
                Some([Atom::Number(3)]) => due.extend(numbers(&value).map(|label| (label, allowed))),
                Some([Atom::Number(4 | 5)]) => {
                    self.context.allowed = allowed;
                    let settled = self.settled(&value, place).stepped(StepKind::Promised, place, &"await".into());
                    self.heap.edit(state).fields.insert("v".into(), settled);
                    due.extend(next.map(|next| (next, self.context.allowed)));
                }
                _ => due.extend(next.map(|next| (next, allowed))),
            }
        }
        self.context.allowed = kept;
    }

    /// Methods of the state passed to the compiled function.
    pub(super) fn call_state_method(&mut self, name: &str, state: ObjectId, arguments: &[Value]) -> Value {
        if name == "babel.catch" {
            return self.heap.get(state).fields.get("v").cloned().unwrap_or_default();
        }
        // `a(2, value)` and `abrupt('return', value)` end the function with the value.
        let value = arguments.get(1).cloned().unwrap_or_default();
        self.heap.edit(state).fields.entry(RETURNED.into()).or_default().join(&value);
        self.note_end(self.context.allowed, true);
        Value::undefined()
    }

    /// Follows the numbers from one `await` to the next.
    pub(crate) fn run_states(
        &mut self,
        compiler: Compiler,
        state: &Value,
        cases: &[(Option<Expr>, Vec<Stmt>)],
        place: Place,
    ) {
        let Some(id) = state.objects().first().copied() else { return };
        let allowed = self.context.allowed;
        if let Some(activation) = self.activations.last_mut() {
            activation.tries += 1;
            activation.in_states = true;
        }
        let mut visits = vec![0_u8; cases.len()];
        self.follow_states(compiler, id, vec![(0, allowed)], cases, &mut visits, place);
        self.context.allowed = allowed;
        let caught = self.activations.last_mut().and_then(|activation| {
            activation.tries -= 1;
            activation.caught.take()
        });
        let table = if compiler == Compiler::Babel { TRY_TABLE } else { "trys" };
        let table = self.heap.get(id).fields.get(table).cloned().unwrap_or_default();
        let mut handlers = Vec::new();
        for entry in self.elements_of(&table).0 {
            // The start of the block, its `catch`, its `finally`, and what follows.
            let parts = self.elements_of(&entry).0;
            let catch = parts.get(1).and_then(|part| numbers(part).next());
            let last = parts.get(2).and_then(|part| numbers(part).next());
            // The last one added runs first.
            handlers.extend(
                last.filter(|_| compiler == Compiler::TypeScript || catch.is_none()).map(|last| (last, allowed)),
            );
            handlers.extend(catch.map(|catch| (catch, allowed)));
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
        self.hand_in(compiler, id, &fault);
        let mut visits = vec![0_u8; cases.len()];
        self.follow_states(compiler, id, handlers, cases, &mut visits, place);
        self.context = kept;
    }

    /// Sets the awaited or caught value in the state.
    fn hand_in(&mut self, compiler: Compiler, state: ObjectId, value: &Value) {
        let fields: &[&str] = if compiler == Compiler::Babel { &["v", "sent"] } else { &["v"] };
        for field in fields {
            self.heap.edit(state).fields.insert((*field).into(), value.clone());
        }
    }

    fn follow_states(
        &mut self,
        compiler: Compiler,
        state: ObjectId,
        mut due: Vec<Due>,
        cases: &[(Option<Expr>, Vec<Stmt>)],
        visits: &mut [u8],
        place: Place,
    ) {
        while let Some((number, allowed)) = due.pop() {
            let is_case = |(test, _): &(Option<Expr>, Vec<Stmt>)| label_of(test.as_ref()) == Some(number);
            let Some(first) = cases.iter().position(is_case) else { continue };
            if visits[first] >= 2 || self.fuel == 0 {
                continue;
            }
            visits[first] += 1;
            self.context.allowed = allowed;
            for field in NEXT {
                self.heap.edit(state).fields.insert((*field).into(), Value::undefined());
            }
            let mut flow = Flow::Next;
            for (place_of_case, (_, body)) in cases.iter().enumerate().skip(first) {
                flow = self.run(body);
                if compiler == Compiler::TypeScript
                    && let Some(activation) = self.activations.last_mut()
                {
                    let given = std::mem::take(&mut activation.returned);
                    let next = cases.get(place_of_case + 1).and_then(|(test, _)| label_of(test.as_ref()));
                    self.follow_operations(state, &given, next, &mut due, place);
                }
                if flow != Flow::Next {
                    break;
                }
            }
            let (exits, given) = match self.activations.last_mut() {
                Some(activation) => (std::mem::take(&mut activation.exits), std::mem::take(&mut activation.returned)),
                None => (Vec::new(), Value::undefined()),
            };
            // Branches that ended early continue with the consents that held there.
            let mut early: Vec<Due> = Vec::new();
            for (changes, allowed) in &exits {
                let fields = NEXT.iter().filter_map(|field| changes.field(state, field));
                early.extend(fields.flat_map(numbers).map(|number| (number, *allowed)));
            }
            let fields = NEXT.iter().filter_map(|field| self.heap.get(state).fields.get(*field));
            let last: Vec<u32> = fields.flat_map(numbers).collect();
            self.heap.merge(exits.into_iter().map(|(changes, _)| changes).collect(), true);
            if flow == Flow::Return && compiler == Compiler::Babel {
                let settled = self.settled(&given, place).stepped(StepKind::Promised, place, &"await".into());
                self.hand_in(compiler, state, &settled);
            }
            let last = last.into_iter().map(|number| (number, self.context.allowed));
            let mut next: Vec<Due> = Vec::new();
            for (number, allowed) in last.chain(early) {
                match next.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, known)) => *known = *known & allowed,
                    None => next.push((number, allowed)),
                }
            }
            due.extend(next);
        }
    }
}

fn numbers(value: &Value) -> impl Iterator<Item = u32> + '_ {
    value.atoms.iter().filter_map(|atom| if let Atom::Number(number) = atom { Some(*number) } else { None })
}

fn label_of(test: Option<&Expr>) -> Option<u32> {
    if let ExprKind::Number(number) = test?.kind { Some(number) } else { None }
}

/// The object that holds a compiled function's states, if a loop's `switch` runs over them.
pub(crate) fn state_of(discriminant: &Expr) -> Option<&Expr> {
    let number = match &discriminant.kind {
        // With a `try`, the number is also kept elsewhere: `switch (state.p = state.n)`.
        ExprKind::Assign { value, .. } => value,
        _ => discriminant,
    };
    match &number.kind {
        ExprKind::Member(state, name, _) if matches!(&**name, "n" | "next") => Some(state),
        _ => None,
    }
}

/// The same for TypeScript's output.
pub(crate) fn labels_of(discriminant: &Expr) -> Option<&Expr> {
    match &discriminant.kind {
        ExprKind::Member(state, name, _) if &**name == "label" => Some(state),
        _ => None,
    }
}
