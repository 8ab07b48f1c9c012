//! Loops: run often enough to see what one round leaves for the next. Also recognises the loop that ES5 compilers generate for
//! rest parameters.

use super::{
    heap::Kind,
    machine::{Flow, Machine},
    value::{Atom, MAX_ATOMS, ObjectId, Value},
};
use crate::scripts::ir::{Expr, ExprKind, Pattern, Stmt, VariableIndex};

/// The most elements that a loop visits one by one.
const MAX_ROUNDS: usize = 24;

impl Machine<'_> {
    /// Runs a loop twice, so that the second round sees what the first has left.
    pub(super) fn repeat(&mut self, test: Option<&Expr>, body: &[Stmt]) -> Flow {
        let context = self.context.clone();
        for _ in 0..2 {
            if let Some(test) = test {
                self.evaluate(test);
            }
            let flow = self.run_round(|machine| machine.run(body));
            if self.fuel == 0 || flow == Flow::Throw {
                break;
            }
        }
        self.context = context;
        Flow::Next
    }

    /// Runs one round of a loop, which in reality may not happen. If this round caught a refusal, it still holds in the next round.
    fn run_round(&mut self, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.heap.fork();
        let flow = run(self);
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        if let Some(refusal) = self.activations.last_mut().and_then(|activation| activation.passed_over.take()) {
            self.context = self.context.clone().refused_like(&refusal);
        }
        flow
    }

    pub(super) fn each(&mut self, pattern: &Pattern, values: &Expr, keys: bool, body: &[Stmt]) {
        let collection = self.evaluate(values);
        let items = if keys { self.keys_of(&collection) } else { self.items_of(&collection) };
        let context = self.context.clone();
        for item in items {
            self.run_round(|machine| {
                machine.assign(pattern, item, false);
                machine.run(body)
            });
            if self.fuel == 0 {
                break;
            }
        }
        self.context = context;
    }

    /// Runs an index loop for the elements that hold a function or display information, several at a time. A single run with an
    /// unknown index would reach only as many elements as one value can hold.
    pub(super) fn run_by_index(&mut self, index: VariableIndex, list: &Expr, body: &[Stmt]) {
        let list = self.evaluate(list);
        let (elements, _) = self.elements_of(&list);
        let Some(cell) = self.variable(index).filter(|_| elements.len() >= MAX_ATOMS) else { return };
        let leading: Vec<u32> = (0..)
            .zip(&elements)
            .filter(|(_, element)| self.leads_somewhere(element, 0))
            .map(|(place, _)| place)
            .collect();
        let context = self.context.clone();
        for group in leading.chunks(leading.len().div_ceil(MAX_ROUNDS).max(MAX_ATOMS)) {
            let places =
                group.iter().fold(Value::undefined(), |all, place| all.joined(&Value::one(Atom::Number(*place))));
            self.run_round(|machine| {
                machine.heap.set_cell(cell, places);
                machine.run(body)
            });
            if self.fuel == 0 {
                break;
            }
        }
        self.context = context;
    }

    /// The values that a loop visits: each known element, or an unknown one twice. Several possible names, such as filtered keys,
    /// are visited one by one, so that `copy[name] = object[name]` keeps the fields apart.
    pub(crate) fn items_of(&mut self, collection: &Value) -> Vec<Value> {
        let (elements, rest) = self.elements_of(collection);
        if elements.len() <= MAX_ROUNDS {
            let mut items = elements;
            if let Some(names) = names_among(&rest) {
                items.extend(names);
            } else if !rest.is_undefined() || items.is_empty() {
                items.push(rest.clone());
                items.push(rest);
            }
            return items;
        }
        // A value holds few possibilities, so elements with a function or display information come first, in several rounds if need be.
        let (mut ordered, dull): (Vec<_>, Vec<_>) =
            elements.into_iter().partition(|element| self.leads_somewhere(element, 0));
        let size = ordered.len().div_ceil(MAX_ROUNDS).max(MAX_ATOMS);
        let group = |elements: &[Value]| elements.iter().fold(rest.clone(), |all, element| all.joined(element));
        let mut items: Vec<Value> = ordered.chunks(size).map(group).collect();
        ordered.extend(dull);
        let all = ordered.iter().fold(Value::undefined(), |all, element| all.joined(element)).joined(&rest);
        if items.len() < 2 {
            items = vec![all.clone()];
        }
        items.push(all);
        items
    }

    /// Whether a value holds a function or display information within a few levels.
    fn leads_somewhere(&self, value: &Value, depth: u32) -> bool {
        self.heap.worked(1);
        let inside = |id: ObjectId| {
            let object = self.heap.get(id);
            let mut held = object.fields.values().chain(&object.elements).chain([&object.rest]);
            matches!(object.kind, Kind::Plain | Kind::Array | Kind::Promise(_))
                && held.any(|value| self.leads_somewhere(value, depth + 1))
        };
        !value.marks.is_empty()
            || self.heap.is_callable(value)
            || (depth < 2 && value.objects().into_iter().any(inside))
    }

    pub(crate) fn keys_of(&mut self, collection: &Value) -> Vec<Value> {
        let collection = &self.force(collection);
        if self.is_all_of_platform(collection) {
            return self.keys_of_platform();
        }
        let mut names = Vec::new();
        let mut open = collection.may_be_unknown() || !collection.marks.is_empty();
        for id in collection.objects() {
            let object = self.heap.get(id);
            names.extend(object.fields.keys().cloned());
            names.extend((0..object.elements.len()).map(|place| place.to_string().into()));
            open |= !object.rest.is_undefined();
        }
        names.sort_unstable();
        names.dedup();
        open |= names.len() > MAX_ROUNDS;
        names.truncate(MAX_ROUNDS);
        let mut keys: Vec<_> = names.iter().map(Value::text).collect();
        if open || keys.is_empty() {
            keys.push(Value::unknown());
            keys.push(Value::unknown());
        }
        keys
    }
}

