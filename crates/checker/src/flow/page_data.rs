//! `setData`.

use super::{
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
