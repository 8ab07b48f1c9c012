//! Scripts: parsed by oxc, then lowered to what the analysis runs.

pub mod ir;
mod lower;
mod parse;

pub use parse::{Parsed, SyntaxError, parse_expression, parse_script};
