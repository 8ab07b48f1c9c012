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

// Values are compared by hash, and equal ones are skipped: hence the hasher with the best spread, not the fastest.

/// How deeply values are compared. Objects further down are equal only if they are the same object.
const DEEPEST: u32 = 4;

/// Attributes with which uni-app numbers or styles the uses of a component. The component's own code does not read them.
const COUNTED: &[&str] = &["vue-id", "u-i", "data-ref", "class", "style", "key"];

impl Machine<'_> {
    /// Notes a use of a component in a page, with its properties. Returns whether the same use came before.
    pub(super) fn is_used_again(&mut self, page: ObjectId, component: u32, given: ObjectId) -> bool {
        let mut likeness = DefaultHasher::default();
        ("component", page, component, self.shown_where.bits()).hash(&mut likeness);
        let mut fields: Vec<_> =
            self.heap.get(given).fields.iter().filter(|(name, _)| !COUNTED.contains(&&***name)).collect();
        fields.sort_unstable_by(|one, other| one.0.cmp(other.0));
        for (name, value) in fields {
            name.hash(&mut likeness);
            self.liken(value, 0, &mut likeness);
        }
        !self.repeats.insert(likeness.finish())
    }

    /// Notes an event of an element other than a button. Returns whether the same function was called on the same values before.
    pub(super) fn is_bound_again(&mut self, element: &Element, handler: &Value, given: &[Value], start: Start) -> bool {
        if element.tag == "button" || !matches!(start.press, Press::None) {
            return false;
        }
        let mut likeness = DefaultHasher::default();
        ("handler", mem::discriminant(&start.trigger), start.allowed.bits()).hash(&mut likeness);
        for value in std::iter::once(handler).chain(given) {
            self.liken(value, 0, &mut likeness);
        }
        !self.repeats.insert(likeness.finish())
    }

    fn liken(&self, value: &Value, depth: u32, likeness: &mut DefaultHasher) {
        value.atoms.len().hash(likeness);
        for atom in &value.atoms {
            mem::discriminant(atom).hash(likeness);
            match atom {
                Atom::Object(id) => self.liken_object(*id, depth, likeness),
                Atom::Unknown | Atom::Null => {}
                Atom::Number(number) => number.hash(likeness),
                Atom::Truth(truth) => truth.hash(likeness),
                Atom::Text(text) => (&text.start, text.whole).hash(likeness),
                Atom::Tells { .. } => format!("{atom:?}").hash(likeness),
            }
        }
        for mark in &value.marks {
            (mark.source, mark.step.last_field()).hash(likeness);
        }
    }

    fn liken_object(&self, id: ObjectId, depth: u32, likeness: &mut DefaultHasher) {
        let object = self.heap.get(id);
        self.heap.worked(1);
        match &object.kind {
            Kind::Bound(bound) => {
                let (function, this, arguments) = &**bound;
                for value in [function, this].into_iter().chain(arguments) {
                    self.liken(value, DEEPEST, likeness);
                }
            }
            Kind::Plain | Kind::Array if depth < DEEPEST && object.prototype.is_none() => {
                self.heap.worked(object.fields.len() + object.elements.len());
                let mut fields: Vec<_> = object.fields.iter().collect();
                fields.sort_unstable_by(|one, other| one.0.cmp(other.0));
                for (name, value) in fields {
                    name.hash(likeness);
                    self.liken(value, depth + 1, likeness);
                }
                for element in &object.elements {
                    self.liken(element, depth + 1, likeness);
                }
                self.liken(&object.rest, depth + 1, likeness);
            }
            _ => id.hash(likeness),
        }
    }
}
