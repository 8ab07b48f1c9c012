//! The language's own functions: timers, promises, conversions, the methods of functions and promises; `Object`, `Reflect`,
//! `Array` and `JSON`.

use super::super::{
    context::{Context, Trigger},
    heap::{Kind, Object},
    machine::{Machine, Task},
    value::{Atom, Value},
};
use crate::{
    coverage::GapKind,
    flow::facts::{Place, StepKind},
    scripts::ir::Name,
};
use std::rc::Rc;

/// Whether the object's fields are known by their names.
fn is_record(object: &Object) -> bool {
    matches!(object.kind, Kind::Plain) && !object.fields.is_empty()
}

impl Machine<'_> {
    pub(super) fn call_language_function(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let allowed = self.context.allowed;
        Some(match name {
            "setTimeout" | "setInterval" => {
                if first.atoms.iter().any(|atom| matches!(atom, Atom::Text(_))) {
                    self.run_text(name, &first, place);
                }
                self.timer(name, &first, arguments, place);
                Value::unknown()
            }
            "queueMicrotask" | "requestAnimationFrame" | "setImmediate" => {
                self.later(Some(&first), Vec::new(), place);
                Value::unknown()
            }
            // A framework's proxies are modelled by the framework's own names instead.
            "new Proxy" if !self.project.is_in_library(place) => {
                let get = self.read(&arguments.get(1).cloned().unwrap_or_default(), &"get".into(), place);
                if !self.heap.is_callable(&get) {
                    return Some(first);
                }
                let proxy = Object { elements: vec![first], ..Object::new(Kind::Proxy(get)) };
                Value::object(self.heap.add(proxy))
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
                // `allSettled` also succeeds if promises fail: only `Promise.all` guarantees their consents.
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
            "(nothing)" => Value::undefined(),
            "eval" | "Function()" | "new Function()" => {
                for text in arguments {
                    self.run_text(name.trim_start_matches("new ").trim_end_matches("()"), text, place);
                }
                return None;
            }
            "with" => {
                self.note_gap(GapKind::CodeInText, &"with".into(), place);
                Value::undefined()
            }
            "Boolean" => Self::implying(first),
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

    /// A timeout started by a tap still counts as part of the tap; an interval does not.
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
                // A getter is stored as a bound function without `this`; a real binding always has one.
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
                // An unknown value may be a promise of the information that it carries.
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

impl Machine<'_> {
    pub(super) fn call_object_function(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        let third = arguments.get(2).cloned().unwrap_or_default();
        Some(match name {
            "Object.assign" => {
                for source in &arguments[1.min(arguments.len())..] {
                    for target in first.objects() {
                        self.copy_fields(target, source, place);
                    }
                }
                if first.objects().is_empty() {
                    self.call_unknown(&Value::undefined(), arguments, place)
                } else {
                    first
                }
            }
            "Object.keys" | "Object.getOwnPropertyNames" | "Reflect.ownKeys" => {
                let keys = self.keys_of(&first);
                self.new_array(keys, Value::undefined())
            }
            "Object.values" => {
                let any = self.any_field(&first);
                self.new_array(Vec::new(), any)
            }
            "Object.entries" => {
                let mut entries = Vec::new();
                for key in self.keys_of(&first) {
                    let value = self.read_index(&first, &key, place);
                    entries.push(self.new_array(vec![key, value], Value::undefined()));
                }
                self.new_array(entries, Value::undefined())
            }
            "Object.fromEntries" => {
                let target = self.new_collection();
                for entry in self.items_of(&first) {
                    let (parts, rest) = self.elements_of(&entry);
                    let key = parts.first().cloned().unwrap_or_else(|| rest.clone());
                    let value = parts.get(1).cloned().unwrap_or(rest);
                    self.write_index(&target, &key, value, place);
                }
                target
            }
            "Object.create" => {
                let id = self.new_object();
                self.heap.edit(id).prototype = first.objects().first().copied();
                Value::object(id)
            }
            "Object.setPrototypeOf" => {
                let parent = second.objects().first().copied();
                for id in first.objects() {
                    self.heap.edit(id).prototype = parent;
                }
                first
            }
            "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => {
                let parents: Vec<_> = first.objects().iter().filter_map(|id| self.heap.get(*id).prototype).collect();
                parents.into_iter().fold(Value::undefined(), |all, id| all.joined(&Value::object(id)))
            }
            "Object.defineProperty" | "Reflect.defineProperty" => {
                self.define_property(&first, &second, &third, place);
                first
            }
            "Object.freeze" | "Object.seal" | "Object.preventExtensions" | "Object" => {
                if first.is_undefined() {
                    self.new_collection()
                } else {
                    first
                }
            }
            "Reflect.get" => self.read_index(&first, &second, place),
            "Reflect.set" => {
                self.write_index(&first, &second, third, place);
                Value::unknown()
            }
            "Reflect.apply" => {
                let (values, _) = self.elements_of(&third);
                self.call(&first, second, values, place)
            }
            "Reflect.construct" => {
                let (values, _) = self.elements_of(&second);
                self.construct(&first, values, place)
            }
            "Array.from" => {
                let items = if first.marks.is_empty() {
                    self.elements_of(&first)
                } else {
                    (Vec::new(), Value::carrying(first.marks.clone()))
                };
                let array = self.new_array(items.0, items.1);
                if self.heap.is_callable(&second) {
                    return self.call_array_method(&array, &"map".into(), &[second], place);
                }
                array
            }
            "Array.of" | "Array" | "new Array" => self.new_array(arguments.to_vec(), Value::undefined()),
            "JSON.stringify" => {
                let text = Object { rest: first, ..Object::new(Kind::Json) };
                Value::object(self.heap.add(text))
            }
            "JSON.parse" => self.parse_json(&first),
            "new Map" | "new Set" | "new WeakMap" | "new Object" => self.new_collection(),
            _ => return None,
        })
    }

    /// Parsing text that was made from a value returns that value. Any other text may return anything.
    fn parse_json(&mut self, text: &Value) -> Value {
        let mut result = Value::undefined();
        let mut foreign = Value { marks: text.marks.clone(), ..Value::undefined() };
        for atom in &text.atoms {
            match atom {
                Atom::Object(id) if matches!(self.heap.get(*id).kind, Kind::Json) => {
                    let made = self.heap.get(*id).rest.clone();
                    result.join(&made);
                }
                // A stored object is read back as an object, even if the code expects text.
                Atom::Object(id) if is_record(self.heap.get(*id)) => {
                    result.join(&Value::object(*id));
                }
                atom => {
                    foreign.join(&Value::one(atom.clone()));
                }
            }
        }
        if !foreign.marks.is_empty() || !foreign.atoms.is_empty() || text.atoms.is_empty() {
            let marks = self.deep_marks(&foreign);
            result.join(&Value::carrying(marks));
        }
        result
    }

    fn define_property(&mut self, target: &Value, key: &Value, descriptor: &Value, place: Place) {
        let names: Vec<Name> = key.whole_texts().cloned().collect();
        let value = self.read(descriptor, &"value".into(), place);
        if !value.is_undefined() {
            for name in names {
                self.write(target, &name, value.clone(), place, false);
            }
        }
        self.define_accessors(target, key, descriptor, place);
    }

    /// The `get` and `set` of a descriptor.
    pub(crate) fn define_accessors(&mut self, target: &Value, key: &Value, descriptor: &Value, place: Place) {
        let getter = self.read(descriptor, &"get".into(), place);
        let setter = self.read(descriptor, &"set".into(), place);
        for name in key.whole_texts() {
            for id in target.objects() {
                if self.heap.is_callable(&getter) {
                    self.define_getter(id, name, getter.clone());
                }
                if self.heap.is_callable(&setter) {
                    self.define_setter(id, name, setter.clone());
                }
            }
        }
    }
}
