//! What one page does with another through `getCurrentPages()`.

use super::{
    context::{Start, Trigger},
    facts::FactKey,
    machine::Machine,
    trail::{Place, StepKind},
    value::{ObjectId, Value},
};
use crate::scripts::ir::Name;

impl Machine<'_> {
    /// `pages[n].method(value)`: leaves the value for every page that has such a method.
    pub(super) fn call_other_page(&mut self, name: &str, value: &Value, place: Place) {
        let method = name.trim_start_matches("otherPage.");
        if !method.contains('.') {
            let method = Name::from(method);
            let key = FactKey::OtherPage(method.clone());
            self.leave_allowed(key.clone(), self.context.allowed);
            self.leave(key, value, StepKind::Navigated, place, &method);
        }
    }

    /// What other pages do with this one: data that it has is set, methods that it has are called.
    pub(super) fn run_by_others(&mut self, config: ObjectId, place: Place) {
        let this = Value::object(config);
        let data = self.read(&this, &"data".into(), place);
        let mut names: Vec<Name> = self.heap.get(config).fields.keys().cloned().collect();
        names.sort_unstable();
        for name in names {
            let key = FactKey::OtherPage(name.clone());
            let allowed = self.left_allowed(&key);
            let given = self.left(&[key], StepKind::Navigated, place, &name);
            if given.is_undefined() {
                continue;
            }
            let method = self.read(&this, &name, place);
            if &*name == "setData" {
                let known: Vec<Name> = self.keys_of(&data).iter().flat_map(|key| key.whole_texts().cloned()).collect();
                for id in given.objects() {
                    let is_known =
                        |path: &Name| known.iter().any(|name| path.split(['.', '[']).next() == Some(&**name));
                    self.heap.edit(id).fields.retain(|path, _| is_known(path));
                }
                self.set_data(config, &given, place);
            } else if self.heap.is_callable(&method) {
                let start = Start { allowed, ..Trigger::Tap.into() };
                self.enter(&method, &this, vec![given], start, place, &name);
            }
        }
    }
}
