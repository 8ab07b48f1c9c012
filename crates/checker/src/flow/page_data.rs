//! What code does with pages: `setData`, and `getCurrentPages()`, through which one page reaches another.

use super::{
    context::{Start, Trigger},
    facts::FactKey,
    heap::Object,
    machine::Machine,
    trail::{Place, StepKind},
    value::{Atom, ObjectId, Told, Value},
};
use crate::scripts::ir::Name;

impl Machine<'_> {
    /// `page.setData({ 'a.b[0]': value })`
    pub(crate) fn set_data(&mut self, page: ObjectId, patch: &Value, place: Place) {
        let this = Value::object(page);
        let data = self.read(&this, &"data".into(), place);
        for id in patch.objects() {
            let object: Object = self.heap.get(id).clone();
            let mut fields: Vec<_> = object.fields.into_iter().collect();
            fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (path, value) in fields {
                let mut value = value.stepped(StepKind::SetData, place, &path);
                let allowed = self.context.allowed;
                if !allowed.is_none() && value.atoms.iter().any(is_state) {
                    value.join(&Value::one(Atom::Tells { what: Told::Allowed(allowed), when: true }));
                }
                let mut target = data.clone();
                let mut names: Vec<Name> =
                    path.split(['.', '[', ']']).filter(|part| !part.is_empty()).map(Name::from).collect();
                let Some(last) = names.pop() else { continue };
                for name in names {
                    let mut inner = self.read(&target, &name, place);
                    if inner.objects().is_empty() {
                        inner = Value::object(self.new_object());
                        self.write(&target, &name, inner.clone(), place, false);
                    }
                    target = inner;
                }
                self.write(&target, &last, value, place, false);
            }
            if !object.rest.is_undefined() {
                let rest = object.rest.stepped(StepKind::SetData, place, &"...".into());
                for target in data.objects() {
                    self.heap.edit(target).rest.join(&rest);
                }
            }
        }
    }
}

/// Whether it can be the name or number of a state, such as 'authorised'.
fn is_state(atom: &Atom) -> bool {
    matches!(atom, Atom::Number(1..)) || matches!(atom, Atom::Text(text) if !text.start.is_empty())
}

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
