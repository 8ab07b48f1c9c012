//! Loops: run often enough to see what one round leaves for the next.

use super::{machine::Flow, machine::Machine, value::Value};
use crate::scripts::ir::{Expr, Pattern, Stmt};

/// How many elements of an array a loop is run over one by one.
const MOST_ROUNDS: usize = 24;

impl Machine<'_> {
    /// Twice: what the first round leaves is seen by the second.
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

    /// One round of a loop, which may run or not. The next round comes after what this one has caught, a refusal too.
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

    /// What a loop meets: each known element, or anything twice.
    pub(crate) fn items_of(&mut self, collection: &Value) -> Vec<Value> {
        let (elements, rest) = self.elements_of(collection);
        if elements.len() <= MOST_ROUNDS {
            let mut items = elements;
            if !rest.is_undefined() || items.is_empty() {
                items.push(rest.clone());
                items.push(rest);
            }
            return items;
        }
        let all = elements.iter().fold(rest, |all, element| all.joined(element));
        vec![all.clone(), all]
    }

    pub(crate) fn keys_of(&mut self, collection: &Value) -> Vec<Value> {
        let collection = &self.force(collection);
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
        open |= names.len() > MOST_ROUNDS;
        names.truncate(MOST_ROUNDS);
        let mut keys: Vec<_> = names.iter().map(Value::text).collect();
        if open || keys.is_empty() {
            keys.push(Value::unknown());
            keys.push(Value::unknown());
        }
        keys
    }
}
