//! What the language and the platform do themselves.

mod arrays;
mod compilers;
mod language;
mod library;
mod objects;
mod platform;
pub(crate) use platform::SETTINGS;
mod channels;
pub(crate) mod states;

use super::{
    facts::FactKey,
    machine::{Machine, Task},
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::scripts::ir::Name;

impl Machine<'_> {
    /// What a name means that the file does not declare.
    pub(crate) fn global(&mut self, name: &Name) -> Value {
        if let Some(variables) = &self.template {
            let found = variables.iter().rev().find(|(known, _)| known == name);
            // What an imported template is given whole may have any field.
            let found = found.or_else(|| variables.iter().find(|(known, _)| &**known == "*"));
            return found.map_or_else(Value::unknown, |(_, value)| value.clone());
        }
        match &**name {
            "exports" => return self.current_exports(),
            "arguments" => {
                let arguments = self.frames[self.frame as usize].arguments.to_vec();
                return self.new_array(arguments, Value::undefined());
            }
            "NaN" | "Infinity" => return Value::unknown(),
            _ => {}
        }
        if let Some(value) = self.globals.get(name) {
            return value.clone();
        }
        self.native(name)
    }

    /// Calls a function of the platform or the language.
    pub(crate) fn call_native(&mut self, name: &Name, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        let name = name.strip_prefix("globalThis.").or_else(|| name.strip_prefix("global.")).unwrap_or(name);
        if let Some(api) = name.strip_prefix("my.") {
            return self.call_platform(api, &arguments, place);
        }
        if name.starts_with("miniauth") || name.starts_with("auth.") {
            return self.call_miniauth(name, &arguments, place);
        }
        if let Some(package) = name.strip_prefix("package:") {
            return self.call_package(package, &arguments, place);
        }
        let result = self
            .call_worker(name, &arguments, place)
            .or_else(|| self.call_object_function(name, &arguments, place))
            .or_else(|| self.call_language_function(name, &arguments, place))
            .or_else(|| self.call_page_function(name, &arguments, place));
        match result {
            Some(value) => value,
            None => self.call_unknown(&this, &arguments, place),
        }
    }

    /// `value.name(...)` where the value has no such field of its own.
    pub(crate) fn call_method(&mut self, this: &Value, name: &Name, arguments: Vec<Value>, place: Place) -> Value {
        match &**name {
            "then" | "catch" | "finally" => return self.call_promise_method(this, name, &arguments, place),
            "call" | "apply" | "bind" => {
                if let Some(value) = self.call_function_method(this, name, &arguments, place) {
                    return value;
                }
            }
            "emit" | "$emit" | "trigger" | "publish" => {
                if let Some(channel) = arguments.first().and_then(|first| first.whole_texts().next().cloned()) {
                    self.emit(&channel, arguments.get(1), place);
                }
            }
            "on" | "$on" | "once" | "subscribe" => {
                if let Some(channel) = arguments.first().and_then(|first| first.whole_texts().next().cloned()) {
                    self.listen(&channel, arguments.get(1).cloned().unwrap_or_default(), place);
                    return Value::unknown();
                }
            }
            _ => {}
        }
        if let Some(value) = self.call_array_method(this, name, &arguments, place) {
            return value;
        }
        self.call_unknown(this, &arguments, place)
    }

    /// A function that knows its object.
    pub(crate) fn call_owned(
        &mut self,
        name: &Name,
        of: ObjectId,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match &**name {
            "babel.run" => return self.run_async(of, this, arguments, place),
            "babel.step" => return Value::object(of),
            "babel.return" | "babel.catch" => return self.call_state_method(name, of, &arguments),
            "resolve" => self.resolve(of, first, place),
            "reject" => self.reject(of, first),
            "setData" | "$spliceData" => {
                self.set_data(of, &first, place);
                self.later(arguments.get(1), Vec::new(), place);
            }
            "renderTo" => self.render_display(of, &arguments, place),
            _ => {}
        }
        Value::undefined()
    }

    /// Calls back when what is going on has ended.
    pub(crate) fn later(&mut self, callee: Option<&Value>, arguments: Vec<Value>, place: Place) {
        if let Some(callee) = callee.filter(|callee| self.heap.is_callable(callee)) {
            let context = self.context.called(StepKind::CalledBack, place, &"".into());
            let task =
                Task { callee: callee.clone(), this: Value::undefined(), arguments, context, place, settles: None };
            self.schedule(task);
        }
    }

    /// Hands something to whoever listens under that name.
    pub(crate) fn emit(&mut self, channel: &Name, value: Option<&Value>, place: Place) {
        let key = FactKey::Channel(channel.clone());
        self.leave_allowed(key.clone(), self.context.allowed);
        if let Some(value) = value {
            self.leave(key, value, StepKind::Emitted, place, channel);
        }
    }

    /// Calls back with what is emitted under that name, here or on another page.
    pub(crate) fn listen(&mut self, channel: &Name, callback: Value, place: Place) {
        let key = FactKey::Channel(channel.clone());
        let allowed = self.left_allowed(&key);
        let mut value = self.left(&[key], StepKind::Emitted, place, channel);
        if value.is_undefined() {
            value = Value::unknown();
        }
        let kept = self.context.allowed;
        self.context.allowed = kept | allowed;
        self.later(Some(&callback), vec![value], place);
        self.context.allowed = kept;
    }
}
