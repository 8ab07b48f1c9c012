//! Timers, promises, conversions, and the methods of functions and promises.

use super::super::{
    context::{Context, Trigger},
    heap::{Kind, Object},
    machine::{Machine, Task},
    trail::{Place, StepKind},
    value::{Atom, Value},
};
use crate::scripts::ir::Name;
use std::rc::Rc;

impl Machine<'_> {
    pub(super) fn call_language_function(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let allowed = self.context.allowed;
        Some(match name {
            "setTimeout" | "setInterval" => {
                self.timer(name, &first, arguments, place);
                Value::unknown()
            }
            "queueMicrotask" | "requestAnimationFrame" | "setImmediate" => {
                self.later(Some(&first), Vec::new(), place);
                Value::unknown()
            }
            "new Promise" => {
                let promise = self.new_promise();
                let (resolve, reject) = (self.method("resolve", promise), self.method("reject", promise));
                self.call(&first, Value::undefined(), vec![resolve, reject], place);
                Value::object(promise)
            }
            "Promise.resolve" => self.resolved(first, place),
            "Promise.reject" => {
                let promise = self.new_promise();
                self.reject(promise, first);
                Value::object(promise)
            }
            "Promise.all" | "Promise.allSettled" => {
                let (elements, rest) = self.elements_of(&first);
                let mut values = Vec::with_capacity(elements.len());
                for element in elements {
                    let value = self.settled(&element, place);
                    values.push(if name == "Promise.all" {
                        value
                    } else {
                        let entry = self.new_collection();
                        self.write(&entry, &"value".into(), value, place, false);
                        entry
                    });
                }
                let rest = self.settled(&rest, place);
                let all = self.new_array(values, rest);
                let allowed = std::mem::replace(&mut self.context.allowed, allowed);
                // Some of what is only waited for has failed, so that nothing is sure.
                if name == "Promise.all" {
                    let promise = self.new_promise();
                    self.resolve_where(allowed, self.context.asked, promise, all, place);
                    return Some(Value::object(promise));
                }
                self.resolved(all, place)
            }
            "Promise.race" | "Promise.any" => {
                let mut any = Value::undefined();
                for element in self.items_of(&first) {
                    any.join(&self.settled(&element, place));
                }
                self.context.allowed = allowed;
                self.resolved(any, place)
            }
            "require" => self.import_by_name(&first),
            "(nothing)" => Value::undefined(),
            "Boolean" => Self::telling(first),
            "isNaN" | "isFinite" | "Array.isArray" | "Number.isInteger" | "Object.is" => Value::unknown(),
            name if name.starts_with("console.") => Value::undefined(),
            name if name.starts_with("Math.") => Value::unknown(),
            "Symbol" | "new Date" | "Date.now" => Value::unknown(),
            "new Error" | "Error" | "new TypeError" => {
                let fault = self.new_collection();
                self.write(&fault, &"message".into(), first, place, false);
                fault
            }
            _ => return None,
        })
    }

    /// A timeout that a tap starts still belongs to the tap; an interval goes on without one.
    fn timer(&mut self, name: &str, callback: &Value, arguments: &[Value], place: Place) {
        if !self.heap.is_callable(callback) {
            return;
        }
        let label = Name::from(name);
        let mut context = self.context.called(StepKind::CalledBack, place, &label);
        if name == "setInterval" && context.trigger != Trigger::Unseen {
            context = Context { trigger: Trigger::Unasked, ..context };
        }
        let arguments = arguments.iter().skip(2).cloned().collect();
        let callee = callback.clone();
        self.schedule(Task { callee, this: Value::undefined(), arguments, context, place, settles: None });
    }

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
