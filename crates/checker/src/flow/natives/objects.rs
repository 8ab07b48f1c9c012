//! `Object`, `Reflect`, `Array` and `JSON`.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    trail::{Place, StepKind},
    value::Value,
};
use crate::scripts::ir::Name;

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
            "JSON.parse" => self.parse_json(&first, place),
            "new Map" | "new Set" | "new WeakMap" | "new Object" => self.new_collection(),
            _ => return None,
        })
    }

    /// What was made a text comes back as it was; what came from elsewhere may be anything.
    fn parse_json(&mut self, text: &Value, place: Place) -> Value {
        let mut result = Value::undefined();
        let mut foreign = !text.marks.is_empty() || text.atoms.is_empty();
        for atom in &text.atoms {
            let known = match atom {
                super::super::value::Atom::Object(id) if matches!(self.heap.get(*id).kind, Kind::Json) => {
                    Some(self.heap.get(*id).rest.clone())
                }
                _ => None,
            };
            match known {
                Some(value) => {
                    result.join(&value);
                }
                None => foreign = true,
            }
        }
        if foreign {
            let marks = self.deep_marks(text);
            result.join(&Value::carrying(marks));
        }
        result.stepped(StepKind::Mixed, place, &"".into())
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
    pub(super) fn define_accessors(&mut self, target: &Value, key: &Value, descriptor: &Value, place: Place) {
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
