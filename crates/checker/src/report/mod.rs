//! Findings with texts and places: one per place and source, in order, silenced or not.

mod baseline;
mod formats;
mod silences;
mod ways;

pub use baseline::{Baseline, BaselineError};
pub use formats::{HumanOptions, to_github, to_human, to_json, to_sarif};

use crate::{
    Options,
    coverage::Coverage,
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::{Project, SourceFile},
    rules::{Level, RULES, Rule, Text, is_grouped_by_subject},
    scripts::ir::Range,
};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use silences::Silences;
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};
use ways::Packages;

/// The result of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, by file and place.
    pub findings: Vec<Finding>,
    /// The findings that comments silence, each with its reason.
    pub silenced: Vec<(Finding, String)>,
    /// The findings that the baseline holds.
    pub known: Vec<Finding>,
    /// How many findings of the baseline are gone; `None` without a baseline, or if only some files were checked.
    pub gone: Option<usize>,
    /// How many findings do not concern the changed files; `None` if all files are checked.
    pub unchanged: Option<usize>,
    /// How many findings lie in files that the configuration excludes.
    pub excluded: usize,
    /// Files whose analysis was cut short because of their size.
    pub cut: Vec<String>,
    /// The cost of the analysis: expressions evaluated, fields and elements searched. It is the same on every machine.
    pub steps: u64,
    /// What was analysed, and what could not be.
    pub coverage: Coverage,
    /// The files that were read.
    pub files: Vec<SourceFile>,
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// Its level.
    pub level: Level,
    /// Where it is.
    pub place: Location,
    /// The call, host or field that it is about.
    pub subject: String,
    /// What was found.
    pub message: Text,
    /// What to do.
    pub advice: Text,
    /// The steps that lead to it; empty if the place alone explains it.
    pub path: Vec<PathStep>,
    /// Further places where information enters the same request.
    pub also: Vec<Location>,
    /// The other places of the same call or host, for a rule that reports them all as one finding.
    pub others: Vec<Location>,
    /// The fingerprints, which stay the same when lines move: one for the place, and one for each of the others.
    pub fingerprints: Vec<String>,
    /// The replacement, if it is safe.
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
    /// The same range in bytes.
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

/// A finding's way, and the other places where information enters.
struct Group {
    raw: RawFinding,
    also: Vec<Place>,
}

/// Builds the report.
pub(crate) fn build(project: Project, analysis: &Analysis, options: &Options) -> Report {
    let lines = Lines::new(&project);
    let packages = Packages::new(&project);
    let mut silences = Silences::read(&project);
    let mut baseline = options.baseline.clone();
    let configuration = &options.configuration;
    let mut report = Report { unchanged: options.changed.as_ref().map(|_| 0), ..Report::default() };
    let wanted = |rule: &Rule| options.rules.is_empty() || options.rules.iter().any(|id| id == rule.id);
    for rule in RULES.iter().filter(|rule| wanted(rule)) {
        let Some(level) = configuration.level(rule) else { continue };
        let mut raw = rule.findings(&project, analysis);
        if rule.id == "ignore-without-reason" {
            raw.extend(silences.unfounded());
        }
        for group in grouped(raw) {
            let finding = describe(rule, level, &group, &packages, &lines);
            if configuration.excludes(&finding.place.file) {
                report.excluded += 1;
                continue;
            }
            // A comment at the sending code silences every call that leads there.
            let sent = group
                .raw
                .way
                .last()
                .map(|step| (step.place.file, lines.position(step.place.file, step.place.range.start).0));
            let places = [Some((group.raw.place.file, finding.place.line)), sent];
            match places.into_iter().flatten().find_map(|(file, line)| silences.reason(rule.id, file, line)) {
                Some(reason) => report.silenced.push((finding, reason)),
                None if baseline.as_mut().is_some_and(|known| known.take(&finding)) => report.known.push(finding),
                None if !finding.concerns(options.changed.as_ref()) => *report.unchanged.get_or_insert_default() += 1,
                None => report.findings.push(finding),
            }
        }
    }
    let is_whole = options.rules.is_empty() && options.changed.is_none();
    report.gone = baseline.filter(|_| is_whole).map(|baseline| baseline.left());
    report.silenced.sort_by(|left, right| left.0.place.cmp(&right.0.place));
    for findings in [&mut report.findings, &mut report.known] {
        findings.sort_by(|left, right| (&left.place, left.rule).cmp(&(&right.place, right.rule)));
        *findings = merged_by_subject(std::mem::take(findings));
    }
    report.cut = analysis.cut.iter().map(|module| path_of(&project, project.modules[*module as usize].file)).collect();
    report.steps = analysis.steps;
    drop((lines, packages));
    report.coverage = Coverage::of(&project, analysis);
    report.files = project.files;
    report
}

