//! Running statements.

use super::{
    facts::StepKind,
    loops::counted,
    machine::{Flow, Machine},
    natives::states::{Compiler, labels_of, state_of},
    value::Value,
};
use crate::scripts::ir::{Expr, ExprKind, Name, Pattern, Stmt};

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
                let value = self.evaluate(expr);
                // `require('./setup')` and `import './setup'` only run the module.
                if matches!(expr.kind, ExprKind::Module(_)) {
                    self.force(&value);
                }
            }
            Stmt::Declare(pattern, value) => {
                if let Some(value) = value {
                    let is_fixed = matches!(value.kind, ExprKind::Truth(_));
                    let value = self.evaluate(value);
                    self.assign(pattern, if is_fixed { self.kept(value) } else { value }, false);
                }
            }
            Stmt::If(test, then, otherwise) => return self.condition(test, then, otherwise),
            Stmt::Loop(first, test, body) => {
                if let [Stmt::Switch(value, cases)] = body.as_slice()
                    && let Some(state) = state_of(value)
                {
                    let place = self.place(value.range);
                    let state = self.evaluate(state);
                    self.run_states(Compiler::Babel, &state, cases, place);
                    return Flow::Return;
                }
                if self.collect_arguments(first, body) {
                    return Flow::Next;
                }
                self.run(first);
                if let Some((index, list)) = test.as_ref().and_then(counted) {
                    self.run_by_index(index, list, body);
                }
                return self.repeat(test.as_ref(), body);
            }
            Stmt::Each { pattern, values, keys, body } => self.each(pattern, values, *keys, body),
            Stmt::Switch(value, cases) => {
                if let Some(state) = labels_of(value) {
                    let state = self.evaluate(state);
                    if self.is_generator_state(&state) {
                        let place = self.place(value.range);
                        self.run_states(Compiler::TypeScript, &state, cases, place);
                        return Flow::Return;
                    }
                }
                return self.switch(value, cases);
            }
            Stmt::Try(block, handler, last) => return self.try_block(block, handler.as_ref(), last),
            Stmt::Return(value, range) => {
                if let Some(value) = value {
                    let value = self.evaluate(value);
                    let place = self.place(*range);
                    let mut value = value.stepped(StepKind::Returned, place, &"return".into());
                    if !self.returns_at_once() {
                        // Another path through the function may return nothing.
                        value = self.kept(value);
                    }
                    self.returns(value);
                }
                self.note_end(self.context.allowed, false);
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

    /// Whether the current function consists of a single `return`.
    fn returns_at_once(&self) -> bool {
        let frame = &self.frames[self.frame as usize];
        let function = &self.project.modules[frame.module as usize].script.functions[frame.function as usize];
        function.body.len() == 1
    }

    fn condition(&mut self, test: &Expr, then: &[Stmt], otherwise: &[Stmt]) -> Flow {
        let verdict = self.test(test);
        match verdict.truth {
            Some(true) => return self.run(then),
            Some(false) => return self.run(otherwise),
            None => {}
        }
        self.heap.fork();
        let (first, first_allowed) = self.under(&verdict.then, |machine| (machine.run(then), machine.context.allowed));
        let one = self.heap.undo();
        self.heap.fork();
        let (second, second_allowed) =
            self.under(&verdict.otherwise, |machine| (machine.run(otherwise), machine.context.allowed));
        let other = self.heap.undo();
        // `if (!result.confirm) return;`: the person agreed to everything that follows.
        let rest_agreed = (verdict.otherwise.agreed && first != Flow::Next && second == Flow::Next)
            || (verdict.then.agreed && second != Flow::Next && first == Flow::Next);
        let flow = self.rejoin(vec![(first, one, first_allowed), (second, other, second_allowed)]);
        if rest_agreed {
            self.context = self.context.agreed();
        }
        flow
    }

    fn switch(&mut self, value: &Expr, cases: &[(Option<Expr>, Vec<Stmt>)]) -> Flow {
        let is_given = self.is_given(value);
        let value = self.evaluate(value);
        let mut sides = Vec::new();
        let mut has_default = false;
        let mut open = self.texts_if_all(&value).filter(|_| is_given);
        for (place, (test, _)) in cases.iter().enumerate() {
            let mut side = super::branches::Side::default();
            match test {
                Some(test) => {
                    let fixed = self.evaluate(test);
                    if let (Some(open), Some(texts)) = (&mut open, self.texts_if_all(&fixed)) {
                        let before = open.len();
                        open.retain(|text| !texts.contains(text));
                        if open.len() == before {
                            continue;
                        }
                    }
                    self.compare_case(&value, &fixed, &mut side);
                    if fixed.whole_texts().any(|text| !text.is_empty()) {
                        side.compared.clone_from(&value.marks);
                    }
                }
                None => {
                    has_default = true;
                    // If other cases follow `default`, they may still take every value that is open.
                    let is_last = place + 1 == cases.len();
                    if is_last && open.as_ref().is_some_and(Vec::is_empty) {
                        continue;
                    }
                }
            }
            self.heap.fork();
            let (flow, allowed) = self.under(&side, |machine| {
                // A case without a break falls through.
                let mut rest = cases[place..].iter().map(|(_, body)| machine.run(body));
                let flow = rest.find(|flow| *flow != Flow::Next).unwrap_or(Flow::Next);
                (flow, machine.context.allowed)
            });
            let changes = self.heap.undo();
            sides.push((if flow == Flow::Leave { Flow::Next } else { flow }, changes, allowed));
        }
        if !has_default && open.is_none_or(|open| !open.is_empty()) {
            self.heap.fork();
            let nothing = self.heap.undo();
            sides.push((Flow::Next, nothing, self.context.allowed));
        }
        self.rejoin(sides)
    }

    /// The texts that a value may be, if it can be nothing else.
    fn texts_if_all(&self, value: &Value) -> Option<Vec<Name>> {
        let texts: Vec<Name> = value.whole_texts().cloned().collect();
        (value.marks.is_empty() && !texts.is_empty() && texts.len() == value.atoms.len()).then_some(texts)
    }

    fn try_block(&mut self, block: &[Stmt], handler: Option<&(Option<Pattern>, Vec<Stmt>)>, last: &[Stmt]) -> Flow {
        let outer = self.activations.last_mut().and_then(|activation| {
            activation.tries += 1;
            activation.caught.take()
        });
        let allowed = self.context.allowed;
        let flow = self.run(block);
        let allowed_after = std::mem::replace(&mut self.context.allowed, allowed);
        let caught = self.activations.last_mut().and_then(|activation| {
            activation.tries -= 1;
            std::mem::replace(&mut activation.caught, outer)
        });
        let Some((pattern, body)) = handler else {
            if let Some((fault, context)) = caught {
                self.throw(fault, context);
            }
            self.context.allowed = allowed_after;
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
        let context = std::mem::replace(&mut self.context, kept);
        if context.refused
            && handled == Flow::Next
            && let Some(activation) = self.activations.last_mut()
        {
            activation.passed_over = Some(context);
        }
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        if handled != Flow::Next {
            self.context.allowed = allowed_after;
        }
        let end = self.run(last);
        let flow = if flow == Flow::Next || handled == Flow::Next { Flow::Next } else { flow.min(handled) };
        flow.max(end)
    }
}
