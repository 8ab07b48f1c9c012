//! Conditions: runs each side separately, then joins their changes.

use super::{
    context::{Consents, Context},
    heap::Changes,
    machine::{Flow, Machine},
    value::{Atom, Implied, Mark, Value},
};
use crate::{
    platform,
    scripts::ir::{Expr, ExprKind, FunctionIndex, Pattern, VariableIndex},
};

impl Machine<'_> {
    pub(crate) fn test(&mut self, test: &Expr) -> Verdict {
        match &test.kind {
            ExprKind::Equal { left, right, negated } => self.compare(left, right, *negated),
            ExprKind::Not(inner) => self.test(inner).negated(),
            ExprKind::And(left, right) => self.test_both(left, right),
            ExprKind::Or(left, right) => self.test_either(left, right),
            _ => {
                let value = self.evaluate(test);
                // An argument that was not passed is false.
                let is_missing = value.is_undefined() && self.is_given(test);
                let verdict = Verdict::on(value);
                if is_missing { Verdict { truth: Some(false), ..verdict } } else { verdict }
            }
        }
    }

    /// `left && right`
    fn test_both(&mut self, left: &Expr, right: &Expr) -> Verdict {
        let first = self.test(left);
        match first.truth {
            Some(true) => {
                let second = self.test(right);
                return Verdict { then: first.then.and(second.then), ..second };
            }
            Some(false) => return first,
            None => {}
        }
        self.heap.fork();
        let second = self.under(&first.then, |machine| machine.test(right));
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        // If the left side is falsy, it is the result, and it carries no information.
        let mut value = second.value;
        value.join(&Value::unknown());
        for atom in first.value.atoms {
            if matches!(atom, Atom::Implies { when: true, .. }) && !value.atoms.contains(&atom) {
                value.atoms.insert(0, atom);
            }
        }
        let truth = match second.truth {
            Some(false) => Some(false),
            // `arguments.length > 0 && arguments[0] !== undefined`, from compilers.
            truth if counts_arguments(left) => truth,
            _ => None,
        };
        let otherwise = first.otherwise.or(&second.otherwise);
        Verdict { then: first.then.and(second.then), otherwise, truth, value }
    }

    /// `left || right`
    fn test_either(&mut self, left: &Expr, right: &Expr) -> Verdict {
        let first = self.test(left);
        match first.truth {
            Some(true) => return first,
            Some(false) => {
                let second = self.test(right);
                return Verdict { otherwise: first.otherwise.and(second.otherwise), ..second };
            }
            None => {}
        }
        self.heap.fork();
        let second = self.under(&first.otherwise, |machine| machine.test(right));
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        if second.truth == Some(true) {
            return Verdict { value: first.value.joined(&second.value), ..second };
        }
        let agreed = first.then.agreed || second.then.agreed;
        // If the right side is always false, only the left side can make the expression true.
        let allowed = if is_falsy(right) { first.then.allowed } else { first.then.allowed & second.then.allowed };
        let then = Side { agreed, allowed, compared: Vec::new() };
        let mut value = first.value.joined(&second.value);
        for atom in &mut value.atoms {
            if let Atom::Implies { fact: Implied::Allowed(consents), when: true } = atom {
                *consents = *consents & allowed;
            }
        }
        Verdict { then, otherwise: first.otherwise.and(second.otherwise), truth: None, value }
    }

    fn compare(&mut self, left: &Expr, right: &Expr, negated: bool) -> Verdict {
        let is_given = self.is_given(left) || self.is_given(right);
        let against_nothing = matches!(left.kind, ExprKind::Undefined) || matches!(right.kind, ExprKind::Undefined);
        let (left, right) = (self.evaluate(left), self.evaluate(right));
        let (mut equal, mut different) = (Side::default(), Side::default());
        for (one, other) in [(&left, &right), (&right, &left)] {
            if !one.marks.is_empty() && other.whole_texts().any(|text| !text.is_empty()) {
                equal.compared.extend(one.marks.iter().cloned());
            }
            self.compare_implied(one, other, &mut equal, &mut different);
        }
        let truth = match (left.atoms.as_slice(), right.atoms.as_slice()) {
            _ if !is_given || !left.marks.is_empty() || !right.marks.is_empty() => None,
            ([Atom::Text(one)], [Atom::Text(other)]) if one.whole && other.whole => Some(one.start == other.start),
            ([], []) if against_nothing => Some(true),
            ([], some) | (some, []) if against_nothing && !some.iter().any(is_open) => Some(false),
            _ => None,
        };
        let truth = truth.map(|equal| equal != negated);
        let (then, otherwise) = if negated { (different, equal) } else { (equal, different) };
        let mut value = truth.map_or_else(Value::unknown, |truth| Value::one(Atom::Truth(truth)));
        for (side, when) in [(&then, true), (&otherwise, false)] {
            if side.agreed {
                value.join(&Value::one(Atom::Implies { fact: Implied::Agreed, when }));
            }
            if !side.allowed.is_none() {
                value.join(&Value::one(Atom::Implies { fact: Implied::Allowed(side.allowed), when }));
            }
        }
        Verdict { then, otherwise, truth, value }
    }

    /// What follows from comparing a value with `true`, `false` or another constant.
    fn compare_implied(&mut self, value: &Value, fixed: &Value, equal: &mut Side, different: &mut Side) {
        let [fixed] = fixed.atoms.as_slice() else { return };
        for atom in &value.atoms {
            let Atom::Implies { fact, when } = atom else { continue };
            match (fact, fixed) {
                (Implied::Answer(asked), _) => match self.asked.get(*asked as usize).map(|asked| asked.scope) {
                    Some(scope) if is_code(fixed, platform::granted()) => {
                        let side = if *when { &mut *equal } else { &mut *different };
                        side.allowed = side.allowed | Consents::of(scope);
                    }
                    _ if is_code(fixed, platform::missing_consent()) => self.expect(*asked, false),
                    _ => {}
                },
                (Implied::Agreed, Atom::Truth(truth)) => {
                    if truth == when { &mut *equal } else { &mut *different }.agreed = true;
                }
                // Only a true value proves anything: any other may simply be missing, because the person was never asked.
                (Implied::Allowed(consents), Atom::Truth(truth)) if truth == when => {
                    equal.allowed = equal.allowed | *consents;
                }
                // A state kept where the consent holds, such as 1 or 'authorised'.
                (Implied::Allowed(consents), Atom::Text(_) | Atom::Number(1..)) if *when => {
                    equal.allowed = equal.allowed | *consents;
                }
                _ => {}
            }
        }
    }

    /// What follows from a matching `case`.
    pub(crate) fn compare_case(&mut self, value: &Value, fixed: &Value, side: &mut Side) {
        // `switch (true)` has the conditions in its cases.
        for (one, other) in [(value, fixed), (fixed, value)] {
            self.compare_implied(one, other, side, &mut Side::default());
        }
    }

    /// Whether an expression is an argument, or part of one, of the current function or of a function around it. Its value is fixed
    /// for this call, whereas code that has not run yet may change what the page or a module keeps.
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
        let is_copy = script.variables.get(variable as usize).is_some_and(|known| known.is_copy);
        is_copy || function.is_some_and(|function| function.parameters.iter().any(|pattern| binds(pattern, variable)))
    }

    /// Runs code under the conditions that one side of a test establishes.
    pub(crate) fn under<T>(&mut self, side: &Side, run: impl FnOnce(&mut Self) -> T) -> T {
        let kept: Option<Context> = side.agreed.then(|| {
            let agreed = self.context.agreed();
            std::mem::replace(&mut self.context, agreed)
        });
        let allowed = self.context.allowed;
        self.context.allowed = allowed | side.allowed;
        let before = self.compared.len();
        self.compared.extend(side.compared.iter().cloned());
        let result = run(self);
        self.compared.truncate(before);
        if let Some(context) = kept {
            self.context = context;
        }
        self.context.allowed = allowed;
        result
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

    /// Joins the sides of a branch, each with the consents that hold at its end. The changes of sides that ended early are kept until
    /// the function's end.
    pub(crate) fn rejoin(&mut self, sides: Vec<(Flow, Changes, Consents)>) -> Flow {
        let early = sides.iter().all(|(flow, ..)| *flow != Flow::Next);
        let going_on = sides.iter().map(|(flow, ..)| *flow).min().unwrap_or(Flow::Next);
        let last = sides.iter().filter(|(flow, ..)| *flow == going_on).map(|(.., allowed)| *allowed);
        let allowed = last.reduce(|all, allowed| all & allowed).unwrap_or_default();
        let mut merged = Vec::new();
        let mut ended = Flow::Next;
        for (flow, changes, allowed) in sides {
            if early || flow == Flow::Next {
                merged.push(changes);
            } else if let Some(activation) = self.activations.last_mut() {
                activation.exits.push((changes, allowed));
            }
            ended = ended.max(flow);
        }
        self.heap.merge(merged, false);
        self.context.allowed = allowed;
        if early { ended } else { Flow::Next }
    }
}

