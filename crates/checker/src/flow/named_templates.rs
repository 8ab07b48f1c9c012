//! `<template name="...">`, `<template is="...">` and `<include>`.

use super::{
    machine::Machine,
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::{
    project::TemplateFile,
    scripts::ir::Name,
    templates::{Attribute, Element},
};

/// How deeply templates may use one another.
const DEEPEST: u32 = 6;

impl Machine<'_> {
    /// Runs the templates that `is` may mean, each with nothing but the data that it is given.
    pub(super) fn run_named_template(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        let project = self.project;
        let (Some(is), Some(own)) = (element.attribute("is"), project.template_of(file)) else { return };
        if self.template_depth >= DEEPEST {
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

    /// `<include src="./footer.axml" />`: the other file's elements stand here.
    pub(super) fn run_included(&mut self, page: ObjectId, module: u32, file: u32, element: &Element) {
        let project = self.project;
        let (Some(from), Some(own)) = (element.fixed("src"), project.template_of(file)) else { return };
        let source = own.sources.iter().find(|(known, _)| known == from);
        let Some(source) = source.and_then(|(_, index)| project.templates.get(*index as usize)) else { return };
        if self.template_depth < DEEPEST {
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

/// The templates of these names; all, where no name is known.
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
