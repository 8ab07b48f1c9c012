//! Evaluating expressions.

use super::{
    facts::StepKind,
    heap::{Closure, Kind, Object},
    machine::Machine,
    modules::is_exports,
    value::{Atom, ObjectId, Value},
};
use crate::scripts::ir::{Argument, Expr, ExprKind, Pattern, Property, Range};

impl Machine<'_> {
    pub(crate) fn evaluate(&mut self, expr: &Expr) -> Value {
        if self.fuel == 0 {
            self.outcome.cut = true;
            return Value::unknown();
        }
        self.burn(1 + self.heap.take_work());
        let value = self.value_of_expression(expr);
        if self.watched.is_some() {
            let answers = self.answers_in(&value);
            if let Some(watched) = &mut self.watched {
                watched.extend(answers);
            }
        }
        value
    }

    fn value_of_expression(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Other => Value::unknown(),
            ExprKind::Undefined => Value::undefined(),
            ExprKind::Null => Value::one(Atom::Null),
            ExprKind::Truth(truth) => Value::one(Atom::Truth(*truth)),
            ExprKind::Number(number) => Value::one(Atom::Number(*number)),
            ExprKind::Text(text) => Value::text(text),
            ExprKind::Variable(variable) => {
                self.variable(*variable).map_or_else(Value::unknown, |cell| self.heap.cell(cell).clone())
            }
            ExprKind::Global(name) => self.global(name),
            ExprKind::This => self.frames[self.frame as usize].this.clone(),
            ExprKind::Super => self.super_object(),
            ExprKind::Object(properties) => self.object_literal(properties, expr.range, false),
            ExprKind::Array(items) => self.array_literal(items, expr.range),
            ExprKind::Function(function) => {
                let frame = self.frame;
                let module = self.frames[frame as usize].module;
                self.closure(Closure { module, function: *function, frame, home: None }, expr.range)
            }
            ExprKind::Class(class) => self.class(class, expr.range),
            ExprKind::Member(object, name, _) if is_exports(object, name) => self.current_exports(),
            ExprKind::Member(object, name, range) => {
                let object = self.evaluate(object);
                let place = self.place(*range);
                self.read(&object, name, place)
            }
            ExprKind::Index(object, key) => {
                let object = self.evaluate(object);
                let key = self.evaluate(key);
                let place = self.place(expr.range);
                self.read_index(&object, &key, place)
            }
            ExprKind::Call(callee, arguments) => self.call_expression(callee, arguments, expr.range),
            ExprKind::New(callee, arguments) => {
                let callee = self.evaluate(callee);
                let arguments = self.arguments(arguments);
                let place = self.place(expr.range);
                self.construct(&callee, arguments, place)
            }
            ExprKind::Assign { target, value, combine } => {
                let mut new = self.evaluate(value);
                if !matches!(&**target, Pattern::Variable(variable, _) if self.is_parameter(*variable)) {
                    new = self.kept(new);
                }
                if !self.compared.is_empty() && matches!(value.kind, ExprKind::Text(_) | ExprKind::Concat(_)) {
                    let compared = self.compared.clone();
                    new.add_marks(&compared);
                }
                self.assign(target, new.clone(), *combine);
                new
            }
            ExprKind::Concat(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.evaluate(part)).collect();
                let place = self.place(expr.range);
                self.concat(&parts, place)
            }
            ExprKind::Mix(parts) => {
                let mut value = Value::unknown();
                for part in parts {
                    let part = self.evaluate(part);
                    value.add_marks(&part.marks);
                }
                value
            }
            ExprKind::Drop(parts) => {
                for part in parts {
                    self.evaluate(part);
                }
                Value::unknown()
            }
            ExprKind::Equal { .. } | ExprKind::Not(_) | ExprKind::And(..) | ExprKind::Or(..) => self.test(expr).value,
            ExprKind::Choose(test, then, otherwise) => self.choose(test, then, otherwise),
            ExprKind::Sequence(items) => {
                let mut last = Value::undefined();
                for item in items {
                    last = self.evaluate(item);
                    // A minifier may join a `require` that only runs the module with other statements.
                    if matches!(item.kind, ExprKind::Module(_)) {
                        last = self.force(&last);
                    }
                }
                last
            }
            ExprKind::Await(inner) | ExprKind::Yield(inner) => {
                let value = self.evaluate(inner);
                let place = self.place(expr.range);
                self.settled(&value, place)
            }
            ExprKind::Import(inner) => {
                let specifier = self.evaluate(inner);
                let place = self.place(expr.range);
                let exports = self.import_by_name(&specifier, place);
                self.resolved(exports, place)
            }
            ExprKind::Module(request) => self.requested(*request),
            ExprKind::Imported(request, name) => {
                let exports = self.requested(*request);
                let place = self.place(expr.range);
                self.imported(&exports, name, place)
            }
        }
    }

    /// An object literal. If it is passed directly to a function, no other code can change its fields, so their truth stays known.
    fn object_literal(&mut self, properties: &[Property], range: Range, is_given: bool) -> Value {
        let id = self.made(Object::new(Kind::Plain), range);
        let target = Value::object(id);
        for property in properties {
            match property {
                Property::Named(name, value) => {
                    let new = self.evaluate(value);
                    let place = self.place(value.range);
                    let truth = new.truth().filter(|_| is_given && new.objects().is_empty());
                    self.write(&target, name, new, place, false);
                    if let Some(truth) = truth {
                        self.heap.edit(id).fields.insert(name.clone(), Value::one(Atom::Truth(truth)));
                    }
                }
                Property::Computed(key, value) => {
                    let key = self.evaluate(key);
                    let new = self.evaluate(value);
                    let place = self.place(value.range);
                    self.write_index(&target, &key, new, place);
                }
                Property::Spread(value) => {
                    let new = self.evaluate(value);
                    let place = self.place(value.range);
                    self.copy_fields(id, &new, place);
                }
                Property::Getter(name, function) => {
                    let function = self.evaluate(function);
                    self.define_getter(id, name, function);
                }
                Property::Setter(name, function) => {
                    let function = self.evaluate(function);
                    self.define_setter(id, name, function);
                }
            }
        }
        target
    }

    /// Copies the fields, as a spread and `Object.assign` do.
    pub(crate) fn copy_fields(&mut self, target: ObjectId, from: &Value, place: super::facts::Place) {
        let forced = self.force(from);
        let from = &forced;
        let certain = from.atoms.len() == 1;
        for id in from.objects() {
            let object = self.heap.get(id).clone();
            self.heap.worked(object.fields.len() + object.elements.len());
            if let Kind::Exports(links) = &object.kind {
                for (name, cell) in links {
                    let value = self.heap.cell(*cell).clone();
                    self.heap.edit(target).fields.insert(name.clone(), value);
                }
            }
            if matches!(object.kind, Kind::Native(_) | Kind::Answer(_) | Kind::AuthCodeResult) {
                self.heap.edit(target).prototype = Some(id);
            }
            let mut names: Vec<_> = object.fields.into_iter().collect();
            names.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (name, value) in names {
                let value = self.getter(value, id, place).stepped(StepKind::Copied, place, &name);
                let value = self.kept(value);
                let fields = &mut self.heap.edit(target).fields;
                if certain {
                    fields.insert(name, value);
                } else {
                    fields.entry(name).or_default().join(&value);
                }
            }
            for (index, value) in object.elements.into_iter().enumerate() {
                self.heap.edit(target).fields.insert(index.to_string().into(), value);
            }
            let rest = object.rest.stepped(StepKind::Copied, place, &"...".into());
            self.heap.edit(target).rest.join(&rest);
        }
        if !from.marks.is_empty() {
            let marks = Value::carrying(from.marks.clone()).stepped(StepKind::Copied, place, &"...".into());
            self.heap.edit(target).rest.join(&marks);
        } else if from.may_be_unknown() {
            self.heap.edit(target).rest.join(&Value::unknown());
        }
    }

    fn array_literal(&mut self, items: &[Argument], range: Range) -> Value {
        let mut elements = Vec::with_capacity(items.len());
        let mut rest = Value::undefined();
        for item in items {
            match item {
                Argument::Plain(item) => {
                    let value = self.evaluate(item);
                    let place = self.place(item.range);
                    elements.push(value.stepped(StepKind::Element, place, &"[]".into()));
                }
                Argument::Spread(item) => {
                    let value = self.evaluate(item);
                    let (more, other) = self.elements_of(&value);
                    elements.extend(more);
                    rest.join(&other);
                }
            }
        }
        let id = self.made(Object { elements, rest, ..Object::new(Kind::Array) }, range);
        Value::object(id)
    }

    /// An array's known elements, and the value of any further one.
    pub(crate) fn elements_of(&self, value: &Value) -> (Vec<Value>, Value) {
        let mut rest = Value::undefined();
        if !value.marks.is_empty() || value.may_be_unknown() {
            rest.join(&Value { marks: value.marks.clone(), ..Value::unknown() });
        }
        let objects = value.objects();
        if let ([id], 1) = (objects.as_slice(), value.atoms.len()) {
            let object = self.heap.get(*id);
            rest.join(&object.rest);
            return (object.elements.clone(), rest);
        }
        for id in objects {
            let object = self.heap.get(id);
            for element in &object.elements {
                rest.join(element);
            }
            rest.join(&object.rest);
        }
        (Vec::new(), rest)
    }

    pub(crate) fn arguments(&mut self, arguments: &[Argument]) -> Vec<Value> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Argument::Plain(argument) => values.push(match &argument.kind {
                    ExprKind::Object(properties) => self.object_literal(properties, argument.range, true),
                    _ => self.evaluate(argument),
                }),
                Argument::Spread(argument) => {
                    let value = self.evaluate(argument);
                    let (elements, rest) = self.elements_of(&value);
                    values.extend(elements);
                    if !rest.is_undefined() {
                        values.push(rest);
                    }
                }
            }
        }
        values
    }
}