/// Whether the value may be missing: `undefined` or `null`.
fn is_open(atom: &Atom) -> bool {
    matches!(atom, Atom::Unknown | Atom::Null | Atom::Implies { .. })
}

/// Whether a constant is this code of the platform.
fn is_code(fixed: &Atom, code: &str) -> bool {
    match fixed {
        Atom::Text(text) => &*text.start == code,
        Atom::Number(number) => number.to_string() == code,
        _ => false,
    }
}

/// Whether an expression is always false.
fn is_falsy(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Truth(truth) => !truth,
        ExprKind::Text(text) => text.is_empty(),
        ExprKind::Number(number) => *number == 0,
        ExprKind::Undefined => true,
        _ => false,
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

/// What a test establishes for its two sides.
pub(crate) struct Verdict {
    /// What holds if it is true.
    pub(crate) then: Side,
    /// What holds if it is false.
    pub(crate) otherwise: Side,
    /// Which side is certainly taken, if known.
    pub(crate) truth: Option<bool>,
    pub(crate) value: Value,
}

/// What holds on one side.
#[derive(Default)]
pub(crate) struct Side {
    /// The person pressed the confirming button.
    pub(crate) agreed: bool,
    /// These consents of the authorising button have been given.
    pub(crate) allowed: Consents,
    /// Display information that was found equal to a constant.
    pub(crate) compared: Vec<Mark>,
}

impl Side {
    /// What holds if both hold.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.agreed |= other.agreed;
        self.allowed = self.allowed | other.allowed;
        self.compared.extend(other.compared);
        self
    }

    /// What holds if one of the two holds.
    pub(super) fn or(self, other: &Self) -> Self {
        Self { agreed: self.agreed && other.agreed, allowed: self.allowed & other.allowed, compared: Vec::new() }
    }
}

