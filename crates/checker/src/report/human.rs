//! For people: the code around each finding, the way to it, and a summary.

use super::{Finding, Report};
use crate::rules::{Language, Level};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity, SourceSpan,
    ThemeCharacters, ThemeStyles,
};
use std::fmt::Write;

/// A line longer than this is not drawn: minified code is no help to anyone.
const LONGEST_LINE: usize = 400;

/// How the report is drawn.
#[derive(Debug, Clone, Copy)]
pub struct HumanOptions {
    /// The language.
    pub language: Language,
    /// Whether to use colour.
    pub colour: bool,
    /// How many columns there are.
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
    let mut diagnostic = MietteDiagnostic::new(finding.message.in_language(language))
        .with_code(finding.rule)
        .with_severity(severity)
        .with_help(help(finding, language));
    let source = report.files.iter().find(|file| file.path == finding.place.file);
    let text = source.map_or("", |file| file.text.as_str());
    let place = &finding.place;
    let drawable = text.lines().nth(place.line as usize - 1).is_some_and(|line| line.len() <= LONGEST_LINE);
    // A key that is drawn in a log of CI has leaked once more.
    if drawable && finding.rule != "secret-in-package" {
        let start = place.range.start as usize;
        // A label over many lines hides what it means: the first line is enough.
        let first_line = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let end = (place.range.end as usize).clamp(start, first_line);
        let span = SourceSpan::from((start, end - start));
        diagnostic = diagnostic.with_label(LabeledSpan::new_primary_with_span(None, span));
        let report = miette::Report::new(diagnostic).with_source_code(NamedSource::new(&place.file, text.to_owned()));
        let _ = handler.render_report(out, report.as_ref());
    } else {
        let _ = handler.render_report(out, &diagnostic);
        let _ = writeln!(out, "  {}:{}:{}", place.file, place.line, place.column);
    }
    out.push('\n');
}

fn help(finding: &Finding, language: Language) -> String {
    let mut help = finding.advice.in_language(language).to_owned();
    if finding.path.len() > 1 {
        help.push_str(match language {
            Language::Chinese => "\n经过：",
            Language::English => "\nThe way:",
        });
        for (number, step) in finding.path.iter().enumerate() {
            let place = &step.place;
            let what = step.what.in_language(language);
            let _ = write!(help, "\n{:>3}. {}:{}:{} {what}", number + 1, place.file, place.line, place.column);
        }
    }
    if !finding.also.is_empty() {
        help.push_str(match language {
            Language::Chinese => "\n放入之处：",
            Language::English => "\nPut in at:",
        });
        for place in &finding.also {
            let _ = write!(help, " {}:{}", place.file, place.line);
        }
    }
    help
}

fn summarise(report: &Report, language: Language, out: &mut String) {
    let (files, findings, silenced) = (report.files.len(), report.findings.len(), report.silenced.len());
    for file in &report.cut {
        let _ = match language {
            Language::Chinese => writeln!(out, "{file} 太大，没有分析到底。"),
            Language::English => writeln!(out, "{file} is too large: it was not followed to the end."),
        };
    }
    let _ = match language {
        Language::Chinese => writeln!(out, "检查了 {files} 个文件：{findings} 个问题，{silenced} 个已注明原因而忽略。"),
        Language::English => {
            writeln!(out, "{files} files checked: {findings} findings, {silenced} silenced with a reason.")
        }
    };
}
