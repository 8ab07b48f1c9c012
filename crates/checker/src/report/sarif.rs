//! `--format sarif`: SARIF 2.1.0, for code scanning services.

use super::{Finding, Location, Report};
use crate::rules::{Language, Level, RULES};
use serde_json::{Value, json};

/// The report as SARIF.
pub fn to_sarif(report: &Report, language: Language) -> Value {
    let mut results: Vec<Value> = report.findings.iter().map(|finding| result(finding, language)).collect();
    for (finding, reason) in &report.silenced {
        let mut result = result(finding, language);
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
        results.push(result);
    }
    let notifications: Vec<Value> = report
        .cut
        .iter()
        .map(|file| json!({ "level": "note", "message": { "text": format!("{file}: too large to be followed to the end") } }))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "miniauth check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules(language),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "results": results,
        }],
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn rules(language: Language) -> Vec<Value> {
    let chosen = |texts: (&'static str, &'static str)| match language {
        Language::Chinese => texts.0,
        Language::English => texts.1,
    };
    let describe = |rule: &&crate::rules::Rule| {
        json!({
            "id": rule.id,
            "shortDescription": { "text": chosen(rule.title) },
            "help": { "text": chosen(rule.advice), "markdown": rule.documentation },
            "defaultConfiguration": { "level": level(rule.level) },
        })
    };
    RULES.iter().map(describe).collect()
}

fn result(finding: &Finding, language: Language) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": RULES.iter().position(|rule| rule.id == finding.rule),
        "level": level(finding.level),
        "message": { "text": finding.message.in_language(language) },
        "locations": [{ "physicalLocation": physical(&finding.place) }],
    });
    if !finding.path.is_empty() {
        let steps: Vec<Value> = finding
            .path
            .iter()
            .map(|step| {
                let text = step.what.in_language(language);
                json!({ "location": { "physicalLocation": physical(&step.place), "message": { "text": text } } })
            })
            .collect();
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
    }
    if !finding.also.is_empty() {
        let also = finding.also.iter().map(|place| json!({ "physicalLocation": physical(place) }));
        result["relatedLocations"] = also.collect();
    }
    if let Some(fix) = &finding.fix {
        let replacement = json!({ "deletedRegion": region(&finding.place), "insertedContent": { "text": fix } });
        let change = json!({ "artifactLocation": { "uri": uri(&finding.place.file) }, "replacements": [replacement] });
        let description = json!({ "text": finding.advice.in_language(language) });
        result["fixes"] = json!([{ "description": description, "artifactChanges": [change] }]);
    }
    result
}

fn physical(place: &Location) -> Value {
    json!({ "artifactLocation": { "uri": uri(&place.file) }, "region": region(place) })
}

fn region(place: &Location) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// A relative reference: whatever has a meaning in a URI is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@".contains(&byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
