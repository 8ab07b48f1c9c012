//! Fields that functions read and write.

use super::{
    heap::{Kind, Object},
    machine::Machine,
    properties::LONGEST_CHAIN,
    trail::Place,
    value::{Atom, ObjectId, Value},
};
use crate::scripts::ir::Name;
use std::rc::Rc;

impl Machine<'_> {
    /// A getter is kept as a bound function without `this`.
    pub(crate) fn define_getter(&mut self, object: ObjectId, name: &Name, function: Value) {
        let bound = Kind::Bound(Rc::new((function, Value::undefined(), Vec::new())));
        let getter = self.heap.add(Object::new(bound));
        self.heap.edit(object).fields.insert(name.clone(), Value::object(getter));
    }

    pub(crate) fn define_setter(&mut self, object: ObjectId, name: &Name, function: Value) {
        self.setters.insert((object, name.clone()), function);
    }

    /// A field that a getter computes is computed at each reading.
    pub(crate) fn getter(&mut self, value: Value, this: ObjectId, place: Place) -> Value {
        let [Atom::Object(id)] = value.atoms.as_slice() else { return value };
        match &self.heap.get(*id).kind {
            Kind::Bound(bound) if bound.1.is_undefined() && bound.2.is_empty() => {
                let function = bound.0.clone();
                self.call(&function, Value::object(this), Vec::new(), place)
            }
            _ => value,
        }
    }

    /// Calls the setter of that name, if the object or what it inherits from has one.
    pub(crate) fn set_by_function(&mut self, object: ObjectId, name: &Name, value: &Value, place: Place) -> bool {
        if self.setters.is_empty() {
            return false;
        }
        let mut current = Some(object);
        for _ in 0..LONGEST_CHAIN {
            let Some(id) = current else { return false };
            if let Some(setter) = self.setters.get(&(id, name.clone())).cloned() {
                self.call(&setter, Value::object(object), vec![value.clone()], place);
                return true;
            }
            current = self.heap.get(id).prototype;
        }
        false
    }
}