/// `index < list.length`: the index and the list, as compilers to ES5 write `for (const each of list)`.
pub(super) fn counted(test: &Expr) -> Option<(VariableIndex, &Expr)> {
    let ExprKind::Drop(parts) = &test.kind else { return None };
    let [Expr { kind: ExprKind::Variable(index), .. }, Expr { kind: ExprKind::Member(list, name, _), .. }] =
        parts.as_slice()
    else {
        return None;
    };
    (&**name == "length").then_some((*index, list))
}

/// `list[key - skipped] = arguments[key]`: the list, and how many arguments come before it.
fn rest_parameter(body: &[Stmt]) -> Option<(&Expr, usize)> {
    if let Some(Stmt::Block(inner)) = body.first() {
        return rest_parameter(inner);
    }
    let Some(Stmt::Expr(Expr { kind: ExprKind::Assign { target, value, combine: false }, .. })) = body.first() else {
        return None;
    };
    let ExprKind::Index(from, _) = &value.kind else { return None };
    let Pattern::Place(place) = &**target else { return None };
    let ExprKind::Index(list, key) = &place.kind else { return None };
    if !matches!(&from.kind, ExprKind::Global(name) if &**name == "arguments") {
        return None;
    }
    let skipped = match &key.kind {
        ExprKind::Variable(_) => 0,
        ExprKind::Mix(parts) => match parts.as_slice() {
            [Expr { kind: ExprKind::Variable(_), .. }, Expr { kind: ExprKind::Number(skipped), .. }] => {
                *skipped as usize
            }
            _ => return None,
        },
        _ => return None,
    };
    matches!(list.kind, ExprKind::Variable(_)).then_some((list, skipped))
}

impl Machine<'_> {
    /// Fills the list with the arguments in order, if the loop collects them.
    pub(super) fn collect_arguments(&mut self, first: &[Stmt], body: &[Stmt]) -> bool {
        let Some((Expr { kind: ExprKind::Variable(list), range }, skipped)) = rest_parameter(body) else {
            return false;
        };
        self.run(first);
        let given = self.frames[self.frame as usize].arguments.iter().skip(skipped).cloned().collect();
        let given = self.new_array(given, Default::default());
        self.assign(&Pattern::Variable(*list, *range), given, false);
        true
    }
}

/// The texts that a value may be, if there are several and nothing else.
fn names_among(value: &Value) -> Option<Vec<Value>> {
    let name = |atom: &Atom| matches!(atom, Atom::Text(text) if text.whole).then(|| Value::one(atom.clone()));
    let names: Option<Vec<Value>> = value.atoms.iter().map(name).collect();
    names.filter(|names| names.len() > 1 && value.marks.is_empty())
}
