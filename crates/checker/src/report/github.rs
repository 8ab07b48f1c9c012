//! Annotations in a GitHub workflow's log.

use super::{Finding, Report};
use crate::rules::{Language, Level};
use std::fmt::Write;

/// One `::error` or `::warning` line for each finding.
pub fn to_github(report: &Report, language: Language) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let kind = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let place = &finding.place;
        let message = data(&message(finding, language));
        let (file, title) = (property(&place.file), property(finding.rule));
        let _ = writeln!(
            out,
            "::{kind} file={file},line={},col={},endLine={},title={title}::{message}",
            place.line, place.column, place.end_line,
        );
    }
    out
}

fn message(finding: &Finding, language: Language) -> String {
    let mut message = finding.message.in_language(language).to_owned();
    for step in &finding.path {
        let _ = write!(message, "\n{}:{} {}", step.place.file, step.place.line, step.what.in_language(language));
    }
    message
}

/// Escapes what the log's line format gives a meaning.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
