//! Conditions: each side is run on its own, then what they changed is joined.

use super::{
    context::Context,
    machine::Machine,
    statements::Flow,
    value::{Atom, Mark, Value},
};
use crate::scripts::ir::{Expr, ExprKind, FunctionIndex, Pattern, VariableIndex};

/// What a test says about its two sides.
pub(crate) struct Verdict {
    /// What holds when it is true.
    pub(crate) then: Side,
    /// What holds when it is false.
    pub(crate) otherwise: Side,
    /// Which side is known to be taken.
    pub(crate) truth: Option<bool>,
    pub(crate) value: Value,
}

/// What holds on one side.
#[derive(Default)]
pub(crate) struct Side {
    /// The person pressed the confirming button.
    pub(crate) agreed: bool,
    /// Display information that was found equal to something fixed.
    pub(crate) compared: Vec<Mark>,
}

impl Machine<'_> {
    pub(crate) fn test(&mut self, test: &Expr) -> Verdict {
        if let ExprKind::Equal { left, right, negated } = &test.kind {
            return self.compare(left, right, *negated);
        }
        if let ExprKind::Not(inner) = &test.kind {
            let verdict = self.test(inner);
            let truth = verdict.truth.map(|truth| !truth);
            return Verdict { then: verdict.otherwise, otherwise: verdict.then, truth, value: Value::unknown() };
        }
        if let ExprKind::And(left, right) = &test.kind {
            let first = self.test(left);
            if first.truth == Some(false) {
                return first;
            }
            let second = self.test(right);
            let mut then = Side { agreed: first.then.agreed || second.then.agreed, ..Side::default() };
            then.compared = [first.then.compared, second.then.compared].concat();
            let truth = match (first.truth, second.truth) {
                (_, Some(false)) => Some(false),
                (Some(true), truth) => truth,
                // `arguments.length > 0 && arguments[0] !== undefined`, as compilers write it.
                (None, truth) if counts_arguments(left) => truth,
                _ => None,
            };
            return Verdict { then, otherwise: Side::default(), truth, value: Value::unknown() };
        }
        let value = self.evaluate(test);
        let (mut then, mut otherwise) = (Side::default(), Side::default());
        for atom in &value.atoms {
            if let Atom::Choice { agreed } = atom {
                if *agreed { &mut then } else { &mut otherwise }.agreed = true;
            }
        }
        Verdict { then, otherwise, truth: value.truth(), value }
    }

    fn compare(&mut self, left: &Expr, right: &Expr, negated: bool) -> Verdict {
        let is_given = self.is_given(left) || self.is_given(right);
        let against_nothing = matches!(left.kind, ExprKind::Undefined) || matches!(right.kind, ExprKind::Undefined);
        let (left, right) = (self.evaluate(left), self.evaluate(right));
        let mut compared = Vec::new();
        for (one, other) in [(&left, &right), (&right, &left)] {
            if !one.marks.is_empty() && other.whole_texts().any(|text| !text.is_empty()) {
                compared.extend(one.marks.iter().cloned());
            }
        }
        let equal = match (left.atoms.as_slice(), right.atoms.as_slice()) {
            _ if !is_given || !left.marks.is_empty() || !right.marks.is_empty() => None,
            ([Atom::Text(one)], [Atom::Text(other)]) if one.whole && other.whole => Some(one.start == other.start),
            ([], []) if against_nothing => Some(true),
            ([], some) | (some, []) if against_nothing && !some.contains(&Atom::Unknown) => Some(false),
            _ => None,
        };
        let (mut then, mut otherwise) = (Side::default(), Side::default());
        if negated { &mut otherwise } else { &mut then }.compared = compared;
        let truth = equal.map(|equal| equal != negated);
        let value = truth.map_or_else(Value::unknown, |truth| Value::one(Atom::Truth(truth)));
        Verdict { then, otherwise, truth, value }
    }

    /// Whether an expression is an argument of the function at hand or of one around it, or a part of one: what it is at this
    /// call is all that it can be, while what the page or a module keeps may be changed by code that has not run yet.
    pub(crate) fn is_given(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Member(object, ..) | ExprKind::Index(object, _) => self.is_given(object),
            ExprKind::Global(name) => &**name == "arguments",
            ExprKind::Variable(variable) => self.is_parameter(*variable),
            _ => false,
        }
    }

    pub(crate) fn is_parameter(&self, variable: VariableIndex) -> bool {
        let frame = &self.frames[self.frame as usize];
        let script = &self.project.modules[frame.module as usize].script;
        let owner = script.variables.get(variable as usize).map_or(FunctionIndex::MAX, |known| known.owner);
        let function = script.functions.get(owner as usize);
        function.is_some_and(|function| function.parameters.iter().any(|pattern| binds(pattern, variable)))
    }

    /// Runs something under what one side of a test says.
    pub(crate) fn under<T>(&mut self, side: &Side, run: impl FnOnce(&mut Self) -> T) -> T {
        let kept: Option<Context> = side.agreed.then(|| {
            let agreed = self.context.agreed();
            std::mem::replace(&mut self.context, agreed)
        });
        let before = self.compared.len();
        self.compared.extend(side.compared.iter().cloned());
        let result = run(self);
        self.compared.truncate(before);
        if let Some(context) = kept {
            self.context = context;
        }
        result
    }

    pub(crate) fn and(&mut self, left: &Expr, right: &Expr) -> Value {
        let verdict = self.test(left);
        match verdict.truth {
            Some(true) => return self.evaluate(right),
            Some(false) => return verdict.value,
            None => {}
        }
        self.heap.fork();
        let second = self.under(&verdict.then, |machine| machine.evaluate(right));
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        // Where the left side is falsy it carries nothing.
        let mut value = second;
        value.join(&Value::unknown());
        if verdict.value.atoms.iter().any(|atom| matches!(atom, Atom::Choice { .. })) {
            value.atoms.insert(0, Atom::Choice { agreed: true });
        }
        value
    }

    pub(crate) fn or(&mut self, left: &Expr, right: &Expr) -> Value {
        let verdict = self.test(left);
        match verdict.truth {
            Some(true) => return verdict.value,
            Some(false) => return self.evaluate(right),
            None => {}
        }
        self.heap.fork();
        let second = self.under(&verdict.otherwise, |machine| machine.evaluate(right));
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        verdict.value.joined(&second)
    }

    pub(crate) fn choose(&mut self, test: &Expr, then: &Expr, otherwise: &Expr) -> Value {
        let verdict = self.test(test);
        match verdict.truth {
            Some(true) => return self.evaluate(then),
            Some(false) => return self.evaluate(otherwise),
            None => {}
        }
        self.heap.fork();
        let first = self.under(&verdict.then, |machine| machine.evaluate(then));
        let one = self.heap.undo();
        self.heap.fork();
        let second = self.under(&verdict.otherwise, |machine| machine.evaluate(otherwise));
        let other = self.heap.undo();
        self.heap.merge(vec![one, other], false);
        let is_open = first.is_undefined() || second.is_undefined();
        let value = first.joined(&second);
        if is_open { value.without_truth() } else { value }
    }

    /// Brings two sides together; what ended early waits for the function's end.
    pub(crate) fn rejoin(&mut self, sides: Vec<(Flow, super::heap::Changes)>) -> Flow {
        let early = sides.iter().all(|(flow, _)| *flow != Flow::Next);
        let mut going_on = Vec::new();
        let mut ended = Flow::Next;
        for (flow, changes) in sides {
            if early || flow == Flow::Next {
                going_on.push(changes);
            } else if let Some(activation) = self.activations.last_mut() {
                activation.exits.push(changes);
            }
            ended = ended.max(flow);
        }
        self.heap.merge(going_on, false);
        if early { ended } else { Flow::Next }
    }
}

/// Whether a parameter's pattern binds the variable.
fn binds(pattern: &Pattern, variable: VariableIndex) -> bool {
    match pattern {
        Pattern::Variable(bound, _) => *bound == variable,
        Pattern::Object(entries, rest) => {
            entries.iter().any(|(_, inner)| binds(inner, variable))
                || rest.as_ref().is_some_and(|rest| binds(rest, variable))
        }
        Pattern::Array(items) => items.iter().flatten().any(|item| binds(item, variable)),
        Pattern::Default(inner, _) | Pattern::Rest(inner) => binds(inner, variable),
        Pattern::Global(_) | Pattern::Place(_) => false,
    }
}

/// `arguments.length > 0`
fn counts_arguments(expr: &Expr) -> bool {
    let ExprKind::Drop(parts) = &expr.kind else { return false };
    let Some(ExprKind::Member(object, name, _)) = parts.first().map(|part| &part.kind) else { return false };
    &**name == "length" && matches!(&object.kind, ExprKind::Global(global) if &**global == "arguments")
}
