//! Scripts: oxc parses them, then they are lowered to the form that the analysis runs.

pub mod ir;
mod lower;
pub(crate) use lower::{TARO_APP, TARO_OBJECT, TARO_PAGE};

use crate::STACK_BYTES;
use ir::{Packed, Range, Script};
use lower::{lower_expression, lower_packed, lower_program};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{AstNodes, SemanticBuilder};
use oxc_span::SourceType;
use std::thread::{self, ScopedJoinHandle};

/// How deeply brackets may nest. The parser is recursive; real code stays far below.
const MAX_NESTING: usize = 1_500;

/// How deep a script's tree may be. Each bracket adds a few nodes.
const MAX_TREE_DEPTH: usize = 4 * MAX_NESTING;

/// How deeply brackets may nest if brackets in strings are counted too: a module may be stored as text.
const MAX_COUNTED_DEPTH: usize = 12_000;

/// A place where a file is not a valid script.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// The parser's message.
    pub message: String,
    /// Where.
    pub range: Range,
}

/// A script and its syntax error, if any.
#[derive(Debug)]
pub struct Parsed {
    /// Empty if nothing could be read.
    pub script: Script,
    /// The modules that a bundler has packed into it.
    pub packed: Vec<Packed>,
    /// The first error, if any.
    pub fault: Option<SyntaxError>,
}

impl Parsed {
    /// The result for a file that is not parsed.
    fn unread(fault: SyntaxError) -> Self {
        Self { script: Script::default(), packed: Vec::new(), fault: Some(fault) }
    }
}

/// Parses and lowers one file. `typescript` selects the language. The text shows whether the file is an ES module.
pub fn parse_script(text: &str, typescript: bool) -> Parsed {
    let Some(depth) = depth(text) else { return Parsed::unread(too_deep(text)) };
    if depth <= MAX_NESTING {
        return parse(text, typescript, false);
    }
    // Most of these brackets may be in strings; if they are not, the parser needs a larger stack.
    thread::scope(|scope| {
        let room = thread::Builder::new().stack_size(STACK_BYTES / MAX_NESTING * depth);
        let parsed = room.spawn_scoped(scope, || parse(text, typescript, true)).map(ScopedJoinHandle::join);
        parsed.ok().and_then(Result::ok).unwrap_or_else(|| Parsed::unread(too_deep(text)))
    })
}

/// `measures`: whether to check that the tree is not too deep for the analysis.
fn parse(text: &str, typescript: bool, measures: bool) -> Parsed {
    let allocator = Allocator::default();
    let source_type = if typescript { SourceType::ts() } else { SourceType::unambiguous() };
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, source_type).with_options(options).parse();
    let fault = parsed.diagnostics.iter().next().map(|diagnostic| {
        let start = diagnostic.labels.iter().next().map_or(0, |label| label.offset());
        SyntaxError { message: diagnostic.message.to_string(), range: clamp(text, start as usize) }
    });
    if parsed.panicked {
        return Parsed { script: Script::default(), packed: Vec::new(), fault };
    }
    let semantic = SemanticBuilder::new().with_build_nodes(measures).build(&parsed.program).semantic;
    if measures && is_deep(semantic.nodes()) {
        return Parsed::unread(too_deep(text));
    }
    let scoping = semantic.scoping();
    Parsed { script: lower_program(&parsed.program, scoping), packed: lower_packed(&parsed.program, scoping), fault }
}

/// Parses the expression of a template's `{{ }}`; the script's top level returns its value.
pub fn parse_expression(text: &str) -> Option<Script> {
    if depth(text).is_none_or(|depth| depth > MAX_NESTING) {
        return None;
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::cjs()).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        return None;
    }
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    Some(lower_expression(&parsed.program, semantic.scoping()))
}

fn clamp(text: &str, start: usize) -> Range {
    let start = start.min(text.len());
    Range { start: start as u32, end: (start + 1).min(text.len()) as u32 }
}

/// The deepest nesting of brackets, including those in strings and comments. `None` beyond [`MAX_COUNTED_DEPTH`].
fn depth(text: &str) -> Option<usize> {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    (deepest <= MAX_COUNTED_DEPTH).then_some(deepest)
}

/// Whether a script's tree is too deep.
fn is_deep(nodes: &AstNodes<'_>) -> bool {
    let mut depths = vec![0_usize; nodes.len()];
    nodes.iter_enumerated().any(|(id, _)| {
        let parent = nodes.parent_id(id);
        depths[id.index()] = if parent == id { 0 } else { depths[parent.index()] + 1 };
        depths[id.index()] > MAX_TREE_DEPTH
    })
}

fn too_deep(text: &str) -> SyntaxError {
    SyntaxError { message: format!("brackets nest more than {MAX_NESTING} deep: not read"), range: clamp(text, 0) }
}
