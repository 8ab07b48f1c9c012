//! Turns the options into one instance whose fields are the data, the properties, the computed values and the methods.

use crate::{
    flow::{
        facts::Place,
        heap::{Kind, Object},
        machine::Machine,
        value::{ObjectId, Value},
    },
    scripts::ir::Name,
};
use std::rc::Rc;

/// Options that do not become fields of the instance.
const NO_FIELDS: &[&str] = &[
    "data",
    "props",
    "computed",
    "methods",
    "watch",
    "components",
    "mixins",
    "extends",
    "render",
    "staticRenderFns",
    "setup",
    "name",
    "mpType",
    "filters",
    "directives",
];

/// Hidden fields of an instance, which no code can name.
pub(super) const OPTIONS: &str = "(options)";
pub(super) const WATCH: &str = "(watch)";
pub(super) const GIVEN: &str = "(given)";
pub(super) const EVENTS: &str = "(events)";
pub(super) const PARENT: &str = "(parent)";
pub(super) const RENDERED: &str = "(rendered)";

/// Methods of every instance. A compiled template calls `_c` to make an element and `_l` to go through a list.
const METHODS: &[&str] = &[
    "$emit",
    "$on",
    "$once",
    "$off",
    "$nextTick",
    "$set",
    "$watch",
    "$forceUpdate",
    "$mount",
    "$createElement",
    "_c",
    "_l",
];

