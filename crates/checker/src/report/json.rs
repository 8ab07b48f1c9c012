//! `--format json`: see `schema/report.schema.json`.

use super::{Finding, Report};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'r> {
    /// Rises when a field changes its meaning or goes.
    version: u32,
    findings: &'r [Finding],
    silenced: Vec<Silenced<'r>>,
    summary: Summary<'r>,
}

#[derive(Serialize)]
struct Silenced<'r> {
    finding: &'r Finding,
    reason: &'r str,
}

#[derive(Serialize)]
struct Summary<'r> {
    files: usize,
    findings: usize,
    silenced: usize,
    cut: &'r [String],
}

/// The report as JSON.
///
/// # Errors
/// Never in practice: every field can be written as JSON.
pub fn to_json(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document {
        version: 1,
        findings: &report.findings,
        silenced: report.silenced.iter().map(|(finding, reason)| Silenced { finding, reason }).collect(),
        summary: Summary {
            files: report.files.len(),
            findings: report.findings.len(),
            silenced: report.silenced.len(),
            cut: &report.cut,
        },
    })
}
