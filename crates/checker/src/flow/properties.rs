//! Reading and writing fields, including those with getters and setters.

use super::{
    facts::{Place, StepKind},
    heap::{Kind, Object},
    machine::Machine,
    natives::SETTINGS,
    shared::GLOBAL_OBJECTS,
    value::{Atom, MAX_ATOMS, ObjectId, Value},
};
use crate::{coverage::GapKind, scripts::ir::Name};
use std::rc::Rc;

/// Fields of the platform's answers that say how a call went, not who the person is.
const STATUS_FIELDS: &[&str] =
    &["code", "msg", "subCode", "subMsg", "error", "errorMessage", "errorCode", "length", "status", "success"];

/// Fields that are never display information, even next to fields that are: they identify the person to a server.
const ID_FIELDS: &[&str] = &[
    "userId",
    "userid",
    "user_id",
    "openId",
    "openid",
    "open_id",
    "unionId",
    "unionid",
    "union_id",
    "uid",
    "memberId",
    "member_id",
    "token",
    "accessToken",
    "access_token",
    "sessionId",
    "session_id",
    "sessionKey",
    "session_key",
    "authCode",
    "auth_code",
];

/// How far a prototype chain is followed.
pub(super) const MAX_CHAIN_LENGTH: usize = 12;

impl Machine<'_> {
    /// `value.name`
    pub(crate) fn read(&mut self, value: &Value, name: &Name, place: Place) -> Value {
        if self.is_lazy(value) {
            let forced = self.force(value);
            return self.read(&forced, name, place);
        }
        let mut result = Value::undefined();
        for atom in &value.atoms {
            match atom {
                Atom::Object(id) => {
                    let field = self.read_object(*id, name, place);
                    result.join(&field);
                }
                _ => {
                    result.join(&Value::unknown());
                }
            }
        }
        if !value.marks.is_empty() && ID_FIELDS.contains(&&**name) {
            result.join(&Value::unknown());
        } else if !value.marks.is_empty() {
            let is_status = STATUS_FIELDS.contains(&&**name);
            let field = if is_status { self.status_of(&value.marks) } else { Value::carrying(value.marks.clone()) };
            result.join(&field);
        }
        // The settings, recognised by their field's name: any function may have fetched them, a framework's too.
        if &**name == SETTINGS
            && self.project.needs_button
            && matches!(result.atoms.as_slice(), [Atom::Unknown | Atom::Null])
        {
            return self.settings();
        }
        result
    }

    /// A module's default export, if it exports nothing under that name: it may have become a CommonJS module whose exports are
    /// the default's fields.
    fn default_record(&self, exports: &Object, name: &str) -> Option<Value> {
        let default = exports.fields.get("default").filter(|_| name != "default")?;
        let objects = default.objects();
        let is_record = |id: &ObjectId| matches!(self.heap.get(*id).kind, Kind::Plain);
        (!objects.is_empty() && objects.iter().all(is_record)).then(|| default.clone())
    }

    fn read_object(&mut self, id: ObjectId, name: &Name, place: Place) -> Value {
        let mut current = id;
        for _ in 0..MAX_CHAIN_LENGTH {
            let object = self.heap.get(current);
            if let Some(value) = object.fields.get(name) {
                return self.getter(value.clone(), id, place);
            }
            match &object.kind {
                Kind::Array if &**name == "length" => return Value::unknown(),
                Kind::Array => {
                    if let Ok(place) = name.parse::<usize>()
                        && let Some(value) = object.elements.get(place)
                    {
                        return value.clone();
                    }
                }
                Kind::Exports(links) => {
                    if let Some((_, cell)) = links.iter().find(|(link, _)| link == name) {
                        return self.heap.cell(*cell).clone();
                    }
                    if let Some(default) = self.default_record(object, name) {
                        return self.read(&default, name, place);
                    }
                }
                // `call_method` handles a function's own methods.
                Kind::Native(_) if matches!(&**name, "call" | "apply" | "bind") => return Value::undefined(),
                Kind::Native(path) => {
                    let path = format!("{path}.{name}");
                    return self.native(&path);
                }
                Kind::AuthCodeResult => {
                    self.auth_code_field(name, place);
                    return Value::unknown();
                }
                Kind::Answer(panel) => {
                    let panel = *panel;
                    self.outcome.answer_fields.entry(panel).or_default().push(name.clone());
                    // The server's answer may or may not contain this field.
                    return Value::object(current).joined(&Value::unknown());
                }
                Kind::Proxy(get) => {
                    let get = get.clone();
                    let (target, key) = (object.elements.first().cloned().unwrap_or_default(), Value::text(name));
                    return self.call(&get, Value::undefined(), vec![target, key, Value::object(id)], place);
                }
                Kind::Closure(_) if &**name == "prototype" && current == id => {
                    let prototype = self.new_object();
                    self.heap.edit(id).fields.insert(name.clone(), Value::object(prototype));
                    return Value::object(prototype);
                }
                _ => {}
            }
            let object = self.heap.get(current);
            if !object.rest.is_undefined() {
                let mut rest = object.rest.clone();
                if !rest.marks.is_empty() && ID_FIELDS.contains(&&**name) {
                    rest.marks.clear();
                }
                if STATUS_FIELDS.contains(&&**name) {
                    let marks = std::mem::take(&mut rest.marks);
                    rest.join(&self.status_of(&marks));
                }
                return rest;
            }
            match object.prototype {
                Some(prototype) => current = prototype,
                None => return Value::undefined(),
            }
        }
        Value::undefined()
    }

    /// `value[key]`
    pub(crate) fn read_index(&mut self, value: &Value, key: &Value, place: Place) -> Value {
        let mut result = Value::undefined();
        let mut fixed = !key.atoms.is_empty();
        for atom in &key.atoms {
            let name: Option<Name> = match atom {
                Atom::Number(number) => Some(number.to_string().into()),
                Atom::Text(text) if text.whole => Some(text.start.clone()),
                _ => None,
            };
            match name {
                Some(name) => {
                    let field = self.read(value, &name, place);
                    result.join(&field);
                }
                None => fixed = false,
            }
        }
        if !fixed {
            self.note_computed_call(value, key, place);
            self.lose_fields(value, place);
            result.join(&self.any_field(value));
        }
        // Looking up a value by display information gives another form of that information.
        result.add_marks(&key.marks);
        if !key.marks.is_empty() && result.atoms.is_empty() {
            result.atoms.push(Atom::Unknown);
        }
        result
    }

    /// An object may have more fields than one value can be.
    fn lose_fields(&mut self, value: &Value, place: Place) {
        for id in value.objects() {
            let object = self.heap.get(id);
            if object.fields.len() + object.elements.len() > MAX_ATOMS {
                self.lose(GapKind::Limit, &Value::object(id), place);
            }
        }
    }

    /// Any field or element.
    pub(crate) fn any_field(&self, value: &Value) -> Value {
        let mut result = Value { marks: value.marks.clone(), ..Value::unknown() };
        for id in value.objects() {
            let object = self.heap.get(id);
            self.heap.worked(object.fields.len() + object.elements.len());
            let mut names: Vec<_> = object.fields.keys().collect();
            names.sort_unstable();
            for name in names {
                result.join(&object.fields[name]);
            }
            for element in &object.elements {
                result.join(element);
            }
            result.join(&object.rest);
        }
        result
    }

    /// `object.name = value`; replaces the old value only if just one object can be meant.
    pub(crate) fn write(&mut self, target: &Value, name: &Name, value: Value, place: Place, combine: bool) {
        let objects = target.objects();
        let certain = objects.len() == 1 && target.atoms.len() == 1 && !combine;
        let value = self.kept(value.stepped(StepKind::Field, place, name));
        for id in objects {
            if let Kind::Native(native) = &self.heap.get(id).kind
                && native.starts_with("package:")
            {
                // A missing package may call its arguments.
                self.lose(GapKind::HandedOver, &value, place);
            }
            if let Kind::Native(native) = &self.heap.get(id).kind
                && !self.heap.is_callable(&value)
                && !GLOBAL_OBJECTS.contains(&&**native)
            {
                continue;
            }
            if self.set_by_function(id, name, &value, place) {
                continue;
            }
            let object = self.heap.edit(id);
            if matches!(object.kind, Kind::Array) {
                if let Ok(index) = name.parse::<usize>()
                    && index <= object.elements.len()
                {
                    if index == object.elements.len() {
                        object.elements.push(value.clone());
                    } else if certain {
                        object.elements[index] = value.clone();
                    } else {
                        object.elements[index].join(&value);
                    }
                    continue;
                }
                if &**name == "length" {
                    if matches!(value.atoms.as_slice(), [Atom::Number(0)]) && certain {
                        object.elements.clear();
                        object.rest = Value::undefined();
                    }
                    continue;
                }
            }
            if let Kind::Exports(links) = &mut object.kind {
                links.retain(|(link, _)| link != name);
            }
            if certain {
                object.fields.insert(name.clone(), value.clone());
            } else {
                object.fields.entry(name.clone()).or_default().join(&value);
            }
        }
    }

    /// `object[key] = value`
    pub(crate) fn write_index(&mut self, target: &Value, key: &Value, value: Value, place: Place) {
        let [Atom::Text(_) | Atom::Number(_)] = key.atoms.as_slice() else {
            let mut value = value.stepped(StepKind::Field, place, &"[]".into());
            value.add_marks(&key.marks);
            for name in key.whole_texts().cloned().collect::<Vec<_>>() {
                self.write(target, &name, value.clone(), place, true);
            }
            if key.atoms.iter().any(|atom| !matches!(atom, Atom::Text(text) if text.whole)) || key.atoms.is_empty() {
                for id in target.objects() {
                    self.heap.edit(id).rest.join(&value);
                }
            }
            return;
        };
        match &key.atoms[0] {
            Atom::Text(text) if !text.whole => {
                for id in target.objects() {
                    self.heap.edit(id).rest.join(&value);
                }
            }
            Atom::Text(text) => {
                let name = text.start.clone();
                self.write(target, &name, value, place, false);
            }
            Atom::Number(number) => {
                let name: Name = number.to_string().into();
                self.write(target, &name, value, place, false);
            }
            _ => {}
        }
    }

    /// Stores a getter as a bound function without `this`.
    pub(crate) fn define_getter(&mut self, object: ObjectId, name: &Name, function: Value) {
        let bound = Kind::Bound(Rc::new((function, Value::undefined(), Vec::new())));
        let getter = self.heap.add(Object::new(bound));
        self.heap.edit(object).fields.insert(name.clone(), Value::object(getter));
    }

    pub(crate) fn define_setter(&mut self, object: ObjectId, name: &Name, function: Value) {
        self.setters.insert((object, name.clone()), function);
    }

    /// The field's value: if it has a getter, the getter runs on each read.
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

    /// Calls the setter of that name, if the object has or inherits one.
    pub(crate) fn set_by_function(&mut self, object: ObjectId, name: &Name, value: &Value, place: Place) -> bool {
        if self.setters.is_empty() {
            return false;
        }
        let mut current = Some(object);
        for _ in 0..MAX_CHAIN_LENGTH {
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
