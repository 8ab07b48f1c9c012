//! What an instance's elements and its own code trigger: the handlers that a compiled template names, `$emit` and the like.

use super::instances::{EVENTS, GIVEN, PARENT};
use crate::{
    flow::{
        context::Trigger,
        facts::Place,
        machine::Machine,
        natives::Rendered,
        spelling::{camel_case, capital},
        value::{ObjectId, Value},
    },
    scripts::ir::Name,
};

/// The only handler name in uni-app's templates for Vue 2. The real handlers are listed in `data-event-opts`.
pub(crate) const HANDLER: &str = "__e";

impl Machine<'_> {
    /// The functions that an event of a uni-app element calls, each with its arguments: `[["tap", [["buy", ["$event"]]]]]`.
    pub(crate) fn event_options(
        &mut self,
        view: ObjectId,
        options: &Value,
        event: &str,
        details: &[Value],
        place: Place,
    ) -> Vec<(Name, Value, Vec<Value>)> {
        let mut found = Vec::new();
        for option in self.elements_of(options).0 {
            let parts = self.elements_of(&option).0;
            let names: Vec<Name> = parts.first().map(|name| name.whole_texts().cloned().collect()).unwrap_or_default();
            let is_it = |name: &Name| plain_event(name.trim_start_matches(['^', '~'])) == plain_event(event);
            if !names.iter().any(is_it) {
                continue;
            }
            let calls = parts.get(1).map(|calls| self.elements_of(calls).0).unwrap_or_default();
            for call in calls {
                let parts = self.elements_of(&call).0;
                let Some(method) = parts.first().and_then(|name| name.whole_texts().next().cloned()) else { continue };
                let given = parts.get(1).map(|given| self.elements_of(given).0);
                let first = details.first().cloned().unwrap_or_else(Value::unknown);
                let arguments = match given {
                    None => details.to_vec(),
                    Some(given) => given.into_iter().map(|value| self.event_argument(value, &first)).collect(),
                };
                if &*method == "__set_model" {
                    self.set_model(view, &arguments, place);
                    continue;
                }
                let mut handler = Value::object(view);
                for part in method.split('.') {
                    handler = self.read(&handler, &part.into(), place);
                }
                found.push((method, handler, arguments));
            }
        }
        found
    }

    fn event_argument(&mut self, value: Value, details: &Value) -> Value {
        let name = value.whole_texts().next().cloned();
        match name.as_deref() {
            Some("$event") => details.clone(),
            // A variable of the loop around the element.
            Some(name) if name.starts_with('$') => self.anything(),
            _ => value,
        }
    }

    /// `v-model`: sets the field to what was typed.
    fn set_model(&mut self, view: ObjectId, arguments: &[Value], place: Place) {
        let [_, key, details, ..] = arguments else { return };
        let detail = self.read(details, &"detail".into(), place);
        let value = self.read(&detail, &"value".into(), place);
        self.write_index(&Value::object(view), &key.clone(), value, place);
    }

    /// `this.$emit('chosen', value)` and the other methods of an instance.
    pub(crate) fn call_view(&mut self, name: &str, view: ObjectId, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let channel = first.whole_texts().next().cloned();
        match (name, channel) {
            ("emit", Some(event)) => {
                self.emit(&event, arguments.get(1), place);
                let given: Vec<Value> = arguments.iter().skip(1).cloned().collect();
                for parent in self.hidden(view, PARENT).objects() {
                    let options = self.hidden(view, EVENTS);
                    let mut handlers = self.event_options(parent, &options, &event, &given, place);
                    for properties in self.hidden(view, GIVEN).objects() {
                        let listener = self.hidden(properties, &format!("on{}", capital(&camel_case(&event))));
                        handlers.push((event.clone(), listener, given.clone()));
                    }
                    for (_, handler, arguments) in handlers {
                        if self.heap.is_callable(&handler) {
                            self.call(&handler, Value::object(parent), arguments, place);
                        }
                    }
                }
                Value::unknown()
            }
            ("mount", _) => {
                self.mount(view, place);
                Value::object(view)
            }
            ("createElement" | "_c", _) => {
                let data = arguments.get(1).cloned().unwrap_or_default();
                self.create_element(&first, &data, place);
                Value::unknown()
            }
            ("_l", _) => {
                let render = arguments.get(1).cloned().unwrap_or_default();
                let items = self.items_of(&first);
                for item in items {
                    self.call(&render, Value::undefined(), vec![item, Value::unknown()], place);
                }
                Value::unknown()
            }
            ("on" | "once", Some(event)) => {
                self.listen(&event, arguments.get(1).cloned().unwrap_or_default(), place);
                Value::unknown()
            }
            ("nextTick", _) => {
                self.later(Some(&first), Vec::new(), place);
                self.resolved(Value::unknown(), place)
            }
            ("set", _) => {
                let key = arguments.get(1).cloned().unwrap_or_default();
                let value = arguments.get(2).cloned().unwrap_or_default();
                self.write_index(&first, &key, value.clone(), place);
                value
            }
            ("watch", _) => {
                let context = self.context.clone();
                self.context.trigger = Trigger::Unasked;
                self.later(arguments.get(1), vec![Value::unknown()], place);
                self.context = context;
                Value::unknown()
            }
            _ => Value::unknown(),
        }
    }

    /// `createElement('button', { on: { tap: this.login } })`: an early uni-app compiler writes the handlers in this form.
    fn create_element(&mut self, tag: &Value, data: &Value, place: Place) {
        let tag: Name = tag.whole_texts().next().cloned().unwrap_or_else(|| "view".into());
        let handlers = self.read(data, &"on".into(), place);
        let attributes = self.read(data, &"attrs".into(), place);
        let asks = self.scopes_asked(&attributes, place);
        for event in self.names_of(&handlers) {
            let handler = self.read(&handlers, &event, place);
            if self.heap.is_callable(&handler) {
                let allowed = self.context.allowed;
                self.rendered.push(Rendered { tag: tag.clone(), event, handler, allowed, asks });
            }
        }
    }
}

/// An event's name, normalised for comparison.
pub(super) fn plain_event(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
