//! Templates at run time: the handlers they bind, and the other places where they use the page's data.

use super::{
    branches::Verdict,
    context::Consents,
    facts::{Place, StepKind},
    machine::Machine,
    spelling::camel_case,
    value::{ObjectId, Value},
    views::HANDLER,
};
use crate::{
    platform,
    scripts::ir::{Expr, Name, Script, Stmt},
    templates::{Attribute, Bound, Element, Part, bound, button::AuthorisingButton},
};

/// Attributes that decide whether an element is shown.
const CONDITIONS: &[&str] = &["a:if", "a:elif", "hidden", "visible", "show"];

/// What holds if no earlier branch of an `a:if` chain is shown: the given consents, and the calls whose answers decide it.
#[derive(Debug, Default)]
struct Shown {
    allowed: Consents,
    by: Vec<u32>,
}

impl Machine<'_> {
    /// Runs everything that a page's template may start or pass on.
    pub(crate) fn run_template(&mut self, page: ObjectId, module: u32) {
        let project = self.project;
        let Some(index) = project.modules[module as usize].template else { return };
        let file = &project.templates[index as usize];
        let nowhere = Place { file: file.file, range: Default::default() };
        let data = self.read(&Value::object(page), &"data".into(), nowhere);
        let props = self.read(&Value::object(page), &"props".into(), nowhere);
        let mut variables = if self.is_view(page) { self.variables_of_view(page, nowhere) } else { Vec::new() };
        for source in [&props, &data].into_iter().filter(|_| !self.is_view(page)) {
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
        let mut before = Shown::default();
        for element in elements {
            let added = self.enter_loop(file, element);
            let outer = self.show_where(file, element, &mut before);
            match element.tag.as_str() {
                "template" => self.run_named_template(page, module, file, element),
                "include" => self.run_included(page, module, file, element),
                _ => {
                    self.run_element(page, module, file, element);
                    self.run_elements(page, module, file, &element.children);
                }
            }
            self.show_again(outer);
            self.leave_loop(added);
        }
    }

    /// Enters an element under its condition. `before` is what the earlier elements of an `a:if` chain leave for `a:else`. Returns
    /// what to restore afterwards.
    fn show_where(&mut self, file: u32, element: &Element, before: &mut Shown) -> (Consents, usize) {
        let outer = (self.shown_where, self.shown_by.len());
        if !self.project.needs_button {
            return outer;
        }
        for name in CONDITIONS {
            let Some(attribute) = element.attribute(name) else { continue };
            let Some((verdict, by)) = self.tested(attribute, file) else { continue };
            let (then, otherwise) = (verdict.then.allowed, verdict.otherwise.allowed);
            self.shown_by.extend(&by);
            match *name {
                "a:if" => {
                    self.shown_where = self.shown_where | then;
                    *before = Shown { allowed: otherwise, by };
                }
                "a:elif" => {
                    self.shown_where = self.shown_where | before.allowed | then;
                    self.shown_by.extend(&before.by);
                    before.allowed = before.allowed | otherwise;
                    before.by.extend(by);
                }
                "hidden" => self.shown_where = self.shown_where | otherwise,
                _ => self.shown_where = self.shown_where | then,
            }
        }
        if element.attribute("a:else").is_some() {
            self.shown_where = self.shown_where | before.allowed;
            self.shown_by.append(&mut before.by);
        }
        outer
    }

    fn show_again(&mut self, (allowed, answers): (Consents, usize)) {
        self.shown_where = allowed;
        self.shown_by.truncate(answers);
    }

    /// What a condition establishes, and the answers that it depends on.
    fn tested(&mut self, attribute: &Attribute, file: u32) -> Option<(Verdict, Vec<u32>)> {
        let [Part::Expression(script)] = attribute.parts.as_slice() else { return None };
        let expr = expression(script)?;
        self.watched = Some(Vec::new());
        self.fixed_place = Some(Place { file, range: attribute.range });
        let verdict = self.test(expr);
        self.fixed_place = None;
        Some((verdict, self.watched.take().unwrap_or_default()))
    }

    /// Adds the variables of `a:for`; returns how many.
    fn enter_loop(&mut self, file: u32, element: &Element) -> usize {
        let Some(list) = element.attribute("a:for") else { return 0 };
        let list = self.attribute_value(list, file);
        let item = self.items_of(&list).iter().fold(Value::undefined(), |all, item| all.joined(item));
        let name = element.fixed("a:for-item").unwrap_or("item");
        let index = element.fixed("a:for-index").unwrap_or("index");
        let Some(variables) = &mut self.template else { return 0 };
        variables.push((name.into(), item));
        variables.push((index.into(), Value::unknown()));
        2
    }

    fn leave_loop(&mut self, added: usize) {
        if let Some(variables) = &mut self.template {
            variables.truncate(variables.len() - added);
        }
    }

    fn run_element(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        if let Some(component) = self.project.modules[module as usize].components.get(&element.tag).copied() {
            self.run_component(page, component, file, element);
            return;
        }
        if let Some(tag) = platform::tag(&element.tag) {
            for attribute in tag.outgoing.iter().filter_map(|name| element.attribute(name)) {
                let value = self.attribute_value(attribute, file);
                self.sink(&element.tag, &value, Place { file, range: attribute.range });
            }
            for attribute in tag.navigates.iter().filter_map(|name| element.attribute(name)) {
                let value = self.attribute_value(attribute, file);
                self.address(&value, Place { file, range: attribute.range });
            }
        }
        let button = AuthorisingButton::read(element);
        match &button {
            Some(button) => self.note_button(button),
            None if self.is_foreign(module, element) && notifies_its_page(element) => {
                // The button may be inside this component. One that sends its page no events, such as a toast, cannot contain it.
                for asked in self.shown_by.clone() {
                    self.expect(asked, true);
                }
            }
            None => {}
        }
        for attribute in &element.attributes {
            if let Some(bound) = bound(&attribute.name) {
                self.run_event(page, module, file, element, button.as_ref(), attribute, &bound);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an event is all of these")]
    fn run_event(
        &mut self,
        page: ObjectId,
        module: u32,
        file: u32,
        element: &Element,
        button: Option<&AuthorisingButton<'_>>,
        attribute: &Attribute,
        bound: &Bound,
    ) {
        let place = Place { file, range: attribute.range };
        let names = self.attribute_value(attribute, file);
        let this = Value::object(page);
        let start = self.start_of(module, file, element, button, &bound.event);
        let label: Name = attribute.name.as_str().into();
        if self.heap.is_callable(&names) {
            // Vue 3 renders the function itself.
            let details = self.event(file, element, &bound.event, place);
            if !self.is_repeated_event(element, &names, std::slice::from_ref(&details), start) {
                let variables = self.template.take();
                self.enter(&names, &this, vec![details], start, place, &label);
                self.template = variables;
            }
            return;
        }
        if self.is_view(page) && names.whole_texts().any(|name| &**name == HANDLER) {
            let details = self.event(file, element, &bound.event, place);
            let options = element.attribute("data-event-opts").map(|options| self.attribute_value(options, file));
            let options = options.unwrap_or_default();
            let variables = self.template.take();
            for (_, handler, arguments) in self.event_options(page, &options, &bound.event, &[details], place) {
                if self.heap.is_callable(&handler) && !self.is_repeated_event(element, &handler, &arguments, start) {
                    self.enter(&handler, &this, arguments, start, place, &label);
                }
            }
            self.template = variables;
            return;
        }
        for name in names.whole_texts().cloned().collect::<Vec<_>>() {
            let handler = self.read(&this, &name, place);
            if !self.heap.is_callable(&handler) {
                if button.is_some() && handler.is_undefined() && attribute.text().is_some() {
                    self.unhandled(page, &name, place);
                }
                continue;
            }
            let details = self.event(file, element, &bound.event, place);
            if !self.is_repeated_event(element, &handler, std::slice::from_ref(&details), start) {
                let variables = self.template.take();
                self.enter(&handler, &this, vec![details], start, place, &label);
                self.template = variables;
            }
        }
    }

    /// The event object: `target.dataset` and `detail` hold what the template puts there.
    fn event(&mut self, file: u32, element: &Element, event: &str, place: Place) -> Value {
        let (target, current) = (self.anything(), self.anything());
        let dataset = self.new_object();
        self.datasets(file, std::slice::from_ref(element), dataset, false);
        let detail = match platform::display_field(event) {
            Some(field) => {
                let (detail, display) = (self.anything(), self.display(place, &format!("on{}", as_documented(event))));
                for id in detail.objects() {
                    self.heap.edit(id).fields.insert(field.into(), display.clone());
                }
                detail
            }
            None => self.detail(file, element, event),
        };
        if self.project.reads_target_dataset {
            // The tapped element is this one or any inside it.
            let touched = self.new_object();
            self.datasets(file, std::slice::from_ref(element), touched, true);
            for id in target.objects() {
                self.heap.edit(id).fields.insert("targetDataset".into(), Value::object(touched));
            }
        }
        let details = self.anything();
        for id in target.objects().into_iter().chain(current.objects()) {
            self.heap.edit(id).fields.insert("dataset".into(), Value::object(dataset));
        }
        for id in details.objects() {
            let fields = &mut self.heap.edit(id).fields;
            fields.insert("target".into(), target.clone());
            fields.insert("currentTarget".into(), current.clone());
            fields.insert("detail".into(), detail.clone());
        }
        details
    }

    /// Collects the `data-` attributes of elements into an object, and those of their descendants if `deep`.
    fn datasets(&mut self, file: u32, elements: &[Element], dataset: ObjectId, deep: bool) {
        for element in elements {
            for attribute in &element.attributes {
                let Some(name) = attribute.name.strip_prefix("data-") else { continue };
                let value = self.attribute_value(attribute, file).stepped(
                    StepKind::Template,
                    Place { file, range: attribute.range },
                    &attribute.name.as_str().into(),
                );
                self.heap.edit(dataset).fields.entry(camel_case(name)).or_default().join(&value);
            }
            if deep {
                let added = self.enter_loop(file, element);
                self.datasets(file, &element.children, dataset, true);
                self.leave_loop(added);
            }
        }
    }

    /// The value of a form or an input: what the template put into it.
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

    /// An attribute's value: that of its expression, or a text of several parts.
    pub(crate) fn attribute_value(&mut self, attribute: &Attribute, file: u32) -> Value {
        let place = Place { file, range: attribute.range };
        let mut values = Vec::new();
        for part in &attribute.parts {
            values.push(match part {
                Part::Text(text) => Value::text(&text.as_str().into()),
                Part::Expression(script) => match expression(script) {
                    Some(expr) => {
                        self.fixed_place = Some(place);
                        let value = self.evaluate(expr);
                        self.fixed_place = None;
                        value
                    }
                    None => Value::unknown(),
                },
            });
        }
        if values.len() == 1 { values.remove(0) } else { self.concat(&values, place) }
    }
}

/// Whether an element binds an event other than a plain tap.
fn notifies_its_page(element: &Element) -> bool {
    element.attributes.iter().filter_map(|attribute| bound(&attribute.name)).any(|bound| bound.event != "tap")
}

/// The expression in a template's `{{ }}`.
fn expression(script: &Script) -> Option<&Expr> {
    match script.functions.first()?.body.first()? {
        Stmt::Return(Some(expr), _) => Some(expr),
        _ => None,
    }
}

/// The event as the documents write it after `on`, such as `getuserinfo`.
fn as_documented(event: &str) -> &str {
    let scopes = &platform::button().scopes;
    scopes.iter().map(|scope| scope.event).find(|known| known.eq_ignore_ascii_case(event)).unwrap_or(event)
}
