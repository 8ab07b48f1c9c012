//! Ways from one page or script to another: storage on the device, where display information may not go, and Workers.

use super::super::{
    facts::FactKey,
    machine::Machine,
    trail::{Place, StepKind},
    value::Value,
};
use crate::{project::join, scripts::ir::Name};

/// How the object that `my.createWorker` gives is named; the script's path follows.
const WORKER: &str = "workerAt:";

impl Machine<'_> {
    /// `my.createWorker('workers/index.js')`
    pub(super) fn create_worker(&mut self, script: &Value) -> Value {
        let known = script.whole_texts().find_map(|path| join(&self.project.root, path));
        let path = known.unwrap_or_default();
        self.native(&format!("{WORKER}{}", path.trim_end_matches(".js")))
    }

    /// The methods of what `my.createWorker` gives, and of `worker` in the Worker itself.
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

    /// The script of the Worker that is running, if it is one.
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
