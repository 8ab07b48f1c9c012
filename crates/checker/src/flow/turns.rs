//! Callbacks that go round in circles: a failed request leads to a login, which sends a request that can fail again. Each turn
//! creates new closures, so the functions' code is compared instead.

use super::{
    heap::Kind,
    machine::{Machine, Task},
    value::{ObjectId, Value},
};
use crate::scripts::ir::FunctionIndex;
use rustc_hash::FxHashSet;
use std::{iter, rc::Rc};

/// A function of the project: its module and index.
type Function = (u32, FunctionIndex);

/// A callback's run up to the point where it registered the next callback, linked to the runs before it.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The callback; `None` for the event that started everything.
    callback: Option<(ObjectId, Function)>,
    /// The functions that were running when the next callback was registered.
    running: Vec<Function>,
    before: Option<Rc<Turn>>,
}

impl Machine<'_> {
    pub(crate) fn schedule(&mut self, task: Task) {
        self.deeds += 1;
        let running = self.stack.iter().map(|(function, _)| *function).collect();
        let turn = Turn { callback: self.callback, running, before: self.turn.clone() };
        self.tasks.push_back((task, Rc::new(turn)));
    }

    /// The function that a callback is, if it can only be one.
    pub(super) fn only_function(&self, callee: &Value) -> Option<(ObjectId, Function)> {
        let [id] = callee.objects()[..] else { return None };
        match &self.heap.get(id).kind {
            Kind::Closure(closure) => Some((id, (closure.module, closure.function))),
            Kind::Bound(bound) => Some((id, self.only_function(&bound.0)?.1)),
            _ => None,
        }
    }

    /// Whether the callback's code has run before, and every function that ran since then had already run before that time. The very
    /// same closure may come back, because compilers resume an `async` function that way.
    pub(super) fn comes_round(&self, callee: &Value, turn: &Rc<Turn>) -> bool {
        let Some((id, function)) = self.only_function(callee) else { return false };
        let mut turns = iter::successors(Some(turn), |turn| turn.before.as_ref());
        let mut since: FxHashSet<Function> = FxHashSet::default();
        for turn in turns.by_ref() {
            since.extend(&turn.running);
            match turn.callback {
                Some((known, _)) if known == id => return false,
                Some((_, known)) if known == function => {
                    let earlier: FxHashSet<Function> = turns.flat_map(|turn| turn.running.iter().copied()).collect();
                    return since.is_subset(&earlier);
                }
                _ => {}
            }
        }
        false
    }
}
