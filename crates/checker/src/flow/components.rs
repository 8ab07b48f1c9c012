//! Components within a page: the properties that the template passes, and the page's functions that they call; also named and
//! included templates.

use super::{
    context::{Start, Trigger},
    facts::{Place, StepKind},
    machine::{Machine, Registered},
    value::{ObjectId, Value},
};
use crate::{
    platform::hooks,
    project::TemplateFile,
    scripts::ir::Name,
    templates::{Attribute, Element, bound},
};

/// How deeply components may be nested.
pub(super) const MAX_COMPONENT_DEPTH: usize = 6;

/// How often a component's hooks run: one hook may use what a later one sets.
const HOOK_ROUNDS: usize = 2;

/// The parts of a component that its mixins may also bring.
const MIXED_PARTS: &[&str] = &["data", "props", "methods", "lifetimes", "pageLifetimes", "observers"];

impl Machine<'_> {
    /// Runs a component with the properties that the element gives it.
    pub(crate) fn run_component(&mut self, page: ObjectId, component: u32, file: u32, element: &Element) {
        if self.nested.len() >= MAX_COMPONENT_DEPTH || self.nested.contains(&component) {
            return;
        }
        let own_file = self.project.modules[component as usize].file;
        let given = self.properties_of(page, file, element);
        if self.is_repeated_use(page, component, given) {
            return;
        }
        let variables = self.template.take();
        let frame = self.frame;
        self.load(component);
        let is_it = |known: &&Registered| known.file == own_file && &*known.kind == "Component";
        let registered = self.registered.iter().find(is_it).map(|known| (known.config, known.place));
        if let Some((config, place)) = registered.filter(|(config, _)| self.is_view(*config)) {
            self.nested.push(component);
            self.run_view_component(config, given, page, component, place);
            self.nested.pop();
        } else if let Some((config, place)) = registered {
            self.mix_in(config, place);
            // Each use is a separate instance and does not see another's properties.
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

    /// Adds the parts that a component's `mixins` (or `behaviors`) bring, except under names that the component defines itself.
    pub(crate) fn mix_in(&mut self, config: ObjectId, place: Place) {
        let this = Value::object(config);
        for list in ["mixins", "behaviors"] {
            let mixins = self.read(&this, &list.into(), place);
            for mixin in self.elements_of(&mixins).0 {
                for id in mixin.objects().into_iter().filter(|id| *id != config) {
                    self.note_missing_part(id, place);
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

    /// `observers: { 'user, city'(user, city) {} }`: calls them with the properties and data of those names.
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

    /// `ref="saveCard"`: passes the component to the page's function of that name.
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

/// How deeply named templates may be nested.
const MAX_TEMPLATE_DEPTH: u32 = 6;

impl Machine<'_> {
    /// Runs the templates that `is` may mean, each with only the data passed to it.
    pub(super) fn run_named_template(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        let project = self.project;
        let (Some(is), Some(own)) = (element.attribute("is"), project.template_of(file)) else { return };
        if self.template_depth >= MAX_TEMPLATE_DEPTH {
            return;
        }
        let names: Vec<Name> = self.attribute_value(is, file).whole_texts().cloned().collect();
        let data = element.attribute("data").map(|data| self.given_data(data, file)).unwrap_or_default();
        let imported = own.sources.iter().filter_map(|(_, index)| project.templates.get(*index as usize));
        for source in std::iter::once(own).chain(imported) {
            let mut found = Vec::new();
            named(&source.template.elements, &names, &mut found);
            for template in found {
                let variables = self.scripts_of(source).into_iter().chain(data.iter().cloned()).collect();
                let kept = self.template.replace(variables);
                self.template_depth += 1;
                self.run_elements(page, module, source.file, &template.children);
                self.template_depth -= 1;
                self.template = kept;
            }
        }
    }

    /// `<include src="./footer.axml" />`: runs the other file's elements here.
    pub(super) fn run_included(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        let project = self.project;
        let (Some(from), Some(own)) = (element.fixed("src"), project.template_of(file)) else { return };
        let source = own.sources.iter().find(|(known, _)| known == from);
        let Some(source) = source.and_then(|(_, index)| project.templates.get(*index as usize)) else { return };
        if self.template_depth < MAX_TEMPLATE_DEPTH {
            self.template_depth += 1;
            self.run_elements(page, module, source.file, &source.template.elements);
            self.template_depth -= 1;
        }
    }

    fn given_data(&mut self, data: &Attribute, file: u32) -> Vec<(Name, Value)> {
        let place = Place { file, range: data.range };
        let value = self.attribute_value(data, file);
        let mut fields = Vec::new();
        for key in self.keys_of(&value) {
            if let Some(name) = key.whole_texts().next().cloned() {
                let field = self.read(&value, &name, place).stepped(StepKind::Template, place, &name);
                fields.push((name, field));
            }
        }
        // `{{...user}}`, where `user` may have any field.
        let rest =
            value.objects().iter().fold(Value { marks: value.marks.clone(), ..Value::undefined() }, |all, id| {
                all.joined(&self.heap.get(*id).rest)
            });
        if !rest.marks.is_empty() {
            fields.insert(0, ("*".into(), rest.stepped(StepKind::Template, place, &"...".into())));
        }
        fields
    }

    fn scripts_of(&mut self, source: &TemplateFile) -> Vec<(Name, Value)> {
        source.imports.iter().map(|(name, script)| (name.as_str().into(), self.load(*script))).collect()
    }
}

/// The templates with these names, or all if no name is known.
fn named<'t>(elements: &'t [Element], names: &[Name], found: &mut Vec<&'t Element>) {
    for element in elements {
        if element.tag == "template"
            && let Some(name) = element.fixed("name")
            && (names.is_empty() || names.iter().any(|known| &**known == name))
        {
            found.push(element);
        }
        named(&element.children, names, found);
    }
}
