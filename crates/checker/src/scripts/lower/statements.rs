//! Statements.

use super::{
    super::ir::{Expr, ExprKind, Pattern, Property, Stmt},
    Lowering, at, range,
};
use oxc_ast::ast::{self, Declaration, Statement};

impl Lowering<'_> {
    pub(super) fn statements(&mut self, statements: &[Statement<'_>]) -> Vec<Stmt> {
        let mut lowered = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement(statement, &mut lowered);
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
            Statement::WithStatement(statement) => self.statement(&statement.body, into),
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
            let value = declarator.init.as_ref().map(|value| self.named_expression(value, name));
            into.push(Stmt::Declare(pattern, value));
        }
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
