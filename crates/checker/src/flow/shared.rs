//! What the top levels of common modules keep from one page to another.

use super::{
    facts::{Fact, FactKey},
    heap::{Closure, Kind, Object},
    machine::Machine,
    trail::Place,
    value::{Atom, Told, Value},
};
use crate::scripts::ir::FunctionIndex;

impl Machine<'_> {
    /// Gives a module's top level what other runs have left in its objects and variables.
    pub(crate) fn take_shared(&mut self, module: u32, first_object: usize) {
        if self.facts.is_empty() {
            return;
        }
        for index in first_object..self.heap.len() {
            let id = super::value::ObjectId(index as u32);
            let Some((origin, site)) = self.heap.get(id).origin else { continue };
            let Some(fact) = self.facts.get(&FactKey::Object(origin, site)) else { continue };
            let fact = fact.clone();
            let functions = self.left_functions(&fact);
            let allowed = fact.allowed;
            let rest = &mut self.heap.edit(id).rest;
            rest.add_marks(&fact.marks);
            if !allowed.is_none() {
                rest.join(&Value::one(Atom::Tells { what: Told::Allowed(allowed), when: true }));
            }
            rest.join(&functions);
            let fields = fact.fields;
            for (name, fact) in fields {
                let value = self.value_of(&fact);
                self.heap.edit(id).fields.entry(name).or_default().join(&value);
            }
        }
        let Some(frame) = self.module_frames.get(&module).copied() else { return };
        let (first, slots) =
            (self.frames[frame as usize].first_cell, self.project.modules[module as usize].script.functions[0].slots);
        for slot in 0..slots {
            if let Some(fact) = self.facts.get(&FactKey::Variable(module, slot)).cloned() {
                let value = self.value_of(&fact);
                let joined = self.heap.cell(first + slot).clone().joined(&value);
                self.heap.set_cell(first + slot, joined);
            }
        }
    }

    /// Leaves what the shared objects and variables hold at the end of a run.
    pub(crate) fn leave_shared(&mut self) {
        for index in 0..self.heap.len() {
            let object = self.heap.get(super::value::ObjectId(index as u32));
            let Some((module, site)) = object.origin else { continue };
            let fact = self.fact_of_object(object, 0, Some(module));
            if !fact.is_empty() {
                self.outcome.facts.entry(FactKey::Object(module, site)).or_default().join(&fact);
            }
        }
        let frames: Vec<(u32, u32)> = self.module_frames.iter().map(|(module, frame)| (*module, *frame)).collect();
        for (module, frame) in frames {
            let first = self.frames[frame as usize].first_cell;
            for slot in 0..self.project.modules[module as usize].script.functions[0].slots {
                let value = self.heap.cell(first + slot);
                let functions = self.fact_of(&self.only_functions(value), 0, Some(module)).functions;
                let fact =
                    Fact { marks: value.marks.clone(), functions, allowed: Self::told_by(value), ..Fact::default() };
                if !fact.is_empty() {
                    self.outcome.facts.entry(FactKey::Variable(module, slot)).or_default().join(&fact);
                }
            }
        }
    }

    fn only_functions(&self, value: &Value) -> Value {
        let is_function =
            |atom: &Atom| matches!(atom, Atom::Object(id) if matches!(self.heap.get(*id).kind, Kind::Closure(_)));
        let atoms = value.atoms.iter().filter(|atom| is_function(atom)).cloned().collect();
        Value { atoms, ..Value::undefined() }
    }

    /// Calls a function that another run has left: what it sees of its own module is known, what surrounded it is not.
    pub(crate) fn call_left(
        &mut self,
        module: u32,
        function: FunctionIndex,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        self.load(module);
        let Some(frame) = self.module_frames.get(&module).copied() else { return Value::unknown() };
        let closure = Closure { module, function, frame, home: None };
        let id = self.heap.add(Object::new(Kind::Closure(closure)));
        self.call_object(id, this, arguments, place)
    }
}
