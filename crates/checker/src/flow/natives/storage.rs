//! Storage on the device: a place that display information may not go, and a way from one page to another.

use super::super::{
    facts::FactKey,
    machine::Machine,
    trail::{Place, StepKind},
    value::Value,
};
use crate::scripts::ir::Name;

impl Machine<'_> {
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
