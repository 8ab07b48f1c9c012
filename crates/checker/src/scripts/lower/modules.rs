//! `import` and `export`.

use super::{
    super::ir::{ExprKind, Pattern, Stmt},
    Lowering, at, range,
};
use oxc_ast::ast::{self, ExportDefaultDeclarationKind, ImportDeclarationSpecifier, ModuleDeclaration, Statement};
use oxc_syntax::symbol::SymbolId;

impl Lowering<'_> {
    /// Notes what the imported variables stand for, before anything uses them.
    pub(super) fn imports(&mut self, body: &[Statement<'_>]) {
        for statement in body {
            let Statement::ImportDeclaration(import) = statement else { continue };
            if import.import_kind.is_type() {
                continue;
            }
            let request = self.request(import.source.value.as_str());
            for specifier in import.specifiers.iter().flatten() {
                let (local, name) = match specifier {
                    ImportDeclarationSpecifier::ImportSpecifier(named) => {
                        (&named.local, Some(self.name(named.imported.name().as_str())))
                    }
                    ImportDeclarationSpecifier::ImportDefaultSpecifier(named) => {
                        (&named.local, Some(self.name("default")))
                    }
                    ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => (&all.local, None),
                };
                if let Some(symbol) = local.symbol_id.get() {
                    self.imported.insert(symbol, (request, name));
                }
            }
        }
    }

    pub(super) fn module_declaration(&mut self, declaration: &ModuleDeclaration<'_>, into: &mut Vec<Stmt>) {
        match declaration {
            ModuleDeclaration::ImportDeclaration(import) => {
                if !import.import_kind.is_type() {
                    let request = self.request(import.source.value.as_str());
                    into.push(Stmt::Expr(at(&**import, ExprKind::Module(request))));
                }
            }
            ModuleDeclaration::ExportDeclaration(export) => {
                self.declaration(&export.declaration, into);
                for symbol in declared(&export.declaration) {
                    let name = self.scoping.symbol_name(symbol).to_owned();
                    into.push(Stmt::Export(self.name(&name), symbol.index() as u32));
                }
            }
            ModuleDeclaration::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let name = self.name(specifier.exported.name().as_str());
                    let ast::ModuleExportName::IdentifierReference(local) = &specifier.local else { continue };
                    match self.variable(local) {
                        ExprKind::Variable(variable) => into.push(Stmt::Export(name, variable)),
                        ExprKind::Imported(request, imported) => {
                            into.push(Stmt::ExportFrom(request, imported, name));
                        }
                        ExprKind::Module(request) => into.push(Stmt::ExportAll(request, Some(name))),
                        _ => {}
                    }
                }
            }
            ModuleDeclaration::ExportFromDeclaration(export) => {
                let request = self.request(export.source.value.as_str());
                for specifier in &export.specifiers {
                    let local = self.name(specifier.local.name().as_str());
                    let name = self.name(specifier.exported.name().as_str());
                    into.push(Stmt::ExportFrom(request, local, name));
                }
            }
            ModuleDeclaration::ExportAllDeclaration(export) => {
                let request = self.request(export.source.value.as_str());
                let name = export.exported.as_ref().map(|name| self.name(name.name().as_str()));
                into.push(Stmt::ExportAll(request, name));
            }
            ModuleDeclaration::ExportDefaultDeclaration(export) => self.export_default(&export.declaration, into),
            ModuleDeclaration::TSExportAssignment(export) => {
                into.push(Stmt::ExportAssign(self.expression(&export.expression)));
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    fn export_default(&mut self, declaration: &ExportDefaultDeclarationKind<'_>, into: &mut Vec<Stmt>) {
        let name = self.name("default");
        match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => match &function.id {
                Some(id) => {
                    let variable = self.declare(&id.symbol_id);
                    let index = self.ordinary_function(function, None, false);
                    self.functions[self.current as usize].hoisted.push((variable, index));
                    into.push(Stmt::Export(name, variable));
                }
                None => {
                    let index = self.ordinary_function(function, Some(name), false);
                    into.push(Stmt::ExportDefault(at(&**function, ExprKind::Function(index))));
                }
            },
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                // The file itself may use the class by its name, and so may its own methods.
                let own = class.id.as_ref().map(|id| (self.declare(&id.symbol_id), range(id.span)));
                let value = at(&**class, ExprKind::Class(Box::new(self.class(class))));
                match own {
                    Some((variable, place)) => {
                        into.push(Stmt::Declare(Pattern::Variable(variable, place), Some(value)));
                        into.push(Stmt::Export(name, variable));
                    }
                    None => into.push(Stmt::ExportDefault(value)),
                }
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            value => into.push(Stmt::ExportDefault(self.named_expression(value.to_expression(), Some(name)))),
        }
    }
}

fn declared(declaration: &ast::Declaration<'_>) -> Vec<SymbolId> {
    let mut symbols = Vec::new();
    match declaration {
        ast::Declaration::VariableDeclaration(variables) => {
            for declarator in &variables.declarations {
                bound(&declarator.id, &mut symbols);
            }
        }
        ast::Declaration::FunctionDeclaration(function) => {
            symbols.extend(function.id.as_ref().and_then(|id| id.symbol_id.get()));
        }
        ast::Declaration::ClassDeclaration(class) => {
            symbols.extend(class.id.as_ref().and_then(|id| id.symbol_id.get()));
        }
        ast::Declaration::TSEnumDeclaration(declaration) => symbols.extend(declaration.id.symbol_id.get()),
        _ => {}
    }
    symbols
}

fn bound(pattern: &ast::BindingPattern<'_>, symbols: &mut Vec<SymbolId>) {
    match pattern {
        ast::BindingPattern::BindingIdentifier(id) => symbols.extend(id.symbol_id.get()),
        ast::BindingPattern::AssignmentPattern(pattern) => bound(&pattern.left, symbols),
        ast::BindingPattern::ObjectPattern(pattern) => {
            for property in &pattern.properties {
                bound(&property.value, symbols);
            }
            if let Some(rest) = &pattern.rest {
                bound(&rest.argument, symbols);
            }
        }
        ast::BindingPattern::ArrayPattern(pattern) => {
            for element in pattern.elements.iter().flatten() {
                bound(element, symbols);
            }
            if let Some(rest) = &pattern.rest {
                bound(&rest.argument, symbols);
            }
        }
    }
}
