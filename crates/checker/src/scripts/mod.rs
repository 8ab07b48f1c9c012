//! Scripts: parsed by oxc, then lowered to what the analysis runs.

pub mod ir;
mod lower;

use ir::{Packed, Range, Script};
use lower::{lower_expression, lower_packed, lower_program};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

/// How deeply brackets may nest. The parser descends by recursion; real code stays far below.
const DEEPEST_NESTING: usize = 1_500;

/// A place where a file is no valid script.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// What the parser says.
    pub message: String,
    /// Where.
    pub range: Range,
}

/// A script and what was wrong with its text.
#[derive(Debug)]
pub struct Parsed {
    /// Empty when nothing could be read.
    pub script: Script,
    /// The modules that a bundler has put into it.
    pub packed: Vec<Packed>,
    /// The first fault, if there is one.
    pub fault: Option<SyntaxError>,
}

/// Parses and lowers one file. `typescript` says how it is read; the module kind is found out from the text.
pub fn parse_script(text: &str, typescript: bool) -> Parsed {
    if let Some(fault) = nested_too_deeply(text) {
        return Parsed { script: Script::default(), packed: Vec::new(), fault: Some(fault) };
    }
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
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    let scoping = semantic.scoping();
    Parsed { script: lower_program(&parsed.program, scoping), packed: lower_packed(&parsed.program, scoping), fault }
}

/// Parses the expression of a template's `{{ }}`; the script's top level returns its value.
pub fn parse_expression(text: &str) -> Option<Script> {
    if nested_too_deeply(text).is_some() {
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

/// Counts brackets without regard to strings: a false count only matters for files that no person wrote.
fn nested_too_deeply(text: &str) -> Option<SyntaxError> {
    let mut depth = 0_usize;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > DEEPEST_NESTING {
            let message = format!("brackets nest more than {DEEPEST_NESTING} deep: not read");
            return Some(SyntaxError { message, range: clamp(text, place) });
        }
    }
    None
}
