//! Templates at run time: what they bind to events, and where else they put the page's data.

use super::{
    context::Trigger,
    machine::Machine,
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::{
    scripts::ir::{Name, Stmt},
    templates::{Attribute, Element, Part},
};

/// Events that come without anybody's doing.
const UNASKED_EVENTS: &[&str] = &[
    "appear",
    "disappear",
    "firstappear",
    "load",
    "error",
    "scroll",
    "scrolltolower",
    "scrolltoupper",
    "transition",
    "transitionend",
    "animationend",
    "animationstart",
    "animationiteration",
    "timeupdate",
    "ended",
    "play",
    "pause",
    "loading",
    "renderstart",
    "message",
    "ready",
    "visibilitychange",
    "waiting",
];

/// The event that an attribute binds, without its prefix and in lower case.
fn event_of(attribute: &str) -> Option<String> {
    let name = ["catch:", "on:", "capture", "catch", "bind:", "bind", "on"]
        .iter()
        .find_map(|prefix| attribute.strip_prefix(prefix))?;
    let first = name.chars().next()?;
    (first.is_ascii_uppercase() || attribute.contains(':') || attribute.starts_with("bind"))
        .then(|| name.to_ascii_lowercase())
}

impl Machine<'_> {
    /// Runs everything that a page's template may start or hand on.
    pub(crate) fn run_template(&mut self, page: ObjectId, module: u32) {
        let project = self.project;
        let Some(index) = project.modules[module as usize].template else { return };
        let file = &project.templates[index as usize];
        let nowhere = Place { file: file.file, range: Default::default() };
        let data = self.read(&Value::object(page), &"data".into(), nowhere);
        let props = self.read(&Value::object(page), &"props".into(), nowhere);
        let mut variables = Vec::new();
        for source in [&props, &data] {
            for id in source.objects() {
                let mut fields: Vec<_> = self.heap.get(id).fields.clone().into_iter().collect();
                fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
                variables.extend(fields);
            }
        }
        for (name, script) in &file.imports {
            variables.push((name.as_str().into(), self.load(*script)));
        }
        if !self.module_frames.contains_key(&file.module) {
            self.load(file.module);
        }
        let Some(frame) = self.module_frames.get(&file.module).copied() else { return };
        let kept = std::mem::replace(&mut self.frame, frame);
        self.template = Some(variables);
        self.run_elements(page, module, file.file, &file.template.elements);
        self.template = None;
        self.frame = kept;
    }

    pub(super) fn run_elements(&mut self, page: ObjectId, module: u32, file: u32, elements: &[Element]) {
        for element in elements {
            let mut added = 0;
            if let Some(list) = element.attribute("a:for") {
                let list = self.attribute_value(list, file);
                let item = self.items_of(&list).iter().fold(Value::undefined(), |all, item| all.joined(item));
                let name = element.fixed("a:for-item").unwrap_or("item");
                let index = element.fixed("a:for-index").unwrap_or("index");
                if let Some(variables) = &mut self.template {
                    variables.push((name.into(), item));
                    variables.push((index.into(), Value::unknown()));
                    added = 2;
                }
            }
            match element.tag.as_str() {
                "template" => self.run_named_template(page, module, file, element),
                "include" => self.run_included(page, module, file, element),
                _ => {
                    self.run_element(page, module, file, element);
                    self.run_elements(page, module, file, &element.children);
                }
            }
            if let Some(variables) = &mut self.template {
                variables.truncate(variables.len() - added);
            }
        }
    }

    fn run_element(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        if let Some(component) = self.project.modules[module as usize].components.get(&element.tag).copied() {
            self.run_component(page, component, file, element);
            return;
        }
        match element.tag.as_str() {
            "web-view" => {
                if let Some(source) = element.attribute("src") {
                    let value = self.attribute_value(source, file);
                    self.sink("web-view", &value, Place { file, range: source.range });
                }
            }
            "navigator" => {
                if let Some(url) = element.attribute("url") {
                    let value = self.attribute_value(url, file);
                    self.address(&value, Place { file, range: url.range });
                }
            }
            _ => {}
        }
        for attribute in &element.attributes {
            if let Some(event) = event_of(&attribute.name) {
                self.run_event(page, file, element, attribute, &event);
            }
        }
    }

    fn run_event(&mut self, page: ObjectId, file: u32, element: &Element, attribute: &Attribute, event: &str) {
        let place = Place { file, range: attribute.range };
        let names = self.attribute_value(attribute, file);
        let this = Value::object(page);
        for name in names.whole_texts().cloned().collect::<Vec<_>>() {
            let handler = self.read(&this, &name, place);
            if !self.heap.is_callable(&handler) {
                continue;
            }
            let trigger = if UNASKED_EVENTS.contains(&event) { Trigger::Unasked } else { Trigger::Tap };
            let details = self.event(file, element, event, place);
            let variables = self.template.take();
            let label: Name = attribute.name.as_str().into();
            self.enter(&handler, &this, vec![details], trigger, place, &label);
            self.template = variables;
        }
    }

    /// The event's object: `target.dataset` and `detail` hold what the template gives them.
    fn event(&mut self, file: u32, element: &Element, event: &str, place: Place) -> Value {
        let target = self.anything();
        let dataset = self.new_object();
        for attribute in &element.attributes {
            let Some(name) = attribute.name.strip_prefix("data-") else { continue };
            let value = self.attribute_value(attribute, file).stepped(
                StepKind::Template,
                Place { file, range: attribute.range },
                &attribute.name.as_str().into(),
            );
            self.heap.edit(dataset).fields.insert(camel_case(name), value);
        }
        let detail = if event == "getuserinfo" {
            self.display(place, "onGetUserInfo")
        } else {
            self.detail(file, element, event)
        };
        let details = self.anything();
        for id in target.objects() {
            self.heap.edit(id).fields.insert("dataset".into(), Value::object(dataset));
        }
        for id in details.objects() {
            let fields = &mut self.heap.edit(id).fields;
            fields.insert("target".into(), target.clone());
            fields.insert("currentTarget".into(), target.clone());
            fields.insert("detail".into(), detail.clone());
        }
        details
    }

    /// What a form or an input gives: the values that the template had put into it.
    fn detail(&mut self, file: u32, element: &Element, event: &str) -> Value {
        let detail = self.anything();
        let value = if event == "submit" {
            let values = self.anything();
            self.inputs(file, &element.children, &values);
            values
        } else {
            match element.attribute("value") {
                Some(attribute) => self.handed_on(attribute, file),
                None => return detail,
            }
        };
        for id in detail.objects() {
            self.heap.edit(id).fields.insert("value".into(), value.clone());
        }
        detail
    }

    fn inputs(&mut self, file: u32, elements: &[Element], values: &Value) {
        for element in elements {
            if let (Some(name), Some(attribute)) = (element.fixed("name"), element.attribute("value")) {
                let value = self.handed_on(attribute, file);
                for id in values.objects() {
                    self.heap.edit(id).fields.insert(name.into(), value.clone());
                }
            }
            self.inputs(file, &element.children, values);
        }
    }

    fn handed_on(&mut self, attribute: &Attribute, file: u32) -> Value {
        let place = Place { file, range: attribute.range };
        self.attribute_value(attribute, file).stepped(StepKind::Template, place, &attribute.name.as_str().into())
    }

    /// An attribute's value: one expression's, or a text made of several parts.
    pub(crate) fn attribute_value(&mut self, attribute: &Attribute, file: u32) -> Value {
        let place = Place { file, range: attribute.range };
        let mut values = Vec::new();
        for part in &attribute.parts {
            values.push(match part {
                Part::Text(text) => Value::text(&text.as_str().into()),
                Part::Expression(script) => match script.functions[0].body.first() {
                    Some(Stmt::Return(Some(expr), _)) => {
                        self.fixed_place = Some(place);
                        let value = self.evaluate(expr);
                        self.fixed_place = None;
                        value
                    }
                    _ => Value::unknown(),
                },
            });
        }
        if values.len() == 1 { values.remove(0) } else { self.concat(&values, place) }
    }
}

/// `data-user-name` is `dataset.userName`.
fn camel_case(name: &str) -> Name {
    let mut result = String::with_capacity(name.len());
    for (place, part) in name.split('-').enumerate() {
        let mut letters = part.chars();
        match letters.next() {
            Some(first) if place > 0 => {
                result.extend(first.to_uppercase());
                result.push_str(letters.as_str());
            }
            _ => result.push_str(part),
        }
    }
    result.into()
}