impl Machine<'_> {
    /// Creates an instance from the options; `given` are the properties that a parent passes.
    pub(crate) fn view_of(&mut self, options: ObjectId, given: Option<ObjectId>, place: Place) -> ObjectId {
        let view = self.heap.add(Object::new(Kind::View));
        let this = Value::object(view);
        let prototype = self.vue_prototype();
        self.heap.edit(view).prototype = Some(prototype);
        self.set_hidden(view, OPTIONS, Value::object(options));
        for name in METHODS {
            let method = self.method(&format!("view.{}", name.trim_start_matches('$')), view);
            self.set_hidden(view, name, method);
        }
        let (data, refs, mp) = (self.new_object(), self.anything(), self.new_object());
        self.heap.edit(mp).fields.insert("data".into(), Value::object(data));
        self.set_hidden(view, "$mp", Value::object(mp));
        self.set_hidden(view, "$refs", refs);
        self.set_hidden(view, "_self", this.clone());
        self.set_hidden(view, "$options", Value::object(options));
        if let Some(store) = self.store.clone() {
            self.set_hidden(view, "$store", store);
        }
        let watch = self.new_object();
        self.set_hidden(view, WATCH, Value::object(watch));
        let mut parts = Vec::new();
        for mixin in self.global_mixins.clone() {
            self.parts_of(mixin, &mut parts, place);
        }
        self.parts_of(options, &mut parts, place);
        for part in &parts {
            self.add_functions(view, *part, place);
        }
        for part in &parts {
            self.add_properties(view, *part, given, place);
        }
        for part in &parts {
            let data = self.read(&Value::object(*part), &"data".into(), place);
            let data = if self.heap.is_callable(&data) {
                self.call(&data, this.clone(), vec![this.clone()], place)
            } else {
                data
            };
            self.copy_fields(view, &data, place);
        }
        for part in &parts {
            self.set_up(view, *part, place);
        }
        view
    }

    /// The options after their mixins.
    fn parts_of(&mut self, options: ObjectId, parts: &mut Vec<ObjectId>, place: Place) {
        let is_native = matches!(self.heap.get(options).kind, Kind::Native(_) | Kind::Method(..));
        if is_native || parts.contains(&options) || parts.len() > 24 {
            return;
        }
        // Added before its mixins, so that a mixin that includes itself does not recurse forever.
        let own = parts.len();
        parts.push(options);
        let this = Value::object(options);
        let mixins = self.read(&this, &"mixins".into(), place);
        let extended = self.read(&this, &"extends".into(), place);
        for mixin in self.elements_of(&mixins).0.into_iter().chain([extended]) {
            let mixin = self.force(&mixin);
            for id in mixin.objects() {
                self.parts_of(id, parts, place);
            }
        }
        parts.remove(own);
        parts.push(options);
    }

    pub(super) fn set_hidden(&mut self, view: ObjectId, name: &str, value: Value) {
        self.heap.edit(view).fields.insert(name.into(), value);
    }

    pub(super) fn hidden(&self, view: ObjectId, name: &str) -> Value {
        self.heap.get(view).fields.get(name).cloned().unwrap_or_default()
    }

    /// A function of the options as a method of the instance, with its `this` bound.
    fn bound_to(&mut self, view: ObjectId, function: &Value) -> Value {
        let bound = Kind::Bound(Rc::new((function.clone(), Value::object(view), Vec::new())));
        Value::object(self.heap.add(Object::new(bound)))
    }

    /// Adds methods, hooks, computed values and watchers.
    fn add_functions(&mut self, view: ObjectId, options: ObjectId, place: Place) {
        let this = Value::object(options);
        for name in self.names_of(&this) {
            if NO_FIELDS.contains(&&*name) {
                continue;
            }
            let value = self.read(&this, &name, place);
            let value = if self.heap.is_callable(&value) { self.bound_to(view, &value) } else { value };
            // A mixin's hooks run in addition to the page's own.
            self.heap.edit(view).fields.entry(name).or_default().join(&value);
        }
        let methods = self.read(&this, &"methods".into(), place);
        for name in self.names_of(&methods) {
            let method = self.read(&methods, &name, place);
            if self.heap.is_callable(&method) {
                let method = self.bound_to(view, &method);
                self.heap.edit(view).fields.insert(name, method);
            }
        }
        let computed = self.read(&this, &"computed".into(), place);
        for name in self.names_of(&computed) {
            let value = self.read(&computed, &name, place);
            if self.heap.is_callable(&value) {
                self.define_getter(view, &name, value);
            } else {
                self.define_accessors(&Value::object(view), &Value::text(&name), &value, place);
            }
        }
        let watched = self.read(&this, &"watch".into(), place);
        for watch in self.hidden(view, WATCH).objects() {
            self.copy_fields(watch, &watched, place);
        }
    }

    /// The field names of all objects that a value can be.
    pub(crate) fn names_of(&mut self, value: &Value) -> Vec<Name> {
        let forced = self.force(value);
        let mut names: Vec<Name> = forced
            .objects()
            .iter()
            .flat_map(|id| self.heap.get(*id).fields.keys().cloned().collect::<Vec<_>>())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn add_properties(&mut self, view: ObjectId, options: ObjectId, given: Option<ObjectId>, place: Place) {
        let declared = self.read(&Value::object(options), &"props".into(), place);
        let mut names = self.names_of(&declared);
        names.extend(
            self.elements_of(&declared).0.iter().flat_map(|name| name.whole_texts().cloned().collect::<Vec<_>>()),
        );
        for name in names {
            let known = given.and_then(|given| self.heap.get(given).fields.get(&name).cloned());
            let value = known.unwrap_or_else(Value::unknown);
            self.heap.edit(view).fields.insert(name, value);
        }
    }

    /// `setup(props, context)`: returns further fields, or the render function.
    fn set_up(&mut self, view: ObjectId, options: ObjectId, place: Place) {
        let this = Value::object(options);
        let setup = self.read(&this, &"setup".into(), place);
        if !self.heap.is_callable(&setup) {
            return;
        }
        let context = self.new_object();
        let emit = self.hidden(view, "$emit");
        self.heap.edit(context).fields.insert("emit".into(), emit);
        let outer = self.setting_up.replace(view);
        let made = self.call(&setup, Value::undefined(), vec![Value::object(view), Value::object(context)], place);
        self.setting_up = outer;
        if self.heap.is_callable(&made) {
            self.set_hidden(view, "(render)", made);
        } else {
            self.copy_fields(view, &made, place);
        }
    }

    /// The names that an instance's template can use.
    pub(crate) fn variables_of_view(&mut self, view: ObjectId, place: Place) -> Vec<(Name, Value)> {
        let mut sources = vec![Value::object(view)];
        let mp = self.hidden(view, "$mp");
        sources.push(self.read(&mp, &"data".into(), place));
        sources.push(self.hidden(view, RENDERED));
        let mut variables = Vec::new();
        for source in sources {
            for id in source.objects() {
                let mut fields: Vec<_> = self.heap.get(id).fields.clone().into_iter().collect();
                fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
                for (name, value) in fields {
                    if !name.starts_with('(') && !METHODS.contains(&&*name) {
                        variables.push((name, self.getter(value, id, place)));
                    }
                }
            }
        }
        variables
    }

    /// The object that every instance inherits from: `Vue.prototype`.
    pub(crate) fn vue_prototype(&mut self) -> ObjectId {
        let vue = self.native("Vue");
        let id = vue.objects().first().copied();
        let known = id.and_then(|id| self.heap.get(id).fields.get("prototype").cloned());
        if let Some(prototype) = known.and_then(|prototype| prototype.objects().first().copied()) {
            return prototype;
        }
        let prototype = self.new_object();
        if let Some(id) = id {
            self.heap.edit(id).fields.insert("prototype".into(), Value::object(prototype));
        }
        prototype
    }
}
