//! The properties of webpack's `require`.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    value::{Atom, ObjectId, Value},
};
use crate::{flow::facts::Place, scripts::ir::Name};
use std::rc::Rc;

impl Machine<'_> {
    /// `require` with a computed id, `require.d(exports, name, get)` and the others; `None` if the name is not one of them.
    pub(super) fn call_webpack(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        if name == "require" {
            // `var run = id => require(require.s = id); run(12)`
            let module = self.import_by_name(&first, place);
            return Some(self.force(&module));
        }
        Some(match name.strip_prefix("require.")? {
            "d" => {
                let get = arguments.get(2).cloned().unwrap_or_default();
                let mut entries: Vec<(Name, Value)> =
                    second.whole_texts().map(|name| (name.clone(), get.clone())).collect();
                for id in second.objects() {
                    let fields = &self.heap.get(id).fields;
                    entries.extend(fields.iter().map(|(name, get)| (name.clone(), get.clone())));
                }
                for id in first.objects() {
                    for (name, get) in &entries {
                        self.define_getter(id, name, get.clone());
                    }
                }
                Value::undefined()
            }
            "r" => {
                for id in first.objects() {
                    self.heap.edit(id).fields.insert("__esModule".into(), Value::one(Atom::Truth(true)));
                }
                Value::undefined()
            }
            "n" => {
                let keeper = self.new_object();
                self.heap.edit(keeper).fields.insert("module".into(), first);
                let get = self.method("webpack.default", keeper);
                let getter = Kind::Bound(Rc::new((get.clone(), Value::undefined(), Vec::new())));
                let getter = Value::object(self.heap.add(Object::new(getter)));
                for id in get.objects() {
                    self.heap.edit(id).fields.insert("a".into(), getter.clone());
                }
                get
            }
            "t" => first,
            "e" => self.resolved(Value::unknown(), place),
            "O" => {
                let run = arguments.get(2).cloned().unwrap_or_default();
                let module = self.call(&run, Value::undefined(), Vec::new(), place);
                self.force(&module)
            }
            "o" => Value::unknown(),
            _ => return None,
        })
    }

    /// A module's default export, or all of a module that is not an ES module.
    pub(super) fn webpack_default(&mut self, keeper: ObjectId, place: Place) -> Value {
        let module = self.heap.get(keeper).fields.get("module").cloned().unwrap_or_default();
        let module = self.force(&module);
        self.imported(&module, &"default".into(), place)
    }
}
