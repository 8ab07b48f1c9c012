//! Where elements are shown: under which consents, and depending on which answers.

use super::{allowed::Consents, events::expression, machine::Machine, trail::Place, verdict::Verdict};
use crate::templates::{Attribute, Element, Part};

/// Attributes that say whether an element is shown.
const CONDITIONS: &[&str] = &["a:if", "a:elif", "hidden", "visible", "show"];

/// What is known where an element is shown, or where none of a chain of `a:if` has been.
#[derive(Debug, Default)]
pub(super) struct Shown {
    allowed: Consents,
    by: Vec<u32>,
}

impl Machine<'_> {
    /// Goes to an element, under its condition. `before` is what the elements before it leave for its `a:else`. Gives what is
    /// to be restored.
    pub(super) fn show_where(&mut self, file: u32, element: &Element, before: &mut Shown) -> (Consents, usize) {
        let outer = (self.shown_where, self.shown_by.len());
        if !self.project.needs_button {
            return outer;
        }
        for name in CONDITIONS {
            let Some(attribute) = element.attribute(name) else { continue };
            let Some((verdict, by)) = self.tested(attribute, file) else { continue };
            let (then, otherwise) = (verdict.then.allowed, verdict.otherwise.allowed);
            self.shown_by.extend(&by);
            match *name {
                "a:if" => {
                    self.shown_where = self.shown_where | then;
                    *before = Shown { allowed: otherwise, by };
                }
                "a:elif" => {
                    self.shown_where = self.shown_where | before.allowed | then;
                    self.shown_by.extend(&before.by);
                    before.allowed = before.allowed | otherwise;
                    before.by.extend(by);
                }
                "hidden" => self.shown_where = self.shown_where | otherwise,
                _ => self.shown_where = self.shown_where | then,
            }
        }
        if element.attribute("a:else").is_some() {
            self.shown_where = self.shown_where | before.allowed;
            self.shown_by.append(&mut before.by);
        }
        outer
    }

    pub(super) fn show_again(&mut self, (allowed, answers): (Consents, usize)) {
        self.shown_where = allowed;
        self.shown_by.truncate(answers);
    }

    /// What a condition says, and the answers that it depends on.
    fn tested(&mut self, attribute: &Attribute, file: u32) -> Option<(Verdict, Vec<u32>)> {
        let [Part::Expression(script)] = attribute.parts.as_slice() else { return None };
        let expr = expression(script)?;
        self.watched = Some(Vec::new());
        self.fixed_place = Some(Place { file, range: attribute.range });
        let verdict = self.test(expr);
        self.fixed_place = None;
        Some((verdict, self.watched.take().unwrap_or_default()))
    }
}
