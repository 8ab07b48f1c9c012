//! Webpack's chunks: `(my.webpackJsonp = my.webpackJsonp || []).push([names, { id: function (module, exports, require) {} }, entries])`.
//! Each function in a chunk is a module and is lowered like a separate file.

use super::{
    super::ir::{ExprKind, Name, Packed, Script, Stmt},
    Lowering, at, range,
};
use oxc_ast::ast::{self, Expression, Statement};
use oxc_semantic::Scoping;
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolId;

/// A module's function in a chunk.
struct Entry<'p, 'a> {
    id: String,
    parameters: &'p ast::FormalParameters<'a>,
    body: &'p ast::FunctionBody<'a>,
}

impl Entry<'_, '_> {
    /// Whether webpack could have given this id: a number or a path. Other tables of functions are objects with methods.
    fn is_packed(&self) -> bool {
        let is_number = self.id.bytes().all(|byte| byte.is_ascii_digit());
        self.parameters.items.len() <= 3 && (is_number || self.id.contains('/'))
    }
}

/// A chunk: its modules and its entries.
struct Chunk<'p, 'a> {
    modules: Vec<Entry<'p, 'a>>,
    runs: Vec<String>,
}

/// Lowers the modules of every chunk in a file.
pub(in crate::scripts) fn lower_packed(program: &ast::Program<'_>, scoping: &Scoping) -> Vec<Packed> {
    let chunks = program.body.iter().flat_map(expressions_of).filter_map(chunk_of);
    let modules = chunks.flat_map(|chunk| chunk.modules);
    let mut end = 0;
    let lowered = modules.map(|entry| {
        let before = program.source_text.get(end..entry.parameters.span.start as usize).unwrap_or_default();
        end = entry.body.span.end as usize;
        lower_entry(&entry, path_of(before, &entry.id), Lowering::new(scoping, program.source_text))
    });
    lowered.collect()
}

/// The file that a module was made from: webpack writes `!*** ./file.js ***!` before it, or uses the path as its id.
fn path_of(before: &str, id: &str) -> Option<Name> {
    let named = before.rsplit_once("!*** ").and_then(|(_, rest)| rest.split_once(" ***!"));
    let path = named.map(|(path, _)| path.trim()).or_else(|| id.contains('/').then_some(id))?;
    // The path follows the names of webpack's loaders.
    path.rsplit('!').next().map(Name::from)
}

fn lower_entry(entry: &Entry<'_, '_>, path: Option<Name>, mut lowering: Lowering<'_>) -> Packed {
    let symbol = |place: usize| match &entry.parameters.items.get(place)?.pattern {
        ast::BindingPattern::BindingIdentifier(id) => id.symbol_id.get(),
        _ => None,
    };
    let names = if entry.id.starts_with(RUNS) { [None, None, symbol(0)] } else { [symbol(0), symbol(1), symbol(2)] };
    lowering.packed = names;
    lowering.functions[0].range = range(entry.body.span);
    let body = lowering.statements(&entry.body.statements);
    lowering.functions[0].body = body;
    let script: Script = lowering.finish();
    Packed { id: entry.id.as_str().into(), path, script }
}

/// The prefix of the ids made up for a chunk's entries that are functions.
const RUNS: &str = "(runs at ";

impl Lowering<'_> {
    /// Lowers a statement that holds chunks: of each chunk, only the entries run. Returns whether there was one.
    pub(super) fn run_chunk(&mut self, statement: &Statement<'_>, into: &mut Vec<Stmt>) -> bool {
        let parts: Vec<_> = expressions_of(statement).into_iter().map(|part| (part, chunk_of(part))).collect();
        if parts.iter().all(|(_, chunk)| chunk.is_none()) {
            return false;
        }
        for (part, chunk) in parts {
            let Some(chunk) = chunk else {
                into.push(Stmt::Expr(self.expression(part)));
                continue;
            };
            for id in chunk.runs {
                let request = self.request(&id);
                into.push(Stmt::Expr(at(part, ExprKind::Module(request))));
            }
        }
        true
    }

    /// `module`, `exports` or `require`, if the variable is that parameter of a module's function.
    pub(super) fn packed_name(&mut self, symbol: SymbolId) -> Option<Name> {
        let place = self.packed.iter().position(|known| *known == Some(symbol))?;
        Some(self.name(["module", "exports", "require"][place]))
    }

    /// Whether this code is a chunk's entry function. Its numbers and texts are the ids of modules that it may require.
    pub(super) fn is_run_of_chunk(&self) -> bool {
        matches!(self.packed, [None, None, Some(_)])
    }

    /// `require(12)` or `require("./page.js")` in a packed module.
    pub(super) fn packed_request(&mut self, call: &ast::CallExpression<'_>) -> Option<ExprKind> {
        let Expression::Identifier(callee) = &call.callee else { return None };
        let symbol = self.symbol_of(callee)?;
        if self.packed[2] != Some(symbol) {
            return None;
        }
        let id = match call.arguments.as_slice() {
            [ast::Argument::StringLiteral(text)] => text.value.to_string(),
            [ast::Argument::NumericLiteral(number)] => number.value.to_string(),
            // `require(!function () { throw ... }())`
            [ast::Argument::UnaryExpression(unary)] => match unary.argument.without_parentheses() {
                Expression::CallExpression(inner) => return self.missing_module(inner),
                _ => return None,
            },
            // `require(require.s = 12)`
            [ast::Argument::AssignmentExpression(assignment)] => literal(&assignment.right)?,
            _ => return None,
        };
        Some(ExprKind::Module(self.request(&id)))
    }
}

