//! Calls of the language and the platform.

mod arrays;
mod clouds;
mod compilers;
mod language;
mod mpx;
mod pinia;
mod platform;
mod react;
pub(crate) mod states;
mod taro;
mod uni;
mod vue_core;
mod webpack;

use super::{
    facts::{FactKey, Place, StepKind},
    machine::{Machine, Task},
    value::{ObjectId, Value},
};
use crate::{project::join, scripts::ir::Name};
pub(crate) use clouds::COLLECTION;
pub(crate) use compilers::of_babels_runtime;
pub(crate) use platform::SETTINGS;
pub(crate) use react::Rendered;

impl Machine<'_> {
    /// The meaning of a name that the file does not declare.
    pub(crate) fn global(&mut self, name: &Name) -> Value {
        if let Some(variables) = &self.template {
            let found = variables.iter().rev().find(|(known, _)| known == name);
            // An imported template that receives a whole object may read any of its fields.
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
        if self.project.shares_globals {
            self.outcome.reads.insert(FactKey::Global(name.clone()));
        }
        if let Some(value) = self.globals.get(name) {
            return value.clone();
        }
        self.native(name)
    }

    /// Calls a function of the platform or the language.
    pub(crate) fn call_native(&mut self, name: &Name, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        let name = name.strip_prefix("globalThis.").or_else(|| name.strip_prefix("global.")).unwrap_or(name);
        if let Some(value) = self.call_framework(name, &arguments, place) {
            return value;
        }
        if let Some(value) = self.call_webpack(name, &arguments, place) {
            return value;
        }
        if let Some(value) = self.call_collection(name, &arguments, place) {
            return value;
        }
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

    /// `value.name(...)`, if the value has no such field of its own.
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

    /// Calls a native function that belongs to an object.
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
            "renderTo" => self.render_display(&arguments, place),
            "webpack.default" => return self.webpack_default(of, place),
            "pinia.use" => return self.pinia_store(of, place),
            _ if name.starts_with("pinia.field:") => {
                return self.read(&Value::object(of), &name["pinia.field:".len()..].into(), place);
            }
            _ if name.starts_with("react.") => {
                return self.call_react_method(&name["react.".len()..], of, &arguments, place);
            }
            _ if name.starts_with("view.") => return self.call_view(&name["view.".len()..], of, &arguments, place),
            _ if name.starts_with("store.") => return self.call_store(&name["store.".len()..], of, &arguments, place),
            _ => {}
        }
        Value::undefined()
    }

    /// Schedules a callback, to run after the current code has ended.
    pub(crate) fn later(&mut self, callee: Option<&Value>, arguments: Vec<Value>, place: Place) {
        if let Some(callee) = callee.filter(|callee| self.heap.is_callable(callee)) {
            let context = self.context.called(StepKind::CalledBack, place, &"".into());
            let task =
                Task { callee: callee.clone(), this: Value::undefined(), arguments, context, place, settles: None };
            self.schedule(task);
        }
    }

    /// Passes a value to the listeners for that name.
    pub(crate) fn emit(&mut self, channel: &Name, value: Option<&Value>, place: Place) {
        let key = FactKey::Channel(channel.clone());
        self.leave_allowed(key.clone(), self.context.allowed);
        if let Some(value) = value {
            self.leave(key, value, StepKind::Emitted, place, channel);
        }
    }

    /// Calls back with whatever is emitted under that name, on this page or another.
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

/// The native name of the object from `my.createWorker`; the script's path follows.
const WORKER: &str = "workerAt:";

impl Machine<'_> {
    /// `my.createWorker('workers/index.js')`
    pub(super) fn create_worker(&mut self, script: &Value) -> Value {
        let known = script.whole_texts().find_map(|path| join(&self.project.root, path));
        let path = known.unwrap_or_default();
        self.native(&format!("{WORKER}{}", path.trim_end_matches(".js")))
    }

    /// The methods of the object from `my.createWorker`, and of `worker` in the Worker itself.
    pub(super) fn call_worker(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let (script, method, from_page) = match name.strip_prefix(WORKER) {
            Some(of) => {
                let (script, method) = of.rsplit_once('.')?;
                (Name::from(script), method, true)
            }
            None => (self.own_worker()?, name.strip_prefix("worker.")?, false),
        };
        let first = arguments.first().cloned().unwrap_or_default();
        match method {
            "postMessage" => {
                let label = Name::from("postMessage");
                self.leave(FactKey::Worker(script, from_page), &first, StepKind::Emitted, place, &label);
            }
            "onMessage" => {
                let label = Name::from("onMessage");
                let key = FactKey::Worker(script, !from_page);
                let mut message = self.left(&[key], StepKind::Emitted, place, &label);
                if message.is_undefined() {
                    message = Value::unknown();
                }
                self.later(Some(&first), vec![message], place);
            }
            _ => {}
        }
        Some(Value::undefined())
    }

    /// The script of the running Worker, if this is one.
    fn own_worker(&self) -> Option<Name> {
        let unit = self.unit?;
        self.project.workers.binary_search(&unit).ok()?;
        let file = self.project.modules[unit as usize].file;
        let path = &self.project.files[file as usize].path;
        Some(path.trim_end_matches(".js").trim_end_matches(".ts").into())
    }

    fn storage_keys(key: &Value) -> Vec<Name> {
        let names: Vec<Name> = key.whole_texts().cloned().collect();
        if names.is_empty() { vec!["".into()] } else { names }
    }

    pub(super) fn store(&mut self, api: &str, key: &Value, value: &Value, place: Place) {
        self.sink(api, value, place);
        for name in Self::storage_keys(key) {
            self.leave(FactKey::Storage(name.clone()), value, StepKind::Stored, place, &name);
        }
    }

    pub(super) fn stored(&mut self, key: &Value, place: Place) -> Value {
        let names = Self::storage_keys(key);
        let label = names[0].clone();
        let mut keys: Vec<FactKey> = names.into_iter().map(FactKey::Storage).collect();
        keys.push(FactKey::Storage("".into()));
        let value = self.left(&keys, StepKind::Read, place, &label);
        if value.is_undefined() { Value::unknown() } else { value }
    }
}
