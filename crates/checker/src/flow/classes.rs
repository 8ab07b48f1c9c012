//! Classes and their instances.

use super::{
    facts::Place,
    heap::{Closure, Kind, Object},
    machine::Machine,
    value::{Atom, ObjectId, Value},
};
use crate::scripts::ir::{Access, Class, ExprKind, Name, Range};
use std::rc::Rc;

impl Machine<'_> {
    /// `new callee(...)`
    pub(crate) fn construct(&mut self, callee: &Value, arguments: Vec<Value>, place: Place) -> Value {
        if self.is_lazy(callee) {
            let forced = self.force(callee);
            return self.construct(&forced, arguments, place);
        }
        let mut result = Value::undefined();
        for id in callee.objects() {
            match self.heap.get(id).kind.clone() {
                Kind::Closure(_) | Kind::Bound(_) => {
                    let prototype = self.read(&Value::object(id), &"prototype".into(), place);
                    let instance = self.made(Object::new(Kind::Plain), place.range);
                    self.heap.edit(instance).prototype = prototype.objects().first().copied();
                    let this = Value::object(instance);
                    self.initialise(id, &this, place);
                    let returned = self.call_object(id, this.clone(), arguments.clone(), place);
                    let objects = returned.atoms.iter().any(|atom| matches!(atom, Atom::Object(_)));
                    result.join(if objects { &returned } else { &this });
                }
                Kind::Native(name) => {
                    let name = Name::from(format!("new {name}"));
                    let value = self.call_native(&name, Value::undefined(), arguments.clone(), place);
                    result.join(&value);
                }
                _ => {
                    let value = self.call_unknown(&Value::undefined(), &arguments, place);
                    result.join(&value);
                }
            }
        }
        if result.is_undefined() { self.call_unknown(callee, &arguments, place) } else { result }
    }

    /// Sets an instance's fields, the parent class's first.
    pub(crate) fn initialise(&mut self, class: ObjectId, this: &Value, place: Place) {
        let parents = self.heap.get(class).fields.get("__parent").cloned().unwrap_or_default();
        for parent in parents.objects() {
            self.initialise(parent, this, place);
        }
        let fields = self.heap.get(class).fields.get("__fields").cloned().unwrap_or_default();
        for fields in fields.objects() {
            let mut entries: Vec<_> = self.heap.get(fields).fields.clone().into_iter().collect();
            entries.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (name, function) in entries {
                let value = self.call(&function, this.clone(), Vec::new(), place);
                self.write(this, &name, value, place, false);
            }
        }
    }

    pub(crate) fn class(&mut self, class: &Class, range: Range) -> Value {
        let (frame, place) = (self.frame, self.place(range));
        let module = self.frames[frame as usize].module;
        let parent = class.parent.as_ref().map(|parent| self.evaluate(parent));
        let prototype = self.made(Object::new(Kind::Plain), range);
        let constructor = match class.constructor {
            Some(function) => self.closure(Closure { module, function, frame, home: Some(prototype) }, range),
            // A class without a constructor calls its parent's.
            None => match &parent {
                Some(parent) => {
                    let inherited = self.made(Object::new(Kind::Plain), range);
                    let kinds: Vec<_> = parent.objects().iter().map(|id| self.heap.get(*id).kind.clone()).collect();
                    if let [kind @ (Kind::Closure(_) | Kind::Bound(_))] = kinds.as_slice() {
                        self.heap.edit(inherited).kind = kind.clone();
                    }
                    Value::object(inherited)
                }
                None => {
                    let nothing = self.native("(nothing)");
                    Value::object(self.new_constructor(nothing))
                }
            },
        };
        let Some(id) = constructor.objects().first().copied() else { return Value::unknown() };
        self.heap.edit(id).fields.insert("prototype".into(), Value::object(prototype));
        self.heap.edit(prototype).fields.insert("constructor".into(), constructor.clone());
        if let Some(parent) = parent {
            let base = self.read(&parent, &"prototype".into(), place);
            self.heap.edit(prototype).prototype = base.objects().first().copied();
            self.heap.edit(id).prototype = parent.objects().first().copied();
            self.heap.edit(id).fields.insert("__parent".into(), parent);
        }
        let fields = self.new_object();
        for (name, function) in &class.fields {
            let value = self.closure(Closure { module, function: *function, frame, home: Some(prototype) }, range);
            self.heap.edit(fields).fields.insert(name.clone(), value);
        }
        self.heap.edit(id).fields.insert("__fields".into(), Value::object(fields));
        for member in &class.members {
            let target = if member.is_static { id } else { prototype };
            let value = match &member.value.kind {
                ExprKind::Function(function) => {
                    let closure = Closure { module, function: *function, frame, home: Some(target) };
                    self.closure(closure, member.value.range)
                }
                _ => self.evaluate(&member.value),
            };
            match member.access {
                Access::Plain => {
                    self.heap.edit(target).fields.insert(member.name.clone(), value);
                }
                Access::Getter => self.define_getter(target, &member.name, value),
                Access::Setter => self.define_setter(target, &member.name, value),
            }
        }
        constructor
    }

    /// A constructor that does nothing.
    fn new_constructor(&mut self, base: Value) -> ObjectId {
        let function = Kind::Bound(Rc::new((base, Value::unknown(), Vec::new())));
        self.heap.add(Object::new(function))
    }
}
