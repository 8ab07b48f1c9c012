//! Variables of functions that a module's top level has called, such as the state of a store. The closures that such a call returns
//! keep its variables alive, and all pages share them like the module's own variables.

use super::{
    facts::FactKey,
    machine::{Frame, Machine},
};
use crate::scripts::ir::FunctionIndex;
use rustc_hash::FxHashMap;
use std::mem;

/// How many calls of one function are distinguished. Variables of later calls are not shared.
const MAX_CALLS: u32 = 16;

/// Whether a fact is about such a variable.
pub(super) fn is_captured(key: &FactKey) -> bool {
    matches!(key, FactKey::Captured { .. })
}

impl Machine<'_> {
    /// The variables of the calls that top levels have made, starting with the n-th call: the cell and the key of each variable.
    fn captured_from(&self, first: usize) -> Vec<(u32, FactKey)> {
        let mut calls: FxHashMap<(u32, FunctionIndex), u32> = FxHashMap::default();
        let mut found = Vec::new();
        for (place, frame) in self.captured.iter().enumerate() {
            let Frame { module, function, first_cell, .. } = self.frames[*frame as usize];
            let count = calls.entry((module, function)).or_default();
            let call = mem::replace(count, *count + 1);
            if place >= first && call < MAX_CALLS {
                let slots = self.project.modules[module as usize].script.functions[function as usize].slots;
                let keyed = |slot| (first_cell + slot, FactKey::Captured { module, function, call, slot });
                found.extend((0..slots).map(keyed));
            }
        }
        found
    }

    /// Adds to these variables, starting with the n-th call, what other runs have left in them.
    pub(super) fn take_captured(&mut self, first: usize) {
        if !self.has_captured_facts {
            return;
        }
        for (cell, key) in self.captured_from(first) {
            if let Some(fact) = self.facts.get(&key).cloned() {
                let value = self.value_of(&fact);
                let joined = self.heap.cell(cell).clone().joined(&value);
                self.heap.set_cell(cell, joined);
            }
        }
    }

    /// Leaves the display information in these variables for other runs, at the end of a run.
    pub(super) fn leave_captured(&mut self) {
        if !self.has_marks {
            return;
        }
        for (cell, key) in self.captured_from(0) {
            let value = self.heap.cell(cell);
            if !self.deep_marks(value).is_empty() {
                let fact = self.to_fact(value);
                self.outcome.facts.entry(key).or_default().join(&fact);
            }
        }
    }
}
