//! What values are bound to: declarations, parameters and assignment targets.

use super::{
    super::ir::{Expr, ExprKind, Key, Pattern},
    Lowering, at, range,
};
use oxc_ast::ast::{self, AssignmentTarget, BindingPattern};

impl Lowering<'_> {
    pub(super) fn parameters(&mut self, parameters: &ast::FormalParameters<'_>) -> Vec<Pattern> {
        let mut lowered = Vec::with_capacity(parameters.items.len());
        for parameter in &parameters.items {
            let pattern = self.binding(&parameter.pattern);
            lowered.push(match &parameter.initializer {
                Some(value) => Pattern::Default(Box::new(pattern), Box::new(self.expression(value))),
                None => pattern,
            });
        }
        if let Some(rest) = &parameters.rest {
            lowered.push(Pattern::Rest(Box::new(self.binding(&rest.rest.argument))));
        }
        lowered
    }

    pub(super) fn binding(&mut self, pattern: &BindingPattern<'_>) -> Pattern {
        match pattern {
            BindingPattern::BindingIdentifier(identifier) => {
                Pattern::Variable(self.declare(&identifier.symbol_id), range(identifier.span))
            }
            BindingPattern::AssignmentPattern(pattern) => {
                let inner = self.binding(&pattern.left);
                Pattern::Default(Box::new(inner), Box::new(self.expression(&pattern.right)))
            }
            BindingPattern::ObjectPattern(pattern) => {
                let mut entries = Vec::with_capacity(pattern.properties.len());
                for property in &pattern.properties {
                    let key = self.pattern_key(&property.key, property.shorthand);
                    entries.push((key, self.binding(&property.value)));
                }
                let rest = pattern.rest.as_ref().map(|rest| Box::new(self.binding(&rest.argument)));
                Pattern::Object(entries, rest)
            }
            BindingPattern::ArrayPattern(pattern) => {
                let mut items = Vec::with_capacity(pattern.elements.len());
                for element in &pattern.elements {
                    items.push(element.as_ref().map(|element| self.binding(element)));
                }
                if let Some(rest) = &pattern.rest {
                    items.push(Some(Pattern::Rest(Box::new(self.binding(&rest.argument)))));
                }
                Pattern::Array(items)
            }
        }
    }

    fn pattern_key(&mut self, key: &ast::PropertyKey<'_>, shorthand: bool) -> Key {
        use oxc_span::GetSpan;
        match self.key_name(key) {
            Some(name) => Key::Name(name, range(key.span()), shorthand),
            None => {
                Key::Computed(key.as_expression().map_or_else(|| at(key, ExprKind::Other), |key| self.expression(key)))
            }
        }
    }

    pub(super) fn target(&mut self, target: &AssignmentTarget<'_>) -> Pattern {
        match target {
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    items.push(element.as_ref().map(|element| self.target_or_default(element)));
                }
                if let Some(rest) = &array.rest {
                    items.push(Some(Pattern::Rest(Box::new(self.target(&rest.target)))));
                }
                Pattern::Array(items)
            }
            AssignmentTarget::ObjectAssignmentTarget(object) => self.object_target(object),
            simple => self
                .simple_target(simple.to_simple_assignment_target())
                .unwrap_or_else(|| Pattern::Place(Box::new(at(target, ExprKind::Other)))),
        }
    }

    fn object_target(&mut self, object: &ast::ObjectAssignmentTarget<'_>) -> Pattern {
        let mut entries = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                ast::AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                    let name = self.name(property.binding.name.as_str());
                    let pattern = self.variable_target(&property.binding);
                    let pattern = match &property.init {
                        Some(value) => Pattern::Default(Box::new(pattern), Box::new(self.expression(value))),
                        None => pattern,
                    };
                    entries.push((Key::Name(name, range(property.binding.span), true), pattern));
                }
                ast::AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                    let key = self.pattern_key(&property.name, false);
                    entries.push((key, self.target_or_default(&property.binding)));
                }
            }
        }
        let rest = object.rest.as_ref().map(|rest| Box::new(self.target(&rest.target)));
        Pattern::Object(entries, rest)
    }

    fn target_or_default(&mut self, target: &ast::AssignmentTargetMaybeDefault<'_>) -> Pattern {
        match target {
            ast::AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(target) => {
                let inner = self.target(&target.binding);
                Pattern::Default(Box::new(inner), Box::new(self.expression(&target.init)))
            }
            plain => self.target(plain.to_assignment_target()),
        }
    }

    pub(super) fn simple_target(&mut self, target: &ast::SimpleAssignmentTarget<'_>) -> Option<Pattern> {
        if let ast::SimpleAssignmentTarget::AssignmentTargetIdentifier(identifier) = target {
            return Some(self.variable_target(identifier));
        }
        let place = match target.as_member_expression() {
            Some(member) => {
                let kind = self.member(member);
                at(target, kind)
            }
            None => self.expression(target.get_expression()?),
        };
        Some(place_of(place))
    }

    fn variable_target(&mut self, identifier: &ast::IdentifierReference<'_>) -> Pattern {
        let kind = self.variable(identifier);
        place_of(at(identifier, kind))
    }
}

fn place_of(place: Expr) -> Pattern {
    match place.kind {
        ExprKind::Variable(variable) => Pattern::Variable(variable, place.range),
        ExprKind::Global(name) => Pattern::Global(name),
        _ => Pattern::Place(Box::new(place)),
    }
}
