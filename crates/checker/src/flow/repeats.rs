//! Repeated work in a template: components that receive the same values, and handlers bound to many elements. Each runs once per
//! round, since a second run finds nothing new.

use super::{
    context::{Press, Start},
    heap::Kind,
    machine::Machine,
    value::{Atom, ObjectId, Value},
};
use crate::templates::Element;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    mem,
};

// Values with the same hash count as equal and are skipped, so the hasher must avoid collisions rather than be fast.

/// How deeply values are compared. Below that, objects are equal only if they are the same object.
const MAX_DEPTH: u32 = 4;

/// Attributes by which uni-app numbers or styles each use of a component. The component's own code does not read them.
const COUNTED: &[&str] = &["vue-id", "u-i", "data-ref", "class", "style", "key"];

impl Machine<'_> {
    /// Notes a use of a component in a page, with its properties. Returns whether the same use came before.
    pub(super) fn is_repeated_use(&mut self, page: ObjectId, component: u32, given: ObjectId) -> bool {
        let mut hasher = DefaultHasher::default();
        ("component", page, component, self.shown_where.bits()).hash(&mut hasher);
        let mut fields: Vec<_> =
            self.heap.get(given).fields.iter().filter(|(name, _)| !COUNTED.contains(&&***name)).collect();
        fields.sort_unstable_by(|one, other| one.0.cmp(other.0));
        for (name, value) in fields {
            name.hash(&mut hasher);
            self.hash_value(value, 0, &mut hasher);
        }
        !self.repeats.insert(hasher.finish())
    }

    /// Notes an event of an element other than a button. Returns whether the same function was called on the same values before.
    pub(super) fn is_repeated_event(
        &mut self,
        element: &Element,
        handler: &Value,
        given: &[Value],
        start: Start,
    ) -> bool {
        if element.tag == "button" || !matches!(start.press, Press::None) {
            return false;
        }
        let mut hasher = DefaultHasher::default();
        ("handler", mem::discriminant(&start.trigger), start.allowed.bits()).hash(&mut hasher);
        for value in std::iter::once(handler).chain(given) {
            self.hash_value(value, 0, &mut hasher);
        }
        !self.repeats.insert(hasher.finish())
    }

    fn hash_value(&self, value: &Value, depth: u32, hasher: &mut DefaultHasher) {
        value.atoms.len().hash(hasher);
        for atom in &value.atoms {
            mem::discriminant(atom).hash(hasher);
            match atom {
                Atom::Object(id) => self.hash_object(*id, depth, hasher),
                Atom::Unknown | Atom::Null => {}
                Atom::Number(number) => number.hash(hasher),
                Atom::Truth(truth) => truth.hash(hasher),
                Atom::Text(text) => (&text.start, text.whole).hash(hasher),
                Atom::Implies { .. } => format!("{atom:?}").hash(hasher),
            }
        }
        for mark in &value.marks {
            (mark.source, mark.step.last_field()).hash(hasher);
        }
    }

    fn hash_object(&self, id: ObjectId, depth: u32, hasher: &mut DefaultHasher) {
        let object = self.heap.get(id);
        self.heap.worked(1);
        match &object.kind {
            Kind::Bound(bound) => {
                let (function, this, arguments) = &**bound;
                for value in [function, this].into_iter().chain(arguments) {
                    self.hash_value(value, MAX_DEPTH, hasher);
                }
            }
            Kind::Plain | Kind::Array if depth < MAX_DEPTH && object.prototype.is_none() => {
                self.heap.worked(object.fields.len() + object.elements.len());
                let mut fields: Vec<_> = object.fields.iter().collect();
                fields.sort_unstable_by(|one, other| one.0.cmp(other.0));
                for (name, value) in fields {
                    name.hash(hasher);
                    self.hash_value(value, depth + 1, hasher);
                }
                for element in &object.elements {
                    self.hash_value(element, depth + 1, hasher);
                }
                self.hash_value(&object.rest, depth + 1, hasher);
            }
            _ => id.hash(hasher),
        }
    }
}
