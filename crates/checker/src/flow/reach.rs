//! All display information within a value, at any depth.

use super::{
    heap::Kind,
    machine::Machine,
    value::{Mark, ObjectId, Value},
};
use crate::scripts::ir::Name;
use rustc_hash::FxHashSet;

/// How deeply objects are searched.
const DEEPEST: u32 = 8;

impl Machine<'_> {
    /// The marks in a value and in everything that it holds.
    pub(crate) fn deep_marks(&self, value: &Value) -> Vec<Mark> {
        if value.atoms.iter().all(|atom| !matches!(atom, super::value::Atom::Object(_))) {
            return value.marks.clone();
        }
        let mut found = Vec::new();
        self.search(value, 0, &mut FxHashSet::default(), &mut found);
        found
    }

    fn search(&self, value: &Value, depth: u32, seen: &mut FxHashSet<ObjectId>, found: &mut Vec<Mark>) {
        for mark in &value.marks {
            if found.len() < 32 && !found.iter().any(|known| known.same(mark)) {
                found.push(mark.clone());
            }
        }
        if depth > DEEPEST {
            return;
        }
        for id in value.objects() {
            if !seen.insert(id) {
                continue;
            }
            let object = self.heap.get(id);
            self.heap.worked(1 + (object.fields.len() + object.elements.len()) / 2);
            match &object.kind {
                Kind::Closure(_)
                | Kind::Native(_)
                | Kind::Method(..)
                | Kind::Bound(_)
                | Kind::Exports(_)
                | Kind::Left(..)
                | Kind::Lazy(..) => continue,
                Kind::Promise(state) => {
                    if let Some(value) = &state.value {
                        self.search(value, depth + 1, seen, found);
                    }
                }
                _ => {}
            }
            let mut names: Vec<&Name> = object.fields.keys().collect();
            names.sort_unstable();
            for name in names {
                self.search(&object.fields[name], depth + 1, seen, found);
            }
            for element in &object.elements {
                self.search(element, depth + 1, seen, found);
            }
            self.search(&object.rest, depth + 1, seen, found);
        }
    }
}
