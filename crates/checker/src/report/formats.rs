//! The output formats of findings.

use super::{Finding, Location, Report};
use crate::coverage::Coverage;
use crate::rules::{Language, Level, RULES};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity, SourceSpan,
    ThemeCharacters, ThemeStyles,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// Longer lines are not shown: minified code helps nobody.
const MAX_LINE_LENGTH: usize = 400;

/// How many names one line of the summary holds.
const MAX_NAMES: usize = 8;

/// How many of a finding's places the report for people lists.
const MAX_PLACES: usize = 10;

/// How the report is displayed.
#[derive(Debug, Clone, Copy)]
pub struct HumanOptions {
    /// The language.
    pub language: Language,
    /// Whether to use colour.
    pub colour: bool,
    /// The width in columns.
    pub width: usize,
}

/// The report for people.
pub fn to_human(report: &Report, options: HumanOptions) -> String {
    let styles = if options.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_context_lines(1);
    let mut out = String::new();
    for finding in &report.findings {
        draw(finding, report, options.language, &handler, &mut out);
    }
    summarise(report, options.language, &mut out);
    out
}

fn draw(finding: &Finding, report: &Report, language: Language, handler: &GraphicalReportHandler, out: &mut String) {
    let severity = match finding.level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
    };
    let mut diagnostic = MietteDiagnostic::new(headline(finding, language))
        .with_code(finding.rule)
        .with_severity(severity)
        .with_help(help(finding, language));
    let source = report.files.iter().find(|file| file.path == finding.place.file);
    let text = source.map_or("", |file| file.text.as_str());
    let place = &finding.place;
    let drawable = text.lines().nth(place.line as usize - 1).is_some_and(|line| line.len() <= MAX_LINE_LENGTH);
    // Printing a key in a CI log would leak it again.
    if drawable && finding.others.is_empty() && finding.rule != "secret-in-package" {
        let start = place.range.start as usize;
        // A label over many lines hides its own text: the first line is enough.
        let first_line = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let end = (place.range.end as usize).clamp(start, first_line);
        let span = SourceSpan::from((start, end - start));
        diagnostic = diagnostic.with_label(LabeledSpan::new_primary_with_span(None, span));
        let report = miette::Report::new(diagnostic).with_source_code(NamedSource::new(&place.file, text.to_owned()));
        let _ = handler.render_report(out, report.as_ref());
    } else {
        let _ = handler.render_report(out, &diagnostic);
        let places = [place].into_iter().chain(&finding.others);
        for place in places.take(MAX_PLACES) {
            let _ = writeln!(out, "  {}:{}:{}", place.file, place.line, place.column);
        }
        let more = (finding.others.len() + 1).saturating_sub(MAX_PLACES);
        if more > 0 {
            let _ = match language {
                Language::Chinese => writeln!(out, "  ……还有 {more} 处（--format json 列出全部）"),
                Language::English => writeln!(out, "  ... and {more} more (--format json lists all)"),
            };
        }
    }
    out.push('\n');
}

/// The message, with the number of places if there are several.
fn headline(finding: &Finding, language: Language) -> String {
    let message = finding.message.in_language(language);
    match (finding.others.len() + 1, language) {
        (1, _) => message.to_owned(),
        (places, Language::Chinese) => format!("{message}（{places} 处）"),
        (places, Language::English) => format!("{message} ({places} places)"),
    }
}

fn help(finding: &Finding, language: Language) -> String {
    let mut help = finding.advice.in_language(language).to_owned();
    if finding.path.len() > 1 {
        help.push_str(match language {
            Language::Chinese => "\n路径：",
            Language::English => "\nSteps:",
        });
        for (number, step) in finding.path.iter().enumerate() {
            let place = &step.place;
            let what = step.what.in_language(language);
            let _ = write!(help, "\n{:>3}. {}:{}:{} {what}", number + 1, place.file, place.line, place.column);
        }
    }
    if !finding.also.is_empty() {
        help.push_str(match language {
            Language::Chinese => "\n写入位置：",
            Language::English => "\nAdded at:",
        });
        for place in &finding.also {
            let _ = write!(help, " {}:{}", place.file, place.line);
        }
    }
    help
}

