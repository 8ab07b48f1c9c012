//! Expressions.

use super::{
    super::ir::{Argument, Expr, ExprKind, Function, Name, Pattern, Stmt},
    Lowering, at, frameworks, range,
};
use oxc_ast::ast::{self, BinaryOperator, Expression, LogicalOperator, UnaryOperator};
use oxc_span::GetSpan;

impl Lowering<'_> {
    pub(super) fn expression(&mut self, expression: &Expression<'_>) -> Expr {
        let kind = self.kind(expression, None);
        at(expression, kind)
    }

    /// An expression that is assigned to something with that name.
    pub(super) fn named_expression(&mut self, expression: &Expression<'_>, name: Option<Name>) -> Expr {
        let kind = self.kind(expression, name);
        at(expression, kind)
    }

    fn boxed(&mut self, expression: &Expression<'_>) -> Box<Expr> {
        Box::new(self.expression(expression))
    }

    fn kind(&mut self, expression: &Expression<'_>, name: Option<Name>) -> ExprKind {
        if let Some(member) = expression.as_member_expression() {
            return self.member(member);
        }
        match expression {
            Expression::StringLiteral(literal) => self.text(literal.value.as_str(), range(literal.span)),
            Expression::NumericLiteral(literal) => {
                if self.is_run_of_chunk() {
                    self.request(&literal.value.to_string());
                }
                whole_number(literal.value)
            }
            Expression::BooleanLiteral(literal) => ExprKind::Truth(literal.value),
            Expression::TemplateLiteral(template) => self.template(template),
            Expression::Identifier(identifier) => self.variable(identifier),
            Expression::ThisExpression(_) => ExprKind::This,
            Expression::Super(_) => ExprKind::Super,
            Expression::ArrayExpression(array) => ExprKind::Array(self.elements(&array.elements)),
            Expression::ObjectExpression(object) => match frameworks::object_of(names_of(object)) {
                Some(known) => ExprKind::Global(self.name(known)),
                None => ExprKind::Object(self.properties(&object.properties)),
            },
            Expression::ArrowFunctionExpression(arrow) => self.arrow(arrow, name),
            Expression::FunctionExpression(function) => {
                ExprKind::Function(self.ordinary_function(function, name, true))
            }
            Expression::ClassExpression(class) => ExprKind::Class(Box::new(self.class(class))),
            Expression::AssignmentExpression(assignment) => self.assignment(assignment),
            Expression::AwaitExpression(awaited) => ExprKind::Await(self.boxed(&awaited.argument)),
            Expression::YieldExpression(yielded) => match &yielded.argument {
                Some(argument) => ExprKind::Yield(self.boxed(argument)),
                None => ExprKind::Undefined,
            },
            Expression::BinaryExpression(binary) => self.binary(binary),
            Expression::LogicalExpression(logical) => {
                let left = self.boxed(&logical.left);
                // `var __awaiter = (this && this.__awaiter) || function () {}`
                let right = Box::new(self.named_expression(&logical.right, name));
                match logical.operator {
                    LogicalOperator::And => ExprKind::And(left, right),
                    LogicalOperator::Or | LogicalOperator::Coalesce => ExprKind::Or(left, right),
                }
            }
            Expression::ConditionalExpression(choice) => ExprKind::Choose(
                self.boxed(&choice.test),
                self.boxed(&choice.consequent),
                self.boxed(&choice.alternate),
            ),
            Expression::CallExpression(call) => self.call(call),
            Expression::ChainExpression(chain) => match &chain.expression {
                ast::ChainElement::CallExpression(call) => self.call(call),
                ast::ChainElement::TSNonNullExpression(inner) => self.kind(&inner.expression, name),
                element => element.as_member_expression().map_or(ExprKind::Other, |member| self.member(member)),
            },
            Expression::NewExpression(new) => ExprKind::New(self.callee(&new.callee), self.arguments(&new.arguments)),
            Expression::ImportExpression(import) => ExprKind::Import(self.boxed(&import.source)),
            Expression::ParenthesizedExpression(inner) => self.kind(&inner.expression, name),
            Expression::SequenceExpression(sequence) => {
                ExprKind::Sequence(sequence.expressions.iter().map(|item| self.expression(item)).collect())
            }
            Expression::TaggedTemplateExpression(tagged) => {
                let tag = self.boxed(&tagged.tag);
                let mut arguments = vec![Argument::Plain(at(&tagged.quasi, ExprKind::Other))];
                let values = tagged.quasi.expressions.iter().map(|item| Argument::Plain(self.expression(item)));
                arguments.extend(values);
                ExprKind::Call(tag, arguments)
            }
            Expression::UnaryExpression(unary) => self.unary(unary),
            Expression::UpdateExpression(update) => match self.simple_target(&update.argument) {
                Some(target) => ExprKind::Assign {
                    target: Box::new(target),
                    value: Box::new(at(&update.argument, ExprKind::Other)),
                    combine: true,
                },
                None => ExprKind::Other,
            },
            Expression::TSAsExpression(inner) => self.kind(&inner.expression, name),
            Expression::TSSatisfiesExpression(inner) => self.kind(&inner.expression, name),
            Expression::TSTypeAssertion(inner) => self.kind(&inner.expression, name),
            Expression::TSNonNullExpression(inner) => self.kind(&inner.expression, name),
            Expression::TSInstantiationExpression(inner) => self.kind(&inner.expression, name),
            _ => ExprKind::Other,
        }
    }

    pub(super) fn text(&mut self, text: &str, place: super::Range) -> ExprKind {
        if self.is_run_of_chunk() {
            self.request(text);
        }
        let name = self.name(text);
        self.script.strings.push((name.clone(), place));
        ExprKind::Text(name)
    }

    fn template(&mut self, template: &ast::TemplateLiteral<'_>) -> ExprKind {
        let mut parts = Vec::new();
        for (place, quasi) in template.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str());
            if !text.is_empty() || template.expressions.is_empty() {
                let kind = self.text(text, range(quasi.span));
                parts.push(at(quasi, kind));
            }
            if let Some(expression) = template.expressions.get(place) {
                parts.push(self.expression(expression));
            }
        }
        if parts.len() == 1 && template.expressions.is_empty() { parts.remove(0).kind } else { ExprKind::Concat(parts) }
    }

    /// A long sum is a tree that leans to the left. A loop walks it, so that a thousand lines of `+` do not recurse.
    fn binary(&mut self, binary: &ast::BinaryExpression<'_>) -> ExprKind {
        if binary.operator != BinaryOperator::Addition {
            let (left, right) = (self.expression(&binary.left), self.expression(&binary.right));
            return match binary.operator {
                BinaryOperator::Equality | BinaryOperator::StrictEquality => {
                    ExprKind::Equal { left: Box::new(left), right: Box::new(right), negated: false }
                }
                BinaryOperator::Inequality | BinaryOperator::StrictInequality => {
                    ExprKind::Equal { left: Box::new(left), right: Box::new(right), negated: true }
                }
                operator if operator.is_arithmetic() || operator.is_bitwise() => ExprKind::Mix(vec![left, right]),
                _ => ExprKind::Drop(vec![left, right]),
            };
        }
        let mut parts = vec![self.expression(&binary.right)];
        let mut left = &binary.left;
        loop {
            match left.without_parentheses() {
                Expression::BinaryExpression(inner) if inner.operator == BinaryOperator::Addition => {
                    parts.push(self.expression(&inner.right));
                    left = &inner.left;
                }
                _ => break,
            }
        }
        parts.push(self.expression(left));
        parts.reverse();
        self.joined_text(parts, range(binary.span))
    }

    /// A sum of only strings becomes one string, because keys are often written over several lines.
    fn joined_text(&mut self, parts: Vec<Expr>, place: super::Range) -> ExprKind {
        let mut joined = String::new();
        for part in &parts {
            let ExprKind::Text(text) = &part.kind else {
                return ExprKind::Concat(parts);
            };
            joined.push_str(text);
        }
        self.text(&joined, place)
    }

    fn unary(&mut self, unary: &ast::UnaryExpression<'_>) -> ExprKind {
        match unary.operator {
            UnaryOperator::LogicalNot => ExprKind::Not(self.boxed(&unary.argument)),
            UnaryOperator::Void => {
                let argument = self.expression(&unary.argument);
                if matches!(argument.kind, ExprKind::Number(_)) {
                    return ExprKind::Undefined;
                }
                ExprKind::Sequence(vec![argument, at(unary, ExprKind::Undefined)])
            }
            UnaryOperator::Typeof => ExprKind::Drop(vec![self.expression(&unary.argument)]),
            UnaryOperator::Delete => match unary.argument.as_member_expression() {
                Some(member) => {
                    let kind = self.member(member);
                    let place = Box::new(at(unary, kind));
                    let value = Box::new(at(unary, ExprKind::Undefined));
                    let target = Box::new(super::super::ir::Pattern::Place(place));
                    ExprKind::Assign { target, value, combine: false }
                }
                None => ExprKind::Other,
            },
            _ => ExprKind::Mix(vec![self.expression(&unary.argument)]),
        }
    }

    pub(super) fn member(&mut self, member: &ast::MemberExpression<'_>) -> ExprKind {
        match member {
            ast::MemberExpression::StaticMemberExpression(member) => {
                let object = self.boxed(&member.object);
                ExprKind::Member(object, self.name(member.property.name.as_str()), range(member.property.span))
            }
            ast::MemberExpression::PrivateFieldExpression(member) => {
                let object = self.boxed(&member.object);
                let name = format!("#{}", member.field.name);
                ExprKind::Member(object, self.name(&name), range(member.field.span))
            }
            ast::MemberExpression::ComputedMemberExpression(member) => {
                let object = self.boxed(&member.object);
                match member.expression.without_parentheses() {
                    Expression::StringLiteral(literal) => {
                        ExprKind::Member(object, self.name(literal.value.as_str()), range(literal.span))
                    }
                    key => ExprKind::Index(object, self.boxed(key)),
                }
            }
        }
    }

    fn call(&mut self, call: &ast::CallExpression<'_>) -> ExprKind {
        if let Some(request) = self.packed_request(call) {
            return request;
        }
        if let Some(missing) = self.missing_module(call) {
            return missing;
        }
        if let (Some("require"), Some(specifier)) = (call.callee_name(), only_text(&call.arguments))
            && call.callee.is_specific_id("require")
        {
            return ExprKind::Module(self.request(specifier));
        }
        if let Some(name) = only_text(&call.arguments).filter(|_| call.callee.is_specific_id("requirePlugin")) {
            let request = if name.contains("://") { name.to_owned() } else { format!("plugin://{name}") };
            return ExprKind::Module(self.request(&request));
        }
        let callee = self.callee(&call.callee);
        ExprKind::Call(callee, self.arguments(&call.arguments))
    }

    /// The callee. A call of `Function` is distinguished from the mere name, which is also the type of a component's property.
    fn callee(&mut self, callee: &Expression<'_>) -> Box<Expr> {
        match self.boxed(callee) {
            known if matches!(&known.kind, ExprKind::Global(name) if &**name == "Function") => {
                Box::new(Expr { kind: ExprKind::Global(self.name("Function()")), ..*known })
            }
            callee => callee,
        }
    }

    /// `(function () { throw new Error("Cannot find module 'x'") })()`, which webpack writes where it did not find a module.
    pub(super) fn missing_module(&mut self, call: &ast::CallExpression<'_>) -> Option<ExprKind> {
        let Expression::FunctionExpression(function) = call.callee.without_parentheses() else { return None };
        let text = function.span.source_text(self.source);
        let (_, rest) = text.split_once("Error(")?;
        let name = missing_name(rest.get(1..)?.split(['"', '`']).next()?)?;
        if text.len() > MAX_MISSING_LENGTH || !function.params.items.is_empty() || !text.contains("MODULE_NOT_FOUND") {
            return None;
        }
        let name = self.name(name);
        if !self.script.missing.contains(&name) {
            self.script.missing.push(name.clone());
        }
        Some(ExprKind::Module(self.request(&name)))
    }

    fn arrow(&mut self, arrow: &ast::ArrowFunctionExpression<'_>, name: Option<Name>) -> ExprKind {
        let head =
            Function { name, range: range(arrow.span), is_async: arrow.r#async, is_arrow: true, ..Function::default() };
        ExprKind::Function(self.function(head, &arrow.params, None, |lowering| match &arrow.body {
            ast::ArrowFunctionBody::FunctionBody(body) => lowering.statements(&body.statements),
            body => {
                let value = lowering.expression(body.to_expression());
                vec![Stmt::Return(Some(value), range(body.span()))]
            }
        }))
    }

    fn assignment(&mut self, assignment: &ast::AssignmentExpression<'_>) -> ExprKind {
        if let Some(kind) = self.configuration(assignment) {
            return kind;
        }
        let target = self.target(&assignment.left);
        self.script.writes_globals |= is_global(&target);
        let name = match &assignment.left {
            ast::AssignmentTarget::AssignmentTargetIdentifier(identifier) => Some(identifier.name.as_str()),
            ast::AssignmentTarget::StaticMemberExpression(member) => Some(member.property.name.as_str()),
            _ => None,
        };
        let name = name.map(|name| self.name(name));
        let value = Box::new(self.named_expression(&assignment.right, name));
        let combine = !assignment.operator.is_assign();
        ExprKind::Assign { target: Box::new(target), value, combine }
    }

    /// `framework.config = { ... }`: an object that receives a framework's configuration is treated as the framework from here on.
    fn configuration(&mut self, assignment: &ast::AssignmentExpression<'_>) -> Option<ExprKind> {
        let ast::AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { return None };
        let (Expression::Identifier(framework), Expression::ObjectExpression(fields)) =
            (&member.object, &assignment.right)
        else {
            return None;
        };
        let known = frameworks::configured_by(names_of(fields)).filter(|_| member.property.name == "config")?;
        let ExprKind::Variable(variable) = self.variable(framework) else { return None };
        let target = Box::new(Pattern::Variable(variable, range(framework.span)));
        let value = Box::new(at(assignment, ExprKind::Global(self.name(known))));
        Some(ExprKind::Assign { target, value, combine: false })
    }
}

