//! Variables of functions that a module's top level has called, such as the state of a store: functions that it returned keep them,
//! and all pages share them like the module's own.

use super::{
    facts::{Fact, FactKey},
    machine::Machine,
};
use crate::scripts::ir::FunctionIndex;
use rustc_hash::{FxHashMap, FxHashSet};

/// The bit that tells such a variable from one of the module's own.
const CAPTURED: u32 = 1 << 31;

/// How many bits hold the variable's number, and how many the call's.
const SLOT_BITS: u32 = 8;
const CALL_BITS: u32 = 4;

/// The key of a variable of the n-th call of a function; `None` for those that have no place in it.
fn key(module: u32, function: FunctionIndex, call: u32, slot: u32) -> Option<FactKey> {
    let fits = slot >> SLOT_BITS == 0 && call >> CALL_BITS == 0 && function >> (31 - SLOT_BITS - CALL_BITS) == 0;
    fits.then_some(FactKey::Variable(module, CAPTURED | function << (SLOT_BITS + CALL_BITS) | call << SLOT_BITS | slot))
}

/// The functions whose variables others have left something in.
pub(super) fn captured_in(facts: &FxHashMap<FactKey, Fact>) -> FxHashSet<(u32, FunctionIndex)> {
    let of = |key: &FactKey| match key {
        FactKey::Variable(module, name) if name & CAPTURED != 0 => {
            Some((*module, (name & !CAPTURED) >> (SLOT_BITS + CALL_BITS)))
        }
        _ => None,
    };
    facts.keys().filter_map(of).collect()
}

impl Machine<'_> {
    /// The variables of the calls that top levels have made, from the n-th call on: the cell of each, and its key.
    fn captured_from(&self, first: usize) -> Vec<(u32, FactKey)> {
        let mut calls: FxHashMap<(u32, FunctionIndex), u32> = FxHashMap::default();
        let mut found = Vec::new();
        for (place, frame) in self.captured.iter().enumerate() {
            let frame = &self.frames[*frame as usize];
            let call = calls.entry((frame.module, frame.function)).or_default();
            if place >= first {
                let slots = self.project.modules[frame.module as usize].script.functions[frame.function as usize].slots;
                let keyed = |slot| Some((frame.first_cell + slot, key(frame.module, frame.function, *call, slot)?));
                found.extend((0..slots).filter_map(keyed));
            }
            *call += 1;
        }
        found
    }

    /// Adds what other runs have left to the variables of the calls from the n-th on.
    pub(super) fn take_captured(&mut self, first: usize) {
        if self.captured_facts.is_empty() {
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

    /// Leaves the display information in these variables at the end of a run.
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
