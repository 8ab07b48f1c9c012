//! Timers, promises, conversions.

use super::super::{
    context::{Context, Trigger},
    machine::{Machine, Task},
    trail::{Place, StepKind},
    value::Value,
};
use crate::scripts::ir::Name;

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
}