/// The names of an object literal's fields.
fn names_of<'e>(object: &'e ast::ObjectExpression<'_>) -> impl Iterator<Item = &'e str> + Clone {
    object.properties.iter().filter_map(|property| match property {
        ast::ObjectPropertyKind::ObjectProperty(property) => match &property.key {
            ast::PropertyKey::StaticIdentifier(id) => Some(id.name.as_str()),
            ast::PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
            _ => None,
        },
        ast::ObjectPropertyKind::SpreadProperty(_) => None,
    })
}

/// Whether other scripts can see what is assigned: `shared = value`, `my.shared = value`.
fn is_global(target: &Pattern) -> bool {
    let is_others = |name: &str| !matches!(name, "module" | "exports" | "arguments");
    match target {
        Pattern::Global(name) => is_others(name),
        Pattern::Place(place) => match &place.kind {
            ExprKind::Member(object, ..) | ExprKind::Index(object, _) => {
                matches!(&object.kind, ExprKind::Global(name) if is_others(name))
            }
            _ => false,
        },
        _ => false,
    }
}

/// The longest code that webpack writes for a missing module, with room for its name.
const MAX_MISSING_LENGTH: usize = 500;

/// The module's name in `Cannot find module 'x'`.
fn missing_name(text: &str) -> Option<&str> {
    text.strip_prefix("Cannot find module '")?.strip_suffix('\'').filter(|name| !name.is_empty())
}

fn whole_number(value: f64) -> ExprKind {
    if value.fract() == 0.0 && (0.0..1e9).contains(&value) { ExprKind::Number(value as u32) } else { ExprKind::Other }
}

fn only_text<'a>(arguments: &'a [ast::Argument<'_>]) -> Option<&'a str> {
    match arguments {
        [ast::Argument::StringLiteral(literal)] => Some(literal.value.as_str()),
        [ast::Argument::TemplateLiteral(template)] if template.expressions.is_empty() => {
            template.quasis.first()?.value.cooked.as_ref().map(|text| text.as_str())
        }
        _ => None,
    }
}