fn summarise(report: &Report, language: Language, out: &mut String) {
    let (files, findings, silenced) = (report.files.len(), report.findings.len(), report.silenced.len());
    for note in left_out(report, language).into_iter().chain(notes(report, language)) {
        let _ = writeln!(out, "{note}");
    }
    let _ = match language {
        Language::Chinese => writeln!(out, "检查了 {files} 个文件：{findings} 个问题，{silenced} 个已注明原因并忽略。"),
        Language::English => {
            writeln!(
                out,
                "{}: {}, {silenced} silenced with a reason.",
                counted(files, "file checked", "files checked"),
                counted(findings, "finding", "findings"),
            )
        }
    };
}

/// A number with its noun.
fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Findings that are not shown: one line per reason.
fn left_out(report: &Report, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |zh: String, en: String| {
        notes.push(if matches!(language, Language::Chinese) { zh } else { en });
    };
    let known = report.known.len();
    if known > 0 {
        note(
            format!("基线里已有 {known} 个问题。"),
            format!("{} in the baseline.", counted(known, "finding is", "findings are")),
        );
    }
    if let Some(gone) = report.gone.filter(|gone| *gone > 0) {
        note(
            format!("基线里有 {gone} 个问题已不存在：请用 --write-baseline 更新。"),
            format!(
                "{} gone: write it again with --write-baseline.",
                counted(gone, "finding of the baseline is", "findings of the baseline are")
            ),
        );
    }
    if let Some(unchanged) = report.unchanged.filter(|unchanged| *unchanged > 0) {
        note(
            format!("另有 {unchanged} 个问题与改动的文件无关。"),
            format!(
                "{} nothing to do with the files that changed.",
                counted(unchanged, "finding has", "findings have")
            ),
        );
    }
    if report.excluded > 0 {
        let excluded = report.excluded;
        note(
            format!("按配置排除的文件中还有 {excluded} 个问题。"),
            format!("{} in files that the configuration excludes.", counted(excluded, "finding is", "findings are")),
        );
    }
    notes
}

/// What was analysed, and what could not be: one line each.
fn notes(report: &Report, language: Language) -> Vec<String> {
    let Coverage { pages, followed, handlers, not_followed, without_script, missing, app_json, .. } = &report.coverage;
    let Coverage { out_of_time, not_run, gaps, .. } = &report.coverage;
    let chinese = matches!(language, Language::Chinese);
    let mut notes = Vec::new();
    let mut note = |zh: String, en: String| notes.push(if chinese { zh } else { en });
    for file in &report.cut {
        note(format!("{file} 太大，未能分析完。"), format!("{file} is too large: it was not followed to the end."));
    }
    let listed = |names: &[String]| match names.len() {
        0..=MAX_NAMES => names.join(", "),
        count => format!("{}, ... ({count})", names[..MAX_NAMES].join(", ")),
    };
    if !out_of_time.is_empty() {
        let names = listed(out_of_time);
        note(
            format!("时间用完，未能分析完：{names}。"),
            format!("Not followed to the end, because time ran out: {names}."),
        );
    }
    if !not_run.is_empty() {
        let names = listed(not_run);
        note(format!("时间用完，未分析：{names}。"), format!("Not analysed, because time ran out: {names}."));
    }
    if !missing.is_empty() {
        let names = listed(missing);
        note(format!("缺少包或文件：{names}。"), format!("Missing packages or files: {names}."));
    }
    if !without_script.is_empty() {
        let names = listed(without_script);
        note(format!("没有脚本的页面：{names}。"), format!("Pages without a script: {names}."));
    }
    if !not_followed.is_empty() {
        let names = listed(not_followed);
        note(format!("未能分析的脚本：{names}。"), format!("Scripts that could not be followed: {names}."));
    }
    for gap in gaps.iter().take(MAX_NAMES) {
        let text = gap.words();
        note(format!("未能分析：{}。", text.zh), format!("Not followed: {}.", text.en));
    }
    if gaps.len() > MAX_NAMES {
        let left = gaps.len() - MAX_NAMES;
        note(format!("另有 {left} 处未能分析。"), format!("Not followed in {left} more places."));
    }
    if let Some(text) = report.coverage.note() {
        note(format!("{}。", text.zh), format!("{}.", text.en));
    }
    if *app_json {
        note(
            format!("分析了 app.json 的 {pages} 个页面中的 {followed} 个，运行了 {handlers} 个处理函数。"),
            format!("{followed} of {pages} pages of app.json followed, {handlers} handlers run."),
        );
    }
    if let Some((why, next)) = report.coverage.obstacle() {
        note(
            format!("不能断定这个小程序没有问题：{}。{}。", why.zh, next.zh),
            format!("It cannot be called clean: {}. {}.", why.en, next.en),
        );
    }
    notes
}

