//! Methods of functions and promises.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    trail::Place,
    value::{Atom, Value},
};
use crate::scripts::ir::Name;
use std::rc::Rc;

impl Machine<'_> {
    pub(super) fn call_function_method(
        &mut self,
        function: &Value,
        name: &str,
        arguments: &[Value],
        place: Place,
    ) -> Option<Value> {
        if !self.heap.is_callable(function) {
            return None;
        }
        let this = arguments.first().cloned().unwrap_or_default();
        Some(match name {
            "call" => self.call(function, this, arguments.iter().skip(1).cloned().collect(), place),
            "apply" => {
                let list = arguments.get(1).cloned().unwrap_or_default();
                let (mut values, rest) = self.elements_of(&list);
                if !rest.is_undefined() {
                    values.push(rest);
                }
                self.call(function, this, values, place)
            }
            _ => {
                // A getter is kept as a bound function without `this`: a real binding always has one.
                let this = if this.is_undefined() { Value::unknown() } else { this };
                let bound = Kind::Bound(Rc::new((function.clone(), this, arguments.iter().skip(1).cloned().collect())));
                Value::object(self.heap.add(Object::new(bound)))
            }
        })
    }

    pub(super) fn call_promise_method(
        &mut self,
        this: &Value,
        name: &Name,
        arguments: &[Value],
        place: Place,
    ) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        let mut result = Value::undefined();
        for atom in &this.atoms {
            let promise = match atom {
                Atom::Object(id) if matches!(self.heap.get(*id).kind, Kind::Promise(_)) => *id,
                // Something that nobody knows may be a promise of what it carries.
                _ => {
                    let promise = self.new_promise();
                    self.resolve(promise, Value::carrying(this.marks.clone()), place);
                    promise
                }
            };
            let derived = match &**name {
                "catch" => self.then(promise, Value::undefined(), first.clone(), place),
                "finally" => {
                    self.then(promise, first.clone(), first.clone(), place);
                    self.then(promise, Value::undefined(), Value::undefined(), place)
                }
                _ => self.then(promise, first.clone(), second.clone(), place),
            };
            result.join(&derived);
        }
        result
    }
}
