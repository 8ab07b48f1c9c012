//! Statements, and patterns: declarations, destructuring and assignment targets.

use super::{
    super::ir::{Argument, Expr, ExprKind, Key, Pattern, Property, Stmt, VariableIndex},
    Lowering, at, bound, range,
};
use oxc_ast::ast::{self, AssignmentTarget, BindingPattern, Declaration, Statement};

impl Lowering<'_> {
    pub(super) fn statements(&mut self, statements: &[Statement<'_>]) -> Vec<Stmt> {
        let mut lowered = Vec::with_capacity(statements.len());
        for statement in statements {
            if self.current != 0 || !self.run_chunk(statement, &mut lowered) {
                self.statement(statement, &mut lowered);
            }
        }
        lowered
    }

    fn block(&mut self, statement: &Statement<'_>) -> Vec<Stmt> {
        let mut lowered = Vec::new();
        self.statement(statement, &mut lowered);
        lowered
    }

    pub(super) fn statement(&mut self, statement: &Statement<'_>, into: &mut Vec<Stmt>) {
        if let Some(declaration) = statement.as_declaration() {
            return self.declaration(declaration, into);
        }
        if let Some(module) = statement.as_module_declaration() {
            return self.module_declaration(module, into);
        }
        match statement {
            Statement::BlockStatement(block) => into.push(Stmt::Block(self.statements(&block.body))),
            Statement::BreakStatement(_) | Statement::ContinueStatement(_) => into.push(Stmt::Leave),
            Statement::ExpressionStatement(statement) => into.push(Stmt::Expr(self.expression(&statement.expression))),
            Statement::IfStatement(statement) => {
                let test = self.expression(&statement.test);
                let then = self.block(&statement.consequent);
                let otherwise = statement.alternate.as_ref().map_or_else(Vec::new, |other| self.block(other));
                into.push(Stmt::If(test, then, otherwise));
            }
            Statement::WhileStatement(statement) => {
                let test = self.expression(&statement.test);
                into.push(Stmt::Loop(Vec::new(), Some(test), self.block(&statement.body)));
            }
            Statement::DoWhileStatement(statement) => {
                let body = self.block(&statement.body);
                let test = self.expression(&statement.test);
                into.push(Stmt::Loop(Vec::new(), None, body));
                into.push(Stmt::Expr(test));
            }
            Statement::ForStatement(statement) => self.for_statement(statement, into),
            Statement::ForInStatement(statement) => {
                let pattern = self.loop_variable(&statement.left);
                let values = self.expression(&statement.right);
                into.push(Stmt::Each { pattern, values, keys: true, body: self.block(&statement.body) });
            }
            Statement::ForOfStatement(statement) => {
                let pattern = self.loop_variable(&statement.left);
                let mut values = self.expression(&statement.right);
                if statement.r#await {
                    let place = values.range;
                    values = Expr { kind: ExprKind::Await(Box::new(values)), range: place };
                }
                into.push(Stmt::Each { pattern, values, keys: false, body: self.block(&statement.body) });
            }
            Statement::LabeledStatement(statement) => self.statement(&statement.body, into),
            Statement::ReturnStatement(statement) => {
                let value = statement.argument.as_ref().map(|value| self.expression(value));
                into.push(Stmt::Return(value, range(statement.span)));
            }
            Statement::SwitchStatement(statement) => {
                let value = self.expression(&statement.discriminant);
                let mut cases = Vec::with_capacity(statement.cases.len());
                for case in &statement.cases {
                    let test = case.test.as_ref().map(|test| self.expression(test));
                    cases.push((test, self.statements(&case.consequent)));
                }
                into.push(Stmt::Switch(value, cases));
            }
            Statement::ThrowStatement(statement) => into.push(Stmt::Throw(self.expression(&statement.argument))),
            Statement::TryStatement(statement) => {
                let block = self.statements(&statement.block.body);
                let handler = statement.handler.as_ref().map(|handler| {
                    let pattern = handler.param.as_ref().map(|parameter| self.binding(&parameter.pattern));
                    (pattern, self.statements(&handler.body.body))
                });
                let last = statement.finalizer.as_ref().map_or_else(Vec::new, |block| self.statements(&block.body));
                into.push(Stmt::Try(block, handler, last));
            }
            Statement::WithStatement(statement) => {
                let callee = at(&**statement, ExprKind::Global(self.name("with")));
                let object = Argument::Plain(self.expression(&statement.object));
                into.push(Stmt::Expr(at(&**statement, ExprKind::Call(Box::new(callee), vec![object]))));
                self.statement(&statement.body, into);
            }
            _ => {}
        }
    }

    fn for_statement(&mut self, statement: &ast::ForStatement<'_>, into: &mut Vec<Stmt>) {
        let mut first = Vec::new();
        match &statement.init {
            Some(ast::ForStatementInit::VariableDeclaration(declaration)) => self.variables(declaration, &mut first),
            Some(init) => first.push(Stmt::Expr(self.expression(init.to_expression()))),
            None => {}
        }
        let test = statement.test.as_ref().map(|test| self.expression(test));
        let mut body = self.block(&statement.body);
        if let Some(update) = &statement.update {
            body.push(Stmt::Expr(self.expression(update)));
        }
        into.push(Stmt::Loop(first, test, body));
    }

    fn loop_variable(&mut self, left: &ast::ForStatementLeft<'_>) -> Pattern {
        match left {
            ast::ForStatementLeft::VariableDeclaration(declaration) => match declaration.declarations.first() {
                Some(declarator) => self.binding(&declarator.id),
                None => Pattern::Array(Vec::new()),
            },
            target => self.target(target.to_assignment_target()),
        }
    }

    pub(super) fn declaration(&mut self, declaration: &Declaration<'_>, into: &mut Vec<Stmt>) {
        match declaration {
            Declaration::VariableDeclaration(declaration) => self.variables(declaration, into),
            Declaration::FunctionDeclaration(function) => {
                let Some(id) = function.id.as_ref().filter(|_| function.body.is_some()) else { return };
                let variable = self.declare(&id.symbol_id);
                let index = self.ordinary_function(function, None, false);
                self.functions[self.current as usize].hoisted.push((variable, index));
            }
            Declaration::ClassDeclaration(class) => {
                let Some(id) = &class.id else { return };
                let pattern = Pattern::Variable(self.declare(&id.symbol_id), range(id.span));
                let kind = ExprKind::Class(Box::new(self.class(class)));
                into.push(Stmt::Declare(pattern, Some(at(&**class, kind))));
            }
            Declaration::TSEnumDeclaration(declaration) => self.enumeration(declaration, into),
            Declaration::TSImportEqualsDeclaration(import) => {
                if let ast::TSModuleReference::ExternalModuleReference(module) = &import.module_reference {
                    let pattern = Pattern::Variable(self.declare(&import.id.symbol_id), range(import.id.span));
                    let request = self.request(module.expression.value.as_str());
                    into.push(Stmt::Declare(pattern, Some(at(&**import, ExprKind::Module(request)))));
                }
            }
            _ => {}
        }
    }

    pub(super) fn variables(&mut self, declaration: &ast::VariableDeclaration<'_>, into: &mut Vec<Stmt>) {
        if declaration.declare {
            return;
        }
        for declarator in &declaration.declarations {
            let pattern = self.binding(&declarator.id);
            let name = match &declarator.id {
                ast::BindingPattern::BindingIdentifier(id) => Some(self.name(id.name.as_str())),
                _ => None,
            };
            if let (Pattern::Variable(variable, _), Some(value)) = (&pattern, &declarator.init) {
                self.note_copy(*variable, &declarator.id, value);
            }
            let value = declarator.init.as_ref().map(|value| self.named_expression(value, name));
            into.push(Stmt::Declare(pattern, value));
        }
    }

    /// `const scope = options.scope`, where `options` is an argument: see [`super::super::ir::Variable::is_copy`].
    fn note_copy(&mut self, variable: VariableIndex, id: &BindingPattern<'_>, value: &ast::Expression<'_>) {
        let BindingPattern::BindingIdentifier(id) = id else { return };
        let Some(symbol) = id.symbol_id.get().filter(|symbol| !self.scoping.symbol_is_mutated(*symbol)) else { return };
        if self.is_part_of_argument(value) || is_defaulted(value) {
            self.arguments.insert(symbol);
            self.script.variables[variable as usize].is_copy = true;
        }
    }

    fn is_part_of_argument(&self, value: &ast::Expression<'_>) -> bool {
        let Some(member) = value.as_member_expression() else { return false };
        let mut object = member.object();
        while let Some(inner) = object.as_member_expression() {
            object = inner.object();
        }
        let ast::Expression::Identifier(root) = object else { return false };
        self.symbol_of(root).is_some_and(|symbol| self.arguments.contains(&symbol))
    }

    fn enumeration(&mut self, declaration: &ast::TSEnumDeclaration<'_>, into: &mut Vec<Stmt>) {
        let pattern = Pattern::Variable(self.declare(&declaration.id.symbol_id), range(declaration.id.span));
        let mut members = Vec::new();
        for member in &declaration.body.members {
            let name = match &member.id {
                ast::TSEnumMemberName::Identifier(id) => self.name(id.name.as_str()),
                ast::TSEnumMemberName::String(text) | ast::TSEnumMemberName::ComputedString(text) => {
                    self.name(text.value.as_str())
                }
                ast::TSEnumMemberName::ComputedTemplateString(_) => continue,
            };
            let value = member.initializer.as_ref().map(|value| self.expression(value));
            members.push(Property::Named(name, value.unwrap_or_else(|| at(member, ExprKind::Other))));
        }
        into.push(Stmt::Declare(pattern, Some(at(declaration, ExprKind::Object(members)))));
    }
}

impl Lowering<'_> {
    pub(super) fn parameters(&mut self, parameters: &ast::FormalParameters<'_>) -> Vec<Pattern> {
        let mut lowered = Vec::with_capacity(parameters.items.len());
        for parameter in &parameters.items {
            let mut symbols = Vec::new();
            bound(&parameter.pattern, &mut symbols);
            self.arguments.extend(symbols);
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

/// `arguments.length > 0 && arguments[0] !== undefined ? arguments[0] : {}`: a parameter with a default, as Babel compiles it to ES5.
fn is_defaulted(value: &ast::Expression<'_>) -> bool {
    let ast::Expression::ConditionalExpression(choice) = value else { return false };
    let object = choice.consequent.as_member_expression().map(|member| member.object());
    matches!(object, Some(ast::Expression::Identifier(name)) if name.name == "arguments")
}