/// One `::error` or `::warning` line per finding, and one if not everything could be followed.
pub fn to_github(report: &Report, language: Language) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let kind = level(finding.level);
        let place = &finding.place;
        let message = data(&message(finding, language));
        let (file, title) = (property(&place.file), property(finding.rule));
        let _ = writeln!(
            out,
            "::{kind} file={file},line={},col={},endLine={},title={title}::{message}",
            place.line, place.column, place.end_line,
        );
    }
    if let Some((why, next)) = report.coverage.obstacle() {
        let text = format!("{}. {}", why.in_language(language), next.in_language(language));
        let _ = writeln!(out, "::warning title=miniauth check::{}", data(&text));
    }
    out
}

fn message(finding: &Finding, language: Language) -> String {
    let mut message = headline(finding, language);
    for place in &finding.others {
        let _ = write!(message, "\n{}:{}", place.file, place.line);
    }
    for step in &finding.path {
        let _ = write!(message, "\n{}:{} {}", step.place.file, step.place.line, step.what.in_language(language));
    }
    message
}

/// Escapes the characters with a meaning in the log's line format.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The report as JSON. `version` increases when a field changes its meaning or is removed.
///
/// # Errors
/// Never in practice: every field can be written as JSON.
pub fn to_json(report: &Report) -> serde_json::Result<String> {
    let silenced = report.silenced.iter().map(|(finding, reason)| json!({ "finding": finding, "reason": reason }));
    serde_json::to_string_pretty(&json!({
        "version": 1,
        "findings": report.findings,
        "silenced": silenced.collect::<Vec<_>>(),
        "known": report.known,
        "summary": {
            "files": report.files.len(),
            "findings": report.findings.len(),
            "silenced": report.silenced.len(),
            "known": report.known.len(),
            "gone": report.gone,
            "unchanged": report.unchanged,
            "excluded": report.excluded,
            "cut": report.cut,
            // Whether "no findings" means that the app is clean.
            "complete": report.coverage.obstacle().is_none(),
            "coverage": report.coverage,
        },
    }))
}

/// The report as SARIF.
pub fn to_sarif(report: &Report, language: Language) -> Value {
    let mut results: Vec<Value> = report.findings.iter().map(|finding| result(finding, language)).collect();
    if report.gone.is_some() || !report.known.is_empty() {
        for result in &mut results {
            result["baselineState"] = "new".into();
        }
    }
    for finding in &report.known {
        let mut result = result(finding, language);
        result["baselineState"] = "unchanged".into();
        results.push(result);
    }
    for (finding, reason) in &report.silenced {
        let mut result = result(finding, language);
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
        results.push(result);
    }
    let mut notifications: Vec<Value> = left_out(report, language)
        .into_iter()
        .chain(notes(report, language))
        .map(|note| json!({ "level": "note", "message": { "text": note } }))
        .collect();
    let obstacle = report.coverage.obstacle();
    if let Some(last) = notifications.last_mut().filter(|_| obstacle.is_some()) {
        last["level"] = "warning".into();
    }
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
            "invocations": [{ "executionSuccessful": !report.coverage.is_empty(), "toolExecutionNotifications": notifications }],
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
        "message": { "text": headline(finding, language) },
        "locations": [{ "physicalLocation": physical(&finding.place) }],
        "partialFingerprints": { "miniauth/v1": finding.fingerprints.first() },
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
    let related: Vec<Value> = finding
        .also
        .iter()
        .chain(&finding.others)
        .map(|place| json!({ "physicalLocation": physical(place) }))
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
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

/// A relative reference, with percent-encoding for characters that have a meaning in a URI.
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
