//! From oxc's tree to [`Script`].

mod expressions;
mod literals;
mod modules;
mod patterns;
mod statements;

use super::ir::{Expr, ExprKind, Function, FunctionIndex, Name, Range, Script, Stmt, Variable, VariableIndex};
use oxc_ast::ast::{self, IdentifierReference};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// Marks a variable whose declaration was not met: a type, or one that the parser dropped.
const NO_OWNER: FunctionIndex = FunctionIndex::MAX;

/// Lowers a whole file.
pub(super) fn lower_program(program: &ast::Program<'_>, scoping: &Scoping) -> Script {
    let mut lowering = Lowering::new(scoping);
    lowering.script.is_module = program.body.iter().any(ast::Statement::is_module_declaration);
    lowering.script.comments =
        program.comments.iter().map(|comment| Range { start: comment.span.start, end: comment.span.end }).collect();
    lowering.functions[0].range = range(program.span);
    lowering.imports(&program.body);
    let body = lowering.statements(&program.body);
    lowering.functions[0].body = body;
    lowering.finish()
}

/// Lowers a file that is one expression: its top level returns the value.
pub(super) fn lower_expression(program: &ast::Program<'_>, scoping: &Scoping) -> Script {
    let mut lowering = Lowering::new(scoping);
    if let Some(ast::Statement::ExpressionStatement(statement)) = program.body.first() {
        let value = lowering.expression(&statement.expression);
        let place = value.range;
        lowering.functions[0].body = vec![Stmt::Return(Some(value), place)];
    }
    lowering.finish()
}

struct Lowering<'s> {
    scoping: &'s Scoping,
    script: Script,
    functions: Vec<Function>,
    current: FunctionIndex,
    /// Variables that stand for something imported.
    imported: FxHashMap<SymbolId, (u32, Option<Name>)>,
    /// The names given so far, each kept once.
    names: FxHashMap<Box<str>, Name>,
}

impl<'s> Lowering<'s> {
    fn new(scoping: &'s Scoping) -> Self {
        let variables = scoping
            .symbol_ids()
            .map(|symbol| Variable { name: scoping.symbol_name(symbol).into(), owner: NO_OWNER, slot: 0 })
            .collect();
        Self {
            scoping,
            script: Script { variables, ..Script::default() },
            functions: vec![Function::default()],
            current: 0,
            imported: FxHashMap::default(),
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

    /// Gives a variable its place in the frame of the function being lowered.
    fn declare(&mut self, symbol: &Cell<Option<SymbolId>>) -> VariableIndex {
        let Some(symbol) = symbol.get() else {
            // The parser recovered from a fault here: a variable that nothing else names.
            self.script.variables.push(Variable { name: "".into(), owner: self.current, slot: 0 });
            return (self.script.variables.len() - 1) as VariableIndex;
        };
        let index = symbol.index();
        if self.script.variables[index].owner == NO_OWNER {
            let function = &mut self.functions[self.current as usize];
            self.script.variables[index].owner = self.current;
            self.script.variables[index].slot = function.slots;
            function.slots += 1;
        }
        index as VariableIndex
    }

    fn symbol_of(&self, identifier: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()
    }

    fn variable(&mut self, identifier: &IdentifierReference<'_>) -> ExprKind {
        match self.symbol_of(identifier) {
            Some(symbol) => match self.imported.get(&symbol) {
                Some((request, Some(name))) => ExprKind::Imported(*request, name.clone()),
                Some((request, None)) => ExprKind::Module(*request),
                None => ExprKind::Variable(symbol.index() as VariableIndex),
            },
            None if identifier.name.as_str() == "undefined" => ExprKind::Undefined,
            None => ExprKind::Global(self.name(identifier.name.as_str())),
        }
    }

    /// Lowers a function with `fill` and gives its index.
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
        let head = Function {
            name: own.or(name),
            range: range(function.span),
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
