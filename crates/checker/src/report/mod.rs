//! Findings in words and places, and the formats that they are told in.

mod build;
mod fix;
mod github;
mod human;
mod json;
mod lines;
mod sarif;
mod silence;
mod words;

pub(crate) use build::build;
pub use fix::apply_fixes;
pub use github::to_github;
pub use human::{HumanOptions, to_human};
pub use json::to_json;
pub use sarif::to_sarif;

use crate::{
    project::SourceFile,
    rules::{Level, Text},
    scripts::ir::Range,
};
use serde::Serialize;

/// What a check comes to.
#[derive(Debug)]
pub struct Report {
    /// The findings, by file and place.
    pub findings: Vec<Finding>,
    /// The findings that comments silence, each with its reason.
    pub silenced: Vec<(Finding, String)>,
    /// Files whose analysis was cut short because of their size.
    pub cut: Vec<String>,
    /// The files that were read.
    pub files: Vec<SourceFile>,
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// Where it is.
    pub place: Location,
    /// What is found.
    pub message: Text,
    /// What to do.
    pub advice: Text,
    /// The way there, step by step; empty where the place says it all.
    pub path: Vec<PathStep>,
    /// Further places at which information enters the same request.
    pub also: Vec<Location>,
    /// What to write instead, where that is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The path from the project's root.
    pub file: String,
    /// The first line.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column after the last.
    pub end_column: u32,
    /// The same in bytes.
    #[serde(skip)]
    pub range: Range,
}

/// One step of the way to a finding.
#[derive(Debug, Clone, Serialize)]
pub struct PathStep {
    /// Where.
    pub place: Location,
    /// What happens there.
    pub what: Text,
}