/// Merges findings into one per call or host, with all places, for the rules that report this way.
fn merged_by_subject(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut known: FxHashMap<(&'static str, String), usize> = FxHashMap::default();
    for finding in findings {
        if !is_grouped_by_subject(finding.rule) {
            merged.push(finding);
            continue;
        }
        let first = *known.entry((finding.rule, finding.subject.clone())).or_insert(merged.len());
        match merged.get_mut(first) {
            Some(first) => {
                first.others.push(finding.place);
                first.fingerprints.extend(finding.fingerprints);
            }
            None => merged.push(finding),
        }
    }
    merged
}

impl Finding {
    /// Whether it, or a step of its way, is in a changed file.
    fn concerns(&self, changed: Option<&BTreeSet<String>>) -> bool {
        let Some(changed) = changed else { return true };
        let places = [&self.place].into_iter().chain(&self.also).chain(self.path.iter().map(|step| &step.place));
        places.into_iter().any(|place| changed.contains(&place.file))
    }
}

fn path_of(project: &Project, file: u32) -> String {
    project.files[file as usize].path.clone()
}

/// One group per place and source, shown with its shortest way. If several calls pass something to one function that sends it,
/// each call is a separate place, because that is where to fix it.
fn grouped(findings: Vec<RawFinding>) -> Vec<Group> {
    let mut groups: BTreeMap<(Place, Option<Place>), Group> = BTreeMap::new();
    let mut handed: FxHashMap<(Place, Option<Place>), FxHashSet<Place>> = FxHashMap::default();
    for raw in &findings {
        handed.entry((raw.place, raw.source)).or_default().extend(raw.handed);
    }
    for mut raw in findings {
        let is_shared = handed.get(&(raw.place, raw.source)).is_some_and(|calls| calls.len() > 1);
        if let Some(call) = raw.handed.filter(|_| is_shared) {
            raw.place = call;
        }
        let key = (raw.place, raw.source);
        let entry = raw.entry;
        match groups.get_mut(&key) {
            Some(group) => {
                let known =
                    |finding: &RawFinding| finding.way.iter().map(|step| (step.place, step.kind)).collect::<Vec<_>>();
                let shorter = (raw.way.len(), known(&raw)) < (group.raw.way.len(), known(&group.raw));
                group.also.extend(entry);
                if shorter {
                    group.raw = raw;
                }
            }
            None => {
                groups.insert(key, Group { raw, also: entry.into_iter().collect() });
            }
        }
    }
    groups.into_values().collect()
}

fn describe(rule: &Rule, level: Level, group: &Group, packages: &Packages<'_>, lines: &Lines<'_>) -> Finding {
    let path = ways::steps(&group.raw.way, packages, lines);
    let mut also: Vec<Location> = group.also.iter().map(|place| lines.location(*place)).collect();
    also.sort_unstable();
    also.dedup_by(|left, right| left.file == right.file && left.line == right.line);
    if also.len() < 2 {
        also.clear();
    }
    let source = group.raw.source.map(|source| lines.code(source)).unwrap_or_default();
    let fingerprint = baseline::fingerprint(&[rule.id, &group.raw.subject, lines.code(group.raw.place), source]);
    Finding {
        rule: rule.id,
        level,
        place: lines.location(group.raw.place),
        subject: group.raw.subject.to_string(),
        message: (rule.message)(&group.raw),
        advice: Text::new(rule.advice.0, rule.advice.1),
        path,
        also,
        others: Vec::new(),
        fingerprints: vec![fingerprint],
        fix: group.raw.fix.clone(),
    }
}

/// The files with their safe fixes applied: path and new text.
pub fn apply_fixes(report: &Report) -> BTreeMap<String, String> {
    let mut fixes: BTreeMap<&str, Vec<(usize, usize, &str)>> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(fix) = &finding.fix {
            let range = finding.place.range;
            fixes.entry(&finding.place.file).or_default().push((range.start as usize, range.end as usize, fix));
        }
    }
    let mut fixed = BTreeMap::new();
    for (path, mut changes) in fixes {
        let Some(file) = report.files.iter().find(|file| file.path == path) else { continue };
        let mut text = file.text.clone();
        // From the end, so that earlier places stay valid.
        changes.sort_unstable();
        changes.dedup();
        for (start, end, fix) in changes.into_iter().rev() {
            text.replace_range(start..end, fix);
        }
        fixed.insert(path.to_owned(), text);
    }
    fixed
}

/// How much of a place's code goes into its fingerprint.
const MAX_CODE_LENGTH: usize = 200;

/// The start of each line in each file.
pub(crate) struct Lines<'p> {
    project: &'p Project,
    starts: Vec<OnceCell<Vec<usize>>>,
}

impl<'p> Lines<'p> {
    pub(crate) fn new(project: &'p Project) -> Self {
        Self { project, starts: project.files.iter().map(|_| OnceCell::new()).collect() }
    }

    pub(super) fn location(&self, place: Place) -> Location {
        let file = &self.project.files[place.file as usize];
        // A parser may report a position inside a character.
        let whole = |byte: u32| file.text.floor_char_boundary(byte as usize) as u32;
        let start = whole(place.range.start);
        let range = Range { start, end: whole(place.range.end).max(start) };
        let place = Place { range, ..place };
        let (line, column) = self.position(place.file, place.range.start);
        let (end_line, end_column) = self.position(place.file, place.range.end);
        Location { file: file.path.clone(), line, column, end_line, end_column, range: place.range }
    }

    /// The code at a place, up to the end of its first line.
    fn code(&self, place: Place) -> &'p str {
        let text = &self.project.files[place.file as usize].text;
        let start = text.floor_char_boundary(place.range.start as usize);
        let end = text.ceil_char_boundary(place.range.end as usize).max(start);
        let line = text[start..end].lines().next().unwrap_or_default();
        &line[..line.floor_char_boundary(MAX_CODE_LENGTH)]
    }

    /// Line and column, from 1.
    pub(crate) fn position(&self, file: u32, byte: u32) -> (u32, u32) {
        let text = &self.project.files[file as usize].text;
        let starts = self.starts[file as usize].get_or_init(|| {
            let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place + 1);
            std::iter::once(0).chain(after).collect()
        });
        let byte = text.floor_char_boundary(byte as usize);
        let line = starts.partition_point(|start| *start <= byte);
        let start = starts[line - 1];
        (line as u32, text[start..byte].chars().count() as u32 + 1)
    }
}
