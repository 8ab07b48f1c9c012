//! `miniauth check`: checks an app's pages for both rules before the app is submitted for review.

mod inputs;

use crate::command;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use miniauth_checker::{
    Baseline, Limits, Options, Progress, Report, Stage, check,
    project::DiskFiles,
    report::{HumanOptions, apply_fixes, to_github, to_human, to_json, to_sarif},
    rules::{Language, RULES, rule},
};
use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// The exit code for findings.
const FINDINGS: u8 = 1;

/// A check with fewer steps ends too soon to show its progress.
const WORTH_SHOWING: usize = 500;

/// The exit code when the check failed, or found nothing but could not follow everything.
const UNREADABLE: u8 = 2;

/// What to check, and how to report it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The mini-program's folder.
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// The format of the report.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The language of the report; by default the locale's.
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Checks only this rule; may be repeated.
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Prints a rule's documentation and exits.
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    /// Corrects what can be corrected safely: a misspelt authCode.
    #[arg(long)]
    fix: bool,
    /// Levels, excluded files, own sources, sinks and wrappers; by default miniauth-check.json in the folder.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Fails only on findings that are not in this file.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Writes today's findings as a baseline and exits with 0.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "rules", "changed_since", "fix"])]
    write_baseline: Option<PathBuf>,
    /// Reports only findings with a place or a step in a file that differs from this commit.
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// The time limit for each script, with everything that it reaches.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    page_time: u64,
    /// The time limit for the whole analysis.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    time: u64,
    /// Whether to use colour.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    color: Colour,
    /// The number of threads; by default one per core.
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Code frames, and the steps to each finding.
    Human,
    /// JSON with a documented schema: see the checker's README.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations in a GitHub workflow's log.
    Github,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

#[derive(Clone, Copy, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Checks a folder. Exits with 0 when it is clean, with 1 for findings, with 2 when it could not be read or followed.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match attempt(arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("miniauth: {message}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn attempt(arguments: &Arguments) -> Result<ExitCode, String> {
    if let Some(id) = &arguments.explain {
        let known = rule(id).ok_or_else(|| unknown_rule(id))?;
        return print(known.documentation).map(|()| ExitCode::SUCCESS);
    }
    if let Some(unknown) = arguments.rules.iter().find(|id| rule(id).is_none()) {
        return Err(unknown_rule(unknown));
    }
    let root = &arguments.directory;
    let files = DiskFiles::new(root);
    let bar = command::progress_bar("{msg} [{bar:40}] {pos}/{len}");
    let options = Options {
        rules: arguments.rules.clone(),
        threads: arguments.threads,
        progress: Some(progress(&bar)),
        configuration: inputs::configuration(arguments.config.as_ref(), root)?,
        baseline: arguments.baseline.as_deref().map(inputs::baseline).transpose()?,
        changed: arguments
            .changed_since
            .as_deref()
            .map(|revision| inputs::changed_since(root, revision))
            .transpose()?,
        limits: Limits {
            page: Some(Duration::from_secs(arguments.page_time)),
            whole: Some(Duration::from_secs(arguments.time)),
        },
    };
    let report = check(&files, &options);
    bar.finish_and_clear();
    let mut report =
        report.map_err(|error| format!("{}: {error}. Give the folder of a mini-program.", root.display()))?;
    if report.files.is_empty() {
        return Err(format!(
            "{}: no file of a mini-program is there. Give the folder that holds app.json.",
            root.display()
        ));
    }
    if arguments.fix {
        for (path, text) in apply_fixes(&report) {
            fs::write(root.join(&path), text).map_err(|error| format!("{path}: cannot be corrected: {error}"))?;
        }
        report.findings.retain(|finding| finding.fix.is_none());
    }
    if let Some(path) = &arguments.write_baseline {
        return write_baseline(&report, path);
    }
    print(&rendered(&report, arguments)?)?;
    let obstacle = report.coverage.obstacle().filter(|_| report.findings.is_empty() || report.coverage.is_empty());
    let Some((why, next)) = obstacle else {
        return Ok(ExitCode::from(if report.findings.is_empty() { 0 } else { FINDINGS }));
    };
    // The human-readable report says it already.
    if arguments.format == Format::Human {
        return Ok(ExitCode::from(UNREADABLE));
    }
    let language = language(arguments.lang);
    Err(format!("{}: {}. {}.", root.display(), why.in_language(language), next.in_language(language)))
}

fn write_baseline(report: &Report, path: &Path) -> Result<ExitCode, String> {
    let failed = |why: String| format!("{}: the baseline cannot be written: {why}", path.display());
    let text = Baseline::of(report).written().map_err(|error| failed(error.to_string()))?;
    fs::write(path, text).map_err(|error| failed(error.to_string()))?;
    let known = match report.findings.len() {
        1 => "1 finding is".to_owned(),
        count => format!("{count} findings are"),
    };
    print(&format!("{}: {known} known from now on.\n", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn progress(bar: &ProgressBar) -> Progress {
    let bar = bar.clone();
    Arc::new(move |stage, done, all| {
        if all >= WORTH_SHOWING {
            bar.set_message(match stage {
                Stage::Reading => "reading  ",
                Stage::Analysing => "analysing",
            });
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    })
}

fn rendered(report: &Report, arguments: &Arguments) -> Result<String, String> {
    let language = language(arguments.lang);
    let broken = |error: serde_json::Error| format!("the report cannot be written: {error}");
    Ok(match arguments.format {
        Format::Human => {
            let colour = match arguments.color {
                Colour::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
                Colour::Always => true,
                Colour::Never => false,
            };
            to_human(report, HumanOptions { language, colour, width: 120 })
        }
        Format::Json => to_json(report).map_err(broken)? + "\n",
        Format::Sarif => serde_json::to_string_pretty(&to_sarif(report, language)).map_err(broken)? + "\n",
        Format::Github => to_github(report, language),
    })
}

/// Returns the requested language, otherwise the locale's.
fn language(asked: Option<Lang>) -> Language {
    match asked {
        Some(Lang::Zh) => return Language::Chinese,
        Some(Lang::En) => return Language::English,
        None => {}
    }
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    if locale.to_ascii_lowercase().starts_with("zh") { Language::Chinese } else { Language::English }
}

fn unknown_rule(id: &str) -> String {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    format!("there is no rule {id}. The rules are: {}.", known.join(", "))
}

/// Prints the report. A reader that closes the pipe, such as `head`, is not an error.
fn print(text: &str) -> Result<(), String> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write the report: {error}")),
        _ => Ok(()),
    }
}