/// The expressions of a statement, in order: a minifier joins statements by commas.
fn expressions_of<'p, 'a>(statement: &'p Statement<'a>) -> Vec<&'p Expression<'a>> {
    let Statement::ExpressionStatement(statement) = statement else { return Vec::new() };
    match statement.expression.without_parentheses() {
        Expression::SequenceExpression(sequence) => sequence.expressions.iter().collect(),
        expression => vec![expression],
    }
}

/// `!function () { var modules = { 12: function (module, exports, require) {} }; ... }()`: webpack's runtime together with
/// modules. If chunks follow, the runtime does not run these modules itself.
fn run_time_of<'p, 'a>(call: &'p ast::CallExpression<'a>) -> Option<Chunk<'p, 'a>> {
    let body = match call.callee.without_parentheses() {
        Expression::FunctionExpression(function) => &function.body.as_ref()?.statements,
        Expression::ArrowFunctionExpression(function) => match &function.body {
            ast::ArrowFunctionBody::FunctionBody(body) => &body.statements,
            _ => return None,
        },
        _ => return None,
    };
    let declared = body.iter().filter_map(|statement| match statement {
        Statement::VariableDeclaration(variables) => Some(&variables.declarations),
        _ => None,
    });
    let mut tables = declared.flatten().filter_map(|variable| {
        let table = variable.init.as_ref()?.without_parentheses();
        Some((table, modules_of(table)?))
    });
    let is_table = |(table, modules): &(&Expression<'a>, Vec<Entry<'p, 'a>>)| {
        // Other arrays may hold functions too, but none that takes `module`, `exports` and `require`.
        let requires = modules.iter().any(|entry| entry.parameters.items.len() == 3);
        let is_list = matches!(table, Expression::ArrayExpression(_));
        !modules.is_empty() && modules.iter().all(Entry::is_packed) && (requires || !is_list)
    };
    let (_, modules) = tables.find(is_table)?;
    Some(Chunk { modules, runs: Vec::new() })
}

fn chunk_of<'p, 'a>(expression: &'p Expression<'a>) -> Option<Chunk<'p, 'a>> {
    let expression = match expression.without_parentheses() {
        // `!function () {}()`
        Expression::UnaryExpression(unary) => unary.argument.without_parentheses(),
        expression => expression,
    };
    let Expression::CallExpression(call) = expression else { return None };
    if call.arguments.is_empty() {
        return run_time_of(call);
    }
    let member = call.callee.as_member_expression()?;
    if member.static_property_name() != Some("push") {
        return None;
    }
    let [ast::Argument::ArrayExpression(chunk)] = call.arguments.as_slice() else { return None };
    let mut parts = chunk.elements.iter().filter_map(|element| element.as_expression());
    let is_named = match parts.next()? {
        Expression::ArrayExpression(names) => {
            names.elements.iter().all(|name| name.as_expression().and_then(literal).is_some())
        }
        // uni-app uses a single name for the code that registers a component.
        name => literal(name).is_some(),
    };
    if !is_named {
        return None;
    }
    let mut modules = modules_of(parts.next()?)?;
    let mut runs = Vec::new();
    match parts.next() {
        Some(Expression::ArrayExpression(lists)) => {
            for list in &lists.elements {
                let Some(Expression::ArrayExpression(list)) = list.as_expression() else { continue };
                runs.extend(list.elements.first().and_then(|id| id.as_expression()).and_then(literal));
            }
        }
        Some(function) => {
            let id = format!("{RUNS}{})", function.span().start);
            modules.extend(entry(id.clone(), function));
            runs.push(id);
        }
        None => {}
    }
    Some(Chunk { modules, runs })
}

fn modules_of<'p, 'a>(table: &'p Expression<'a>) -> Option<Vec<Entry<'p, 'a>>> {
    let mut modules = Vec::new();
    match table {
        Expression::ObjectExpression(table) => {
            for property in &table.properties {
                let ast::ObjectPropertyKind::ObjectProperty(property) = property else { return None };
                let id = match &property.key {
                    ast::PropertyKey::StaticIdentifier(id) => id.name.to_string(),
                    key => literal(key.as_expression()?)?,
                };
                modules.push(entry(id, &property.value)?);
            }
        }
        Expression::ArrayExpression(table) => {
            for (place, element) in table.elements.iter().enumerate() {
                if let Some(function) = element.as_expression() {
                    modules.push(entry(place.to_string(), function)?);
                }
            }
        }
        _ => return None,
    }
    Some(modules)
}

fn entry<'p, 'a>(id: String, function: &'p Expression<'a>) -> Option<Entry<'p, 'a>> {
    match function.without_parentheses() {
        Expression::FunctionExpression(function) => {
            Some(Entry { id, parameters: &function.params, body: function.body.as_ref()? })
        }
        Expression::ArrowFunctionExpression(function) => match &function.body {
            ast::ArrowFunctionBody::FunctionBody(body) => Some(Entry { id, parameters: &function.params, body }),
            _ => None,
        },
        _ => None,
    }
}

fn literal(expression: &Expression<'_>) -> Option<String> {
    match expression.without_parentheses() {
        Expression::StringLiteral(text) => Some(text.value.to_string()),
        Expression::NumericLiteral(number) => Some(number.value.to_string()),
        _ => None,
    }
}
