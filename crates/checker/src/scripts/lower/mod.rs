//! Lowers oxc's tree to a [`Script`]. This file handles the top of a script with its `import` and `export`, functions and classes.

mod expressions;
mod frameworks;
mod helpers;
mod literals;
mod packed;
mod statements;

pub(crate) use frameworks::{TARO_APP, TARO_OBJECT, TARO_PAGE};
pub(super) use packed::lower_packed;

use super::ir::{Expr, ExprKind, Function, FunctionIndex, Name, Pattern, Range, Script, Stmt, Variable, VariableIndex};
use oxc_ast::ast::{
    self, ExportDefaultDeclarationKind, IdentifierReference, ImportDeclarationSpecifier, ModuleDeclaration, Statement,
};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;

/// Marks a variable whose declaration was not found: a type, or one that the parser dropped.
const NO_OWNER: FunctionIndex = FunctionIndex::MAX;

/// Lowers a whole file.
pub(super) fn lower_program(program: &ast::Program<'_>, scoping: &Scoping) -> Script {
    let mut lowering = Lowering::new(scoping, program.source_text);
    lowering.script.is_module = program.body.iter().any(ast::Statement::is_module_declaration);
    lowering.script.comments =
        program.comments.iter().map(|comment| Range { start: comment.span.start, end: comment.span.end }).collect();
    lowering.functions[0].range = range(program.span);
    lowering.imports(&program.body);
    let body = lowering.statements(&program.body);
    lowering.functions[0].body = body;
    lowering.finish()
}

/// Lowers a file that consists of one expression: its top level returns the value.
pub(super) fn lower_expression(program: &ast::Program<'_>, scoping: &Scoping) -> Script {
    let mut lowering = Lowering::new(scoping, program.source_text);
    if let Some(ast::Statement::ExpressionStatement(statement)) = program.body.first() {
        let value = lowering.expression(&statement.expression);
        let place = value.range;
        lowering.functions[0].body = vec![Stmt::Return(Some(value), place)];
    }
    lowering.finish()
}

struct Lowering<'s> {
    scoping: &'s Scoping,
    source: &'s str,
    script: Script,
    functions: Vec<Function>,
    current: FunctionIndex,
    /// Variables that refer to imports.
    imported: FxHashMap<SymbolId, (u32, Option<Name>)>,
    /// The variables of this file seen so far, with their place in the list.
    indices: FxHashMap<SymbolId, VariableIndex>,
    /// The parameters that stand for `module`, `exports` and `require` in the function around a packed module.
    packed: [Option<SymbolId>; 3],
    /// The parameters of functions, and variables that only hold a part of one.
    arguments: FxHashSet<SymbolId>,
    /// The names seen so far, each stored once.
    names: FxHashMap<Box<str>, Name>,
}

impl<'s> Lowering<'s> {
    fn new(scoping: &'s Scoping, source: &'s str) -> Self {
        Self {
            scoping,
            source,
            script: Script::default(),
            functions: vec![Function::default()],
            current: 0,
            imported: FxHashMap::default(),
            indices: FxHashMap::default(),
            packed: [None; 3],
            arguments: FxHashSet::default(),
            names: FxHashMap::default(),
        }
    }

    fn finish(self) -> Script {
        Script { functions: self.functions, ..self.script }
    }

    fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.names.insert(text.into(), name.clone());
        name
    }

    fn request(&mut self, specifier: &str) -> u32 {
        let requests = &mut self.script.requests;
        let index = requests.iter().position(|known| &**known == specifier).unwrap_or_else(|| {
            requests.push(specifier.into());
            requests.len() - 1
        });
        index as u32
    }

    /// Assigns a variable its place in the frame of the function being lowered.
    fn declare(&mut self, symbol: &Cell<Option<SymbolId>>) -> VariableIndex {
        let Some(symbol) = symbol.get() else {
            // The parser recovered from an error here: nothing else refers to this variable.
            self.script.variables.push(Variable { name: "".into(), owner: self.current, slot: 0, is_copy: false });
            return (self.script.variables.len() - 1) as VariableIndex;
        };
        let index = self.index_of(symbol) as usize;
        if self.script.variables[index].owner == NO_OWNER {
            let function = &mut self.functions[self.current as usize];
            self.script.variables[index].owner = self.current;
            self.script.variables[index].slot = function.slots;
            function.slots += 1;
        }
        index as VariableIndex
    }

    /// A variable's place in the list.
    fn index_of(&mut self, symbol: SymbolId) -> VariableIndex {
        let variables = &mut self.script.variables;
        *self.indices.entry(symbol).or_insert_with(|| {
            let name = self.scoping.symbol_name(symbol).into();
            variables.push(Variable { name, owner: NO_OWNER, slot: 0, is_copy: false });
            (variables.len() - 1) as VariableIndex
        })
    }

    fn symbol_of(&self, identifier: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()
    }

    fn variable(&mut self, identifier: &IdentifierReference<'_>) -> ExprKind {
        match self.symbol_of(identifier) {
            Some(symbol) => match self.imported.get(&symbol) {
                Some((request, Some(name))) => ExprKind::Imported(*request, name.clone()),
                Some((request, None)) => ExprKind::Module(*request),
                None => match self.packed_name(symbol) {
                    Some(name) => ExprKind::Global(name),
                    None => ExprKind::Variable(self.index_of(symbol)),
                },
            },
            None if identifier.name.as_str() == "undefined" => ExprKind::Undefined,
            None => ExprKind::Global(self.name(identifier.name.as_str())),
        }
    }

    /// Lowers a function with `fill` and returns its index.
    fn function(
        &mut self,
        head: Function,
        parameters: &ast::FormalParameters<'_>,
        itself: Option<&ast::BindingIdentifier<'_>>,
        fill: impl FnOnce(&mut Self) -> Vec<Stmt>,
    ) -> FunctionIndex {
        let index = self.functions.len() as FunctionIndex;
        self.functions.push(head);
        let outer = std::mem::replace(&mut self.current, index);
        if let Some(name) = itself {
            let variable = self.declare(&name.symbol_id);
            self.functions[index as usize].itself = Some(variable);
        }
        let parameters = self.parameters(parameters);
        self.functions[index as usize].parameters = parameters;
        let body = fill(self);
        self.functions[index as usize].body = body;
        self.current = outer;
        index
    }

    fn ordinary_function(
        &mut self,
        function: &ast::Function<'_>,
        name: Option<Name>,
        is_expression: bool,
    ) -> FunctionIndex {
        let own = function.id.as_ref().map(|id| self.name(id.name.as_str()));
        let source = function.span.source_text(self.source);
        let helper = helpers::helper_of(source);
        let head = Function {
            name: own.or(name),
            range: range(function.span),
            helper: helper.or_else(|| frameworks::part_of(source, function.params.items.len())),
            is_async: function.r#async,
            is_generator: function.generator,
            ..Function::default()
        };
        let itself = if is_expression { function.id.as_ref() } else { None };
        self.function(head, &function.params, itself, |lowering| {
            function.body.as_ref().map_or_else(Vec::new, |body| lowering.statements(&body.statements))
        })
    }
}

fn range(span: Span) -> Range {
    Range { start: span.start, end: span.end }
}

fn at(node: &impl GetSpan, kind: ExprKind) -> Expr {
    Expr { kind, range: range(node.span()) }
}

impl Lowering<'_> {
    /// Notes what the imported variables refer to, before anything uses them.
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
                    let (name, variable) = (self.name(&name), self.index_of(symbol));
                    into.push(Stmt::Export(name, variable));
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
                // The file and the class's own methods may both use the class by its name.
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