impl Machine<'_> {
    /// Reduces a value to what it implies by being true or false.
    pub(crate) fn implying(value: Value) -> Value {
        Verdict::on(value).negated().negated().value
    }

    /// A value that is true only if both others are. When it is true, it implies everything that either of them implies.
    pub(crate) fn implied_by_both(one: Value, other: Value) -> Value {
        let implied = [one, other].into_iter().flat_map(|value| Self::implying(value).atoms);
        let implied = implied.filter(|atom| matches!(atom, Atom::Implies { when: true, .. }));
        implied.fold(Value::unknown(), |all, atom| all.joined(&Value::one(atom)))
    }
}

impl Verdict {
    /// What a value establishes by being true or false.
    pub(super) fn on(value: Value) -> Self {
        let (mut then, mut otherwise) = (Side::default(), Side::default());
        for atom in &value.atoms {
            let Atom::Implies { fact, when } = atom else { continue };
            let side = if *when { &mut then } else { &mut otherwise };
            match fact {
                Implied::Agreed => side.agreed = true,
                Implied::Allowed(consents) => side.allowed = side.allowed | *consents,
                Implied::Answer(_) => {}
            }
        }
        if !value.marks.is_empty() {
            // Code that has the display information has the consent for it.
            then.allowed = then.allowed | Consents::of(platform::display_scope());
        }
        Self { then, otherwise, truth: value.truth(), value }
    }

    pub(super) fn negated(self) -> Self {
        let truth = self.truth.map(|truth| !truth);
        let mut value = truth.map_or_else(Value::unknown, |truth| Value::one(Atom::Truth(truth)));
        for atom in self.value.atoms {
            if let Atom::Implies { fact, when } = atom {
                value.join(&Value::one(Atom::Implies { fact, when: !when }));
            }
        }
        if !self.value.marks.is_empty() {
            value.join(&Value::one(Atom::Implies { fact: Implied::Allowed(self.then.allowed), when: false }));
        }
        Self { then: self.otherwise, otherwise: self.then, truth, value }
    }
}
