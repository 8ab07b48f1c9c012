//! Components within a page: what the template gives them, and the page's functions that they call.

use super::{
    context::Trigger,
    machine::Machine,
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::templates::Element;

/// How deeply components may hold one another.
const DEEPEST: usize = 6;

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
        let registered = self.registered.iter().find(|(kind, _, at)| at.file == own_file && &**kind == "Component");
        if let Some((_, config, place)) = registered.cloned() {
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
            for name in ["onInit", "deriveDataFromProps", "didMount", "didUpdate"] {
                let hook = self.read(&Value::object(instance), &name.into(), place);
                if self.heap.is_callable(&hook) {
                    let next = Value::object(props);
                    let this = Value::object(instance);
                    self.enter(&hook, &this, vec![next.clone(), next], Trigger::Unasked, place, &name.into());
                }
            }
            self.run_template(instance, component);
            self.nested.pop();
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
            if attribute.name.starts_with("on") || attribute.name.starts_with("catch") {
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
}
