//! Conditions: each side is run on its own, then what they changed is joined.

use super::{
    context::Context,
    machine::Machine,
    statements::Flow,
    value::{Atom, Mark, Value},
};
use crate::scripts::ir::{Expr, ExprKind};

/// What a test says about its two sides.
pub(crate) struct Verdict {
    /// What holds when it is true.
    pub(crate) then: Side,
    /// What holds when it is false.
    pub(crate) otherwise: Side,
    /// Known to be true.
    pub(crate) certain: bool,
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
            let (left, right) = (self.evaluate(left), self.evaluate(right));
            let mut compared = Vec::new();
            for (one, other) in [(&left, &right), (&right, &left)] {
                if !one.marks.is_empty() && other.whole_texts().any(|text| !text.is_empty()) {
                    compared.extend(one.marks.iter().cloned());
                }
            }
            let (mut then, mut otherwise) = (Side::default(), Side::default());
            if *negated { &mut otherwise } else { &mut then }.compared = compared;
            return Verdict { then, otherwise, certain: false, value: Value::unknown() };
        }
        if let ExprKind::Not(inner) = &test.kind {
            let verdict = self.test(inner);
            let value = Value::unknown();
            return Verdict { then: verdict.otherwise, otherwise: verdict.then, certain: false, value };
        }
        if let ExprKind::And(left, right) = &test.kind {
            let first = self.test(left);
            let second = self.test(right);
            let mut then = Side { agreed: first.then.agreed || second.then.agreed, ..Side::default() };
            then.compared = [first.then.compared, second.then.compared].concat();
            return Verdict { then, otherwise: Side::default(), certain: false, value: Value::unknown() };
        }
        let value = self.evaluate(test);
        let (mut then, mut otherwise) = (Side::default(), Side::default());
        for atom in &value.atoms {
            if let Atom::Choice { agreed } = atom {
                if *agreed { &mut then } else { &mut otherwise }.agreed = true;
            }
        }
        let certain = !value.atoms.is_empty()
            && value.marks.is_empty()
            && value.atoms.iter().all(|atom| matches!(atom, Atom::Object(_)));
        Verdict { then, otherwise, certain, value }
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
        if verdict.certain {
            return self.evaluate(right);
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
        if verdict.certain {
            return verdict.value;
        }
        self.heap.fork();
        let second = self.under(&verdict.otherwise, |machine| machine.evaluate(right));
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        verdict.value.joined(&second)
    }

    pub(crate) fn choose(&mut self, test: &Expr, then: &Expr, otherwise: &Expr) -> Value {
        let verdict = self.test(test);
        if verdict.certain {
            return self.evaluate(then);
        }
        self.heap.fork();
        let first = self.under(&verdict.then, |machine| machine.evaluate(then));
        let one = self.heap.undo();
        self.heap.fork();
        let second = self.under(&verdict.otherwise, |machine| machine.evaluate(otherwise));
        let other = self.heap.undo();
        self.heap.merge(vec![one, other], false);
        first.joined(&second)
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
