//! Components within a page: what the template gives them, and the page's functions that they call.

use super::{
    context::{Start, Trigger},
    machine::{Machine, Registered},
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::{
    platform::hooks,
    scripts::ir::Name,
    templates::{Element, bound},
};

/// How deeply components may hold one another.
const DEEPEST: usize = 6;

/// How often the hooks of a component are run: one may use what another leaves.
const HOOK_ROUNDS: usize = 2;

/// The parts of a component that its mixins may bring too.
const MIXED_PARTS: &[&str] = &["data", "props", "methods", "lifetimes", "pageLifetimes", "observers"];

impl Machine<'_> {
    /// Runs a component with the properties that the element gives it.
    pub(crate) fn run_component(&mut self, page: ObjectId, component: u32, file: u32, element: &Element) {
        if self.nested.len() >= DEEPEST || self.nested.contains(&component) {
            return;
        }
        let own_file = self.project.modules[component as usize].file;
        let given = self.properties_of(page, file, element);
        let variables = self.template.take();
        let frame = self.frame;
        self.load(component);
        let is_it = |known: &&Registered| known.file == own_file && &*known.kind == "Component";
        let registered = self.registered.iter().find(is_it).map(|known| (known.config, known.place));
        if let Some((config, place)) = registered {
            self.mix_in(config, place);
            // Each use is an instance of its own: what one is given, another does not see.
            let instance = self.new_object();
            self.heap.edit(instance).prototype = Some(config);
            let own_data = self.read(&Value::object(config), &"data".into(), place);
            let data = self.new_object();
            self.copy_fields(data, &own_data, place);
            self.heap.edit(instance).fields.insert("data".into(), Value::object(data));
            let defaults = self.read(&Value::object(config), &"props".into(), place);
            let props = self.new_object();
            self.copy_fields(props, &defaults, place);
            self.copy_fields(props, &Value::object(given), place);
            self.heap.edit(instance).fields.insert("props".into(), Value::object(props));
            self.nested.push(component);
            self.prepare("Component", instance, place);
            self.heap.edit(instance).fields.insert("props".into(), Value::object(props));
            for name in std::iter::repeat_n(&hooks().of_component, HOOK_ROUNDS).flatten() {
                let hook = self.read(&Value::object(instance), name, place);
                if self.heap.is_callable(&hook) {
                    let next = Value::object(props);
                    let this = Value::object(instance);
                    let start = Start { allowed: self.shown_where, ..Trigger::Unasked.into() };
                    self.enter(&hook, &this, vec![next.clone(), next], start, place, name);
                }
            }
            self.run_observers(instance, place);
            self.run_template(instance, component);
            self.nested.pop();
            self.hand_out(page, instance, file, element);
        }
        self.frame = frame;
        self.template = variables;
    }

    /// `name="{{value}}"` is a property; `onEvent="handler"` is the page's function of that name.
    fn properties_of(&mut self, page: ObjectId, file: u32, element: &Element) -> ObjectId {
        let given = self.new_object();
        for attribute in &element.attributes {
            let place = Place { file, range: attribute.range };
            let label = attribute.name.as_str().into();
            let mut value = self.attribute_value(attribute, file).stepped(StepKind::Template, place, &label);
            if bound(&attribute.name).is_some() || attribute.name.starts_with("on") {
                let names: Vec<_> = value.whole_texts().cloned().collect();
                for name in names {
                    let handler = self.read(&Value::object(page), &name, place);
                    if self.heap.is_callable(&handler) {
                        value = self.call_method(&handler, &"bind".into(), vec![Value::object(page)], place);
                    }
                }
            }
            self.heap.edit(given).fields.insert(label, value);
        }
        given
    }

    /// Gives a component what its `mixins` (or `behaviors`) bring, where it has nothing of that name itself.
    pub(crate) fn mix_in(&mut self, config: ObjectId, place: Place) {
        let this = Value::object(config);
        for list in ["mixins", "behaviors"] {
            let mixins = self.read(&this, &list.into(), place);
            for mixin in self.elements_of(&mixins).0 {
                for id in mixin.objects().into_iter().filter(|id| *id != config) {
                    self.mix(config, id, place);
                }
            }
        }
    }

    fn mix(&mut self, config: ObjectId, mixin: ObjectId, place: Place) {
        let mut fields: Vec<(Name, Value)> = self.heap.get(mixin).fields.clone().into_iter().collect();
        fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        for (name, value) in fields {
            let own = self.read(&Value::object(config), &name, place);
            if MIXED_PARTS.contains(&&*name) {
                let both = self.new_object();
                self.copy_fields(both, &value, place);
                self.copy_fields(both, &own, place);
                self.heap.edit(config).fields.insert(name, Value::object(both));
            } else if own.is_undefined() {
                self.heap.edit(config).fields.insert(name, value);
            }
        }
    }

    /// `observers: { 'user, city'(user, city) {} }`: called with the properties and data of those names.
    pub(crate) fn run_observers(&mut self, instance: ObjectId, place: Place) {
        let this = Value::object(instance);
        let observers = self.read(&this, &"observers".into(), place);
        if observers.objects().is_empty() {
            return;
        }
        for watched in self.keys_of(&observers) {
            let Some(watched) = watched.whole_texts().next().cloned() else { continue };
            let observer = self.read(&observers, &watched, place);
            if self.heap.is_callable(&observer) {
                let values = watched.split(',').map(|path| self.watched(&this, path.trim(), place)).collect();
                self.enter(&observer, &this, values, Trigger::Unasked, place, &watched);
            }
        }
    }

    fn watched(&mut self, this: &Value, path: &str, place: Place) -> Value {
        let mut found = Value::undefined();
        for part in ["props", "data"] {
            let mut value = self.read(this, &part.into(), place);
            for name in path.split(['.', '[', ']']).filter(|name| !name.is_empty() && *name != "**") {
                value = self.read(&value, &name.into(), place);
            }
            found.join(&value);
        }
        found
    }

    /// `ref="saveCard"`: the page's function of that name gets the component.
    fn hand_out(&mut self, page: ObjectId, instance: ObjectId, file: u32, element: &Element) {
        let (Some(name), Some(attribute)) = (element.fixed("ref"), element.attribute("ref")) else { return };
        let place = Place { file, range: attribute.range };
        let this = Value::object(page);
        let handler = self.read(&this, &name.into(), place);
        if self.heap.is_callable(&handler) {
            self.enter(&handler, &this, vec![Value::object(instance)], Trigger::Unasked, place, &"ref".into());
        }
    }
}
