//! Object and array literals, and the arguments of calls.

use super::{
    super::ir::{Argument, ExprKind, Name, Property},
    Lowering, at,
};
use oxc_ast::ast;

impl Lowering<'_> {
    pub(super) fn arguments(&mut self, arguments: &[ast::Argument<'_>]) -> Vec<Argument> {
        let mut lowered = Vec::with_capacity(arguments.len());
        for argument in arguments {
            lowered.push(match argument {
                ast::Argument::SpreadElement(spread) => Argument::Spread(self.expression(&spread.argument)),
                plain => Argument::Plain(self.expression(plain.to_expression())),
            });
        }
        lowered
    }

    pub(super) fn elements(&mut self, elements: &[ast::ArrayExpressionElement<'_>]) -> Vec<Argument> {
        let mut lowered = Vec::with_capacity(elements.len());
        for element in elements {
            lowered.push(match element {
                ast::ArrayExpressionElement::SpreadElement(spread) => {
                    Argument::Spread(self.expression(&spread.argument))
                }
                ast::ArrayExpressionElement::Elision(hole) => Argument::Plain(at(&**hole, ExprKind::Undefined)),
                plain => Argument::Plain(self.expression(plain.to_expression())),
            });
        }
        lowered
    }

    pub(super) fn properties(&mut self, properties: &[ast::ObjectPropertyKind<'_>]) -> Vec<Property> {
        let mut lowered = Vec::with_capacity(properties.len());
        for property in properties {
            let property = match property {
                ast::ObjectPropertyKind::SpreadProperty(spread) => {
                    lowered.push(Property::Spread(self.expression(&spread.argument)));
                    continue;
                }
                ast::ObjectPropertyKind::ObjectProperty(property) => property,
            };
            let Some(name) = self.key_name(&property.key) else {
                let key = property
                    .key
                    .as_expression()
                    .map_or_else(|| at(&property.key, ExprKind::Other), |key| self.expression(key));
                lowered.push(Property::Computed(key, self.expression(&property.value)));
                continue;
            };
            let value = self.named_expression(&property.value, Some(name.clone()));
            lowered.push(match property.kind {
                ast::PropertyKind::Init => Property::Named(name, value),
                ast::PropertyKind::Get => Property::Getter(name, value),
                ast::PropertyKind::Set => Property::Setter(name, value),
            });
        }
        lowered
    }

    /// The key, where it is fixed.
    pub(super) fn key_name(&mut self, key: &ast::PropertyKey<'_>) -> Option<Name> {
        match key {
            ast::PropertyKey::StaticIdentifier(identifier) => Some(self.name(identifier.name.as_str())),
            ast::PropertyKey::PrivateIdentifier(identifier) => Some(self.name(&format!("#{}", identifier.name))),
            ast::PropertyKey::StringLiteral(literal) => Some(self.name(literal.value.as_str())),
            ast::PropertyKey::NumericLiteral(literal) => Some(self.name(&literal.value.to_string())),
            _ => None,
        }
    }
}
