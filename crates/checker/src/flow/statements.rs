//! What statements do.

use super::{machine::Machine, natives::babel::state_of, trail::StepKind, value::Value};
use crate::scripts::ir::{Expr, Pattern, Stmt};

/// How many elements of an array a loop is run over one by one.
const MOST_ROUNDS: usize = 24;

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

impl Machine<'_> {
    pub(crate) fn run(&mut self, statements: &[Stmt]) -> Flow {
        for statement in statements {
            let flow = self.statement(statement);
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &Stmt) -> Flow {
        match statement {
            Stmt::Expr(expr) => {
                self.evaluate(expr);
            }
            Stmt::Declare(pattern, value) => {
                if let Some(value) = value {
                    let value = self.evaluate(value);
                    self.assign(pattern, value, false);
                }
            }
            Stmt::If(test, then, otherwise) => return self.condition(test, then, otherwise),
            Stmt::Loop(first, test, body) => {
                if let [Stmt::Switch(value, cases)] = body.as_slice()
                    && let Some(state) = state_of(value)
                {
                    let place = self.place(value.range);
                    let state = self.evaluate(state);
                    self.run_states(&state, cases, place);
                    return Flow::Return;
                }
                self.run(first);
                return self.repeat(test.as_ref(), body);
            }
            Stmt::Each { pattern, values, keys, body } => self.each(pattern, values, *keys, body),
            Stmt::Switch(value, cases) => return self.switch(value, cases),
            Stmt::Try(block, handler, last) => return self.try_block(block, handler.as_ref(), last),
            Stmt::Return(value, range) => {
                if let Some(value) = value {
                    let value = self.evaluate(value);
                    let place = self.place(*range);
                    let value = value.stepped(StepKind::Returned, place, &"return".into());
                    if let Some(activation) = self.activations.last_mut() {
                        activation.returned.join(&value);
                    }
                }
                return Flow::Return;
            }
            Stmt::Throw(value) => {
                let value = self.evaluate(value);
                let context = self.context.clone();
                self.throw(value, context);
                return Flow::Throw;
            }
            Stmt::Leave => return Flow::Leave,
            Stmt::Block(body) => return self.run(body),
            Stmt::Export(..) | Stmt::ExportDefault(_) | Stmt::ExportAll(..) | Stmt::ExportFrom(..) => {
                self.export(statement);
            }
            Stmt::ExportAssign(value) => {
                let value = self.evaluate(value);
                self.export_whole(value);
            }
        }
        Flow::Next
    }

    fn condition(&mut self, test: &Expr, then: &[Stmt], otherwise: &[Stmt]) -> Flow {
        let verdict = self.test(test);
        if verdict.certain {
            return self.run(then);
        }
        self.heap.fork();
        let first = self.under(&verdict.then, |machine| machine.run(then));
        let one = self.heap.undo();
        self.heap.fork();
        let second = self.under(&verdict.otherwise, |machine| machine.run(otherwise));
        let other = self.heap.undo();
        // `if (!result.confirm) return;`: whatever follows is what the person agreed to.
        let rest_agreed = (verdict.otherwise.agreed && first != Flow::Next && second == Flow::Next)
            || (verdict.then.agreed && second != Flow::Next && first == Flow::Next);
        let flow = self.rejoin(vec![(first, one), (second, other)]);
        if rest_agreed {
            self.context = self.context.agreed();
        }
        flow
    }

    /// Twice: what the first round leaves is seen by the second.
    fn repeat(&mut self, test: Option<&Expr>, body: &[Stmt]) -> Flow {
        for _ in 0..2 {
            if let Some(test) = test {
                self.evaluate(test);
            }
            self.heap.fork();
            let flow = self.run(body);
            let changes = self.heap.undo();
            self.heap.merge(vec![changes], true);
            if self.fuel == 0 || flow == Flow::Throw {
                break;
            }
        }
        Flow::Next
    }

    fn each(&mut self, pattern: &Pattern, values: &Expr, keys: bool, body: &[Stmt]) {
        let collection = self.evaluate(values);
        let items = if keys { self.keys_of(&collection) } else { self.items_of(&collection) };
        for item in items {
            self.heap.fork();
            self.assign(pattern, item, false);
            self.run(body);
            let changes = self.heap.undo();
            self.heap.merge(vec![changes], true);
            if self.fuel == 0 {
                break;
            }
        }
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

    fn switch(&mut self, value: &Expr, cases: &[(Option<Expr>, Vec<Stmt>)]) -> Flow {
        let value = self.evaluate(value);
        let mut sides = Vec::new();
        let mut has_default = false;
        for (place, (test, _)) in cases.iter().enumerate() {
            let mut side = super::branches::Side::default();
            match test {
                Some(test) => {
                    let fixed = self.evaluate(test);
                    if fixed.whole_texts().any(|text| !text.is_empty()) {
                        side.compared.clone_from(&value.marks);
                    }
                }
                None => has_default = true,
            }
            self.heap.fork();
            let flow = self.under(&side, |machine| {
                // A case without a break goes on into the next.
                for (_, body) in &cases[place..] {
                    let flow = machine.run(body);
                    if flow != Flow::Next {
                        return flow;
                    }
                }
                Flow::Next
            });
            let changes = self.heap.undo();
            sides.push((if flow == Flow::Leave { Flow::Next } else { flow }, changes));
        }
        if !has_default {
            self.heap.fork();
            let nothing = self.heap.undo();
            sides.push((Flow::Next, nothing));
        }
        self.rejoin(sides)
    }

    fn try_block(&mut self, block: &[Stmt], handler: Option<&(Option<Pattern>, Vec<Stmt>)>, last: &[Stmt]) -> Flow {
        let outer = self.activations.last_mut().and_then(|activation| {
            activation.tries += 1;
            activation.caught.take()
        });
        let flow = self.run(block);
        let caught = self.activations.last_mut().and_then(|activation| {
            activation.tries -= 1;
            std::mem::replace(&mut activation.caught, outer)
        });
        let Some((pattern, body)) = handler else {
            if let Some((fault, context)) = caught {
                self.throw(fault, context);
            }
            let end = self.run(last);
            return flow.max(end);
        };
        self.heap.fork();
        let (fault, context) = match caught {
            Some((fault, context)) => (fault, self.context.clone().refused_like(&context)),
            None => (Value::unknown(), self.context.clone()),
        };
        let kept = std::mem::replace(&mut self.context, context);
        if let Some(pattern) = pattern {
            self.assign(pattern, fault, false);
        }
        let handled = self.run(body);
        self.context = kept;
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        let end = self.run(last);
        let flow = if flow == Flow::Next || handled == Flow::Next { Flow::Next } else { flow.min(handled) };
        flow.max(end)
    }
}
