//! Methods of arrays, strings, maps and sets.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    value::{Atom, Value},
};
use crate::{
    flow::facts::{Place, StepKind},
    scripts::ir::Name,
};

/// Methods whose result carries no display information.
const WITHOUT_INFORMATION: &[&str] = &[
    "indexOf",
    "lastIndexOf",
    "includes",
    "startsWith",
    "endsWith",
    "test",
    "search",
    "localeCompare",
    "hasOwnProperty",
    "has",
    "isPrototypeOf",
    "findIndex",
    "some",
    "every",
];

impl Machine<'_> {
    pub(super) fn call_array_method(
        &mut self,
        this: &Value,
        name: &Name,
        arguments: &[Value],
        place: Place,
    ) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let label = &Name::from("[]");
        match &**name {
            "push" | "unshift" | "add" => {
                for value in arguments {
                    let value = value.clone().stepped(StepKind::Element, place, label);
                    self.append(this, value, &**name == "unshift");
                }
                Some(Value::unknown())
            }
            "pop" | "shift" => Some(self.remove(this, &**name == "shift")),
            "set" => {
                let value = arguments.get(1).cloned().unwrap_or_default();
                self.write_index(this, &first, value, place);
                Some(this.clone())
            }
            "get" => Some(self.read_index(this, &first, place)),
            "forEach" | "map" | "filter" | "find" | "flatMap" | "findLast" | "sort" | "reduce" | "some" | "every"
            | "findIndex"
                if self.heap.is_callable(&first) =>
            {
                Some(self.iterate(this, name, arguments, place))
            }
            "concat" => Some(self.array_concat(this, arguments)),
            "slice" | "reverse" | "filter" | "values" | "flat" | "toSorted" | "toReversed" | "sort" => {
                if this.objects().is_empty() {
                    return None;
                }
                Some(self.sliced(this, name, &first))
            }
            "splice" => {
                for value in arguments.iter().skip(2) {
                    self.append(this, value.clone().stepped(StepKind::Element, place, label), false);
                }
                let (elements, rest) = self.elements_of(this);
                let all = elements.iter().fold(rest, |all, element| all.joined(element));
                Some(self.new_array(Vec::new(), all))
            }
            "at" => Some(self.read_index(this, &first, place)),
            "join" | "toString" | "toLocaleString" | "valueOf" => {
                let marks = self.deep_marks(this);
                Some(Value::carrying(marks).stepped(StepKind::Mixed, place, &"".into()))
            }
            "keys" | "entries" => Some(Value::unknown()),
            "split" => {
                let marks = self.deep_marks(this);
                Some(self.new_array(Vec::new(), Value::carrying(marks)))
            }
            "includes" => Some(self.includes(this, &first)),
            name if WITHOUT_INFORMATION.contains(&name) => Some(Value::unknown()),
            _ => None,
        }
    }

    fn append(&mut self, this: &Value, value: Value, in_front: bool) {
        for id in this.objects() {
            let object = self.heap.edit(id);
            if !matches!(object.kind, Kind::Array) || object.elements.len() > 64 {
                object.rest.join(&value);
            } else if in_front {
                object.elements.insert(0, value.clone());
            } else {
                object.elements.push(value.clone());
            }
        }
    }

    fn remove(&mut self, this: &Value, first: bool) -> Value {
        let mut result = Value { marks: this.marks.clone(), ..Value::undefined() };
        for id in this.objects() {
            let object = self.heap.edit(id);
            let taken = if object.elements.is_empty() {
                None
            } else if first {
                Some(object.elements.remove(0))
            } else if object.rest.is_undefined() {
                object.elements.pop()
            } else {
                None
            };
            result.join(&taken.unwrap_or_else(|| object.rest.clone()));
        }
        if this.may_be_unknown() {
            result.join(&Value::unknown());
        }
        result
    }

    fn iterate(&mut self, this: &Value, name: &Name, arguments: &[Value], place: Place) -> Value {
        let callback = arguments.first().cloned().unwrap_or_default();
        let items = self.items_of(this);
        let open = {
            let (elements, rest) = self.elements_of(this);
            !rest.is_undefined() || elements.is_empty()
        };
        let mut results = Vec::with_capacity(items.len());
        let allowed = self.context.allowed;
        let mut carried = arguments.get(1).cloned().unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let position = Value::one(Atom::Number(index as u32));
            let parameters = match &**name {
                "reduce" => vec![carried.clone(), item.clone(), position, this.clone()],
                "sort" => vec![item.clone(), item.clone()],
                _ => vec![item.clone(), position, this.clone()],
            };
            self.heap.fork();
            let result = self.call(&callback, Value::undefined(), parameters, place);
            self.context.allowed = allowed;
            let changes = self.heap.undo();
            self.heap.merge(vec![changes], open);
            if &**name == "reduce" {
                carried = result;
            } else {
                results.push(result);
            }
        }
        match &**name {
            "map" if open => {
                let all = results.iter().fold(Value::undefined(), |all, result| all.joined(result));
                self.new_array(Vec::new(), all)
            }
            "map" => self.new_array(results, Value::undefined()),
            "flatMap" => {
                let all = results.iter().fold(Value::undefined(), |all, result| all.joined(&self.any_field(result)));
                self.new_array(Vec::new(), all)
            }
            "filter" => self.filtered(items, &results, open),
            "sort" => this.clone(),
            "find" | "findLast" => items.iter().fold(Value::undefined(), |all, item| all.joined(item)),
            "reduce" => carried,
            "forEach" => Value::undefined(),
            "every" => results.into_iter().reduce(Self::implied_by_both).unwrap_or_else(Value::unknown),
            _ => Value::unknown(),
        }
    }

    /// The elements that a filter returns: those it certainly rejects are dropped, and those it certainly keeps stay in place.
    fn filtered(&mut self, items: Vec<Value>, results: &[Value], open: bool) -> Value {
        let truths: Vec<Option<bool>> = results.iter().map(Value::truth).collect();
        let kept = items.into_iter().zip(&truths).filter(|(_, truth)| **truth != Some(false)).map(|(item, _)| item);
        if !open && truths.iter().all(Option::is_some) {
            let kept = kept.collect();
            return self.new_array(kept, Value::undefined());
        }
        let any = kept.fold(Value::undefined(), |any, item| any.joined(&item));
        self.new_array(Vec::new(), any)
    }

    /// `list.includes(text)`, if both are known.
    fn includes(&self, this: &Value, sought: &Value) -> Value {
        let (elements, rest) = self.elements_of(this);
        let known = |value: &Value| match value.atoms.as_slice() {
            [Atom::Text(text)] if text.whole && value.marks.is_empty() => Some(text.start.clone()),
            _ => None,
        };
        let texts: Option<Vec<Name>> = elements.iter().map(known).collect();
        match (texts, known(sought)) {
            (Some(texts), Some(sought)) if rest.is_undefined() && !texts.is_empty() => {
                Value::one(Atom::Truth(texts.contains(&sought)))
            }
            _ => Value::unknown(),
        }
    }

    fn array_concat(&mut self, this: &Value, arguments: &[Value]) -> Value {
        let (mut all, mut other) = self.elements_of(this);
        for argument in arguments {
            let is_array = argument.objects().iter().any(|id| matches!(self.heap.get(*id).kind, Kind::Array));
            if is_array {
                let (elements, rest) = self.elements_of(argument);
                all.extend(elements);
                other.join(&rest);
            } else {
                all.push(argument.clone());
            }
        }
        if this.objects().is_empty() {
            // `text.concat(more)`
            let marks = all.iter().fold(other, |sum, part| sum.joined(&Value::carrying(self.deep_marks(part))));
            return Value::carrying(marks.marks);
        }
        self.new_array(all, other)
    }

    fn sliced(&mut self, this: &Value, name: &str, first: &Value) -> Value {
        let (elements, rest) = self.elements_of(this);
        match (name, first.atoms.as_slice()) {
            ("slice", []) | ("values", _) => self.new_array(elements, rest),
            ("slice", [Atom::Number(start)]) => {
                let left = elements.into_iter().skip(*start as usize).collect();
                self.new_array(left, rest)
            }
            ("flat", _) => {
                let all = elements.iter().fold(rest, |all, item| all.joined(&self.any_field(item)));
                self.new_array(Vec::new(), all)
            }
            _ => {
                let all = elements.iter().fold(rest, |all, element| all.joined(element));
                self.new_array(Vec::new(), all)
            }
        }
    }

    /// An empty map or set, or an instance of something unknown.
    pub(super) fn new_collection(&mut self) -> Value {
        let id = self.heap.add(Object::new(Kind::Plain));
        Value::object(id)
    }
}
