//! Object and array literals, the arguments of calls, and classes: methods become members of the prototype; fields become small
//! functions that run at construction.

use super::{
    super::ir::{Access, Argument, Class, Expr, ExprKind, Function, Member, Name, Pattern, Property, Stmt},
    Lowering, at, range,
};
use oxc_ast::ast::{self, ClassElement, Expression, MethodDefinitionKind};

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
            let value = match &property.value {
                null @ Expression::NullLiteral(_) => at(null, ExprKind::Null),
                value => self.named_expression(value, Some(name.clone())),
            };
            lowered.push(match property.kind {
                ast::PropertyKind::Init => Property::Named(name, value),
                ast::PropertyKind::Get => Property::Getter(name, value),
                ast::PropertyKind::Set => Property::Setter(name, value),
            });
        }
        lowered
    }

    /// The key, if it is fixed.
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

impl Lowering<'_> {
    pub(super) fn class(&mut self, class: &ast::Class<'_>) -> Class {
        let parent = class.heritage.as_ref().map(|heritage| self.expression(&heritage.expression));
        let mut lowered = Class { parent, constructor: None, members: Vec::new(), fields: Vec::new() };
        for element in &class.body.body {
            match element {
                ClassElement::MethodDefinition(method) => {
                    let Some(name) = self.key_name(&method.key) else { continue };
                    let function = self.ordinary_function(&method.value, Some(name.clone()), true);
                    let access = match method.kind {
                        MethodDefinitionKind::Constructor => {
                            self.parameter_properties(function, &method.value.params);
                            lowered.constructor = Some(function);
                            continue;
                        }
                        MethodDefinitionKind::Method => Access::Plain,
                        MethodDefinitionKind::Get => Access::Getter,
                        MethodDefinitionKind::Set => Access::Setter,
                    };
                    let value = at(&**method, ExprKind::Function(function));
                    lowered.members.push(Member { is_static: method.r#static, access, name, value });
                }
                ClassElement::PropertyDefinition(property) => {
                    let (Some(name), Some(value)) = (self.key_name(&property.key), &property.value) else { continue };
                    if property.r#static {
                        let value = self.named_expression(value, Some(name.clone()));
                        lowered.members.push(Member { is_static: true, access: Access::Plain, name, value });
                    } else {
                        let function = self.field(value, name.clone());
                        lowered.fields.push((name, function));
                    }
                }
                _ => {}
            }
        }
        lowered
    }

    /// `constructor(private user: User)` is TypeScript's short form of `this.user = user`.
    fn parameter_properties(&mut self, constructor: u32, parameters: &ast::FormalParameters<'_>) {
        for parameter in &parameters.items {
            let ast::BindingPattern::BindingIdentifier(identifier) = &parameter.pattern else { continue };
            if parameter.accessibility.is_none() && !parameter.readonly {
                continue;
            }
            let (name, place) = (self.name(identifier.name.as_str()), range(identifier.span));
            let variable = self.declare(&identifier.symbol_id);
            let expr = |kind| Expr { kind, range: place };
            let field = ExprKind::Member(Box::new(expr(ExprKind::This)), name, place);
            let kind = ExprKind::Assign {
                target: Box::new(Pattern::Place(Box::new(expr(field)))),
                value: Box::new(expr(ExprKind::Variable(variable))),
                combine: false,
            };
            self.functions[constructor as usize].body.insert(0, Stmt::Expr(expr(kind)));
        }
    }

    /// A separate function evaluates the field's value, so that `this` in an arrow function is the instance.
    fn field(&mut self, value: &ast::Expression<'_>, name: Name) -> u32 {
        use oxc_span::GetSpan;
        let index = self.functions.len() as u32;
        self.functions.push(Function { name: Some(name.clone()), range: range(value.span()), ..Function::default() });
        let outer = std::mem::replace(&mut self.current, index);
        let value: Expr = self.named_expression(value, Some(name));
        let place = value.range;
        self.functions[index as usize].body = vec![Stmt::Return(Some(value), place)];
        self.current = outer;
        index
    }
}
