//! Variables, and binding values to them.

use super::{
    facts::{Place, StepKind},
    heap::CellId,
    machine::Machine,
    modules::is_exports,
    value::Value,
};
use crate::scripts::ir::{ExprKind, FunctionIndex, Key, Name, Pattern, Range, VariableIndex};

impl Machine<'_> {
    /// The cell of a variable, in the nearest frame of the function that owns it.
    pub(crate) fn variable(&self, variable: VariableIndex) -> Option<CellId> {
        let mut frame = &self.frames[self.frame as usize];
        let module = &self.project.modules[frame.module as usize];
        let declared = module.script.variables.get(variable as usize)?;
        if declared.owner == FunctionIndex::MAX {
            return None;
        }
        loop {
            if frame.function == declared.owner {
                return Some(frame.first_cell + declared.slot);
            }
            if frame.function == 0 {
                return None;
            }
            frame = &self.frames[frame.parent as usize];
        }
    }

    fn variable_name(&self, variable: VariableIndex) -> Name {
        let module = self.frames[self.frame as usize].module;
        let variables = &self.project.modules[module as usize].script.variables;
        variables.get(variable as usize).map_or_else(|| "".into(), |variable| variable.name.clone())
    }

    pub(crate) fn assign(&mut self, pattern: &Pattern, value: Value, combine: bool) {
        match pattern {
            Pattern::Variable(variable, range) => {
                let Some(cell) = self.variable(*variable) else { return };
                let mut value = value;
                if !value.marks.is_empty() {
                    let label = self.variable_name(*variable);
                    value = value.stepped(StepKind::Assigned, self.place(*range), &label);
                }
                if combine {
                    value = self.heap.cell(cell).clone().joined(&value);
                    value.join(&Value::unknown());
                }
                self.heap.set_cell(cell, value);
            }
            Pattern::Global(name) => {
                if &**name == "exports" || &**name == "module" {
                    return;
                }
                self.globals.entry(name.clone()).or_default().join(&value);
            }
            Pattern::Place(place) => self.assign_place(place, value, combine),
            Pattern::Object(entries, rest) => self.take_apart(entries, rest.as_deref(), &value),
            Pattern::Array(items) => {
                let (elements, other) = self.elements_of(&value);
                for (index, item) in items.iter().enumerate() {
                    match item {
                        Some(Pattern::Rest(inner)) => {
                            let left = elements.iter().skip(index).cloned().collect();
                            let left = self.new_array(left, other.clone());
                            self.assign(inner, left, false);
                        }
                        Some(item) => {
                            let element = elements.get(index).cloned().unwrap_or_else(|| other.clone());
                            self.assign(item, element, false);
                        }
                        None => {}
                    }
                }
            }
            Pattern::Default(inner, default) => {
                let mut value = value;
                if value.is_undefined() || value.may_be_unknown() && value.marks.is_empty() {
                    let default = self.evaluate(default);
                    value.join(&default);
                }
                self.assign(inner, value, false);
            }
            Pattern::Rest(inner) => self.assign(inner, value, false),
        }
    }

    fn assign_place(&mut self, place: &crate::scripts::ir::Expr, value: Value, combine: bool) {
        match &place.kind {
            ExprKind::Member(object, name, range) => {
                if is_exports(object, name) {
                    self.export_whole(value);
                    return;
                }
                let mut target = self.evaluate(object);
                if target.objects().is_empty() && target.may_be_unknown() && !self.deep_marks(&value).is_empty() {
                    target = self.given_object(object, target);
                }
                let at = self.place(*range);
                self.write(&target, name, value, at, combine);
            }
            ExprKind::Index(object, key) => {
                let target = self.evaluate(object);
                let key = self.evaluate(key);
                let at = self.place(place.range);
                self.write_index(&target, &key, value, at);
            }
            _ => {}
        }
    }

    /// Gives an unknown variable or field an object, so that values put into it are not lost.
    fn given_object(&mut self, holder: &crate::scripts::ir::Expr, value: Value) -> Value {
        let value = value.joined(&self.anything());
        match &holder.kind {
            ExprKind::Variable(variable) => {
                if let Some(cell) = self.variable(*variable) {
                    self.heap.set_cell(cell, value.clone());
                }
            }
            ExprKind::Member(..) | ExprKind::Index(..) => self.assign_place(holder, value.clone(), true),
            _ => {}
        }
        value
    }

    fn take_apart(&mut self, entries: &[(Key, Pattern)], rest: Option<&Pattern>, value: &Value) {
        let mut taken: Vec<Name> = Vec::new();
        let mut last_place = Range::default();
        for (key, pattern) in entries {
            let field = match key {
                Key::Name(name, range, shorthand) => {
                    taken.push(name.clone());
                    last_place = *range;
                    self.shorthand_key = *shorthand;
                    let place = self.place(*range);
                    let field = self.read(value, name, place);
                    self.shorthand_key = false;
                    field
                }
                Key::Computed(key) => {
                    let place = self.place(key.range);
                    let key = self.evaluate(key);
                    self.read_index(value, &key, place)
                }
            };
            self.assign(pattern, field, false);
        }
        if let Some(rest) = rest {
            let place = self.place(last_place);
            let left = self.without(value, &taken, place);
            self.assign(rest, left, false);
        }
    }

    /// A copy of an object without some fields.
    pub(crate) fn without(&mut self, value: &Value, names: &[Name], place: Place) -> Value {
        let copy = self.new_object();
        self.copy_fields(copy, value, place);
        let object = self.heap.edit(copy);
        for name in names {
            object.fields.insert(name.clone(), Value::undefined());
        }
        Value::object(copy)
    }

    /// The object whose fields `super.method` reads.
    pub(crate) fn super_object(&self) -> Value {
        let home = self.frames[self.frame as usize].home;
        match home.and_then(|home| self.heap.get(home).prototype) {
            Some(parent) => Value::object(parent),
            None => Value::unknown(),
        }
    }
}
