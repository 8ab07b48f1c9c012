//! Findings in words and places: one for each place and source, in order, silenced or not.

use crate::{
    coverage::Coverage,
    flow::{
        Analysis,
        facts::{Place, RawFinding, Step, StepKind},
    },
    project::{Project, SourceFile},
    rules::{Level, RULES, Rule, Text, rule},
    scripts::ir::Range,
};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::{cell::OnceCell, collections::BTreeMap};
mod formats;

pub use formats::{HumanOptions, to_github, to_human, to_json, to_sarif};

/// What a check comes to.
#[derive(Debug)]
pub struct Report {
    /// The findings, by file and place.
    pub findings: Vec<Finding>,
    /// The findings that comments silence, each with its reason.
    pub silenced: Vec<(Finding, String)>,
    /// Files whose analysis was cut short because of their size.
    pub cut: Vec<String>,
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

/// The way of a finding and where else it enters.
struct Group {
    raw: RawFinding,
    also: Vec<Place>,
}

/// Puts everything together. `only` names the rules that are asked for; none means all.
pub(crate) fn build(project: Project, analysis: &Analysis, only: &[String]) -> Report {
    let lines = Lines::new(&project);
    let mut silences = Silences::read(&project);
    let (mut findings, mut silenced) = (Vec::new(), Vec::new());
    let wanted = |rule: &Rule| only.is_empty() || only.iter().any(|id| id == rule.id);
    for rule in RULES.iter().filter(|rule| wanted(rule)) {
        let mut raw = (rule.check)(&project, analysis);
        if rule.id == "ignore-without-reason" {
            raw.extend(silences.unfounded());
        }
        for group in grouped(raw) {
            let finding = put_into_words(rule, &group, &lines);
            match silences.reason(rule.id, group.raw.place.file, finding.place.line) {
                Some(reason) => silenced.push((finding, reason)),
                None => findings.push(finding),
            }
        }
    }
    findings.sort_by(|left, right| (&left.place, left.rule).cmp(&(&right.place, right.rule)));
    silenced.sort_by(|left, right| left.0.place.cmp(&right.0.place));
    let cut = analysis.cut.iter().map(|module| path_of(&project, project.modules[*module as usize].file)).collect();
    drop(lines);
    let coverage = Coverage::of(&project, analysis);
    Report { findings, silenced, cut, coverage, files: project.files }
}

fn path_of(project: &Project, file: u32) -> String {
    project.files[file as usize].path.clone()
}

/// One group for each place and source, told by its shortest way.
fn grouped(findings: Vec<RawFinding>) -> Vec<Group> {
    let mut groups: BTreeMap<(Place, Option<Place>), Group> = BTreeMap::new();
    for raw in findings {
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

fn put_into_words(rule: &Rule, group: &Group, lines: &Lines<'_>) -> Finding {
    let mut path: Vec<PathStep> = Vec::new();
    for step in &group.raw.way {
        let step = PathStep { place: lines.location(step.place), what: words(step) };
        if path.last().is_none_or(|last| last.place != step.place || last.what != step.what) {
            path.push(step);
        }
    }
    let mut also: Vec<Location> = group.also.iter().map(|place| lines.location(*place)).collect();
    also.sort_unstable();
    also.dedup_by(|left, right| left.file == right.file && left.line == right.line);
    if also.len() < 2 {
        also.clear();
    }
    Finding {
        rule: rule.id,
        level: rule.level,
        place: lines.location(group.raw.place),
        message: (rule.message)(&group.raw),
        advice: Text::new(rule.advice.0, rule.advice.1),
        path,
        also,
        fix: group.raw.fix.clone(),
    }
}

/// A step in words.
pub(super) fn words(step: &Step) -> Text {
    let name = &*step.label;
    let text = |zh: String, en: String| Text { zh, en };
    match step.kind {
        StepKind::Source => text(format!("{name} 得到展示信息"), format!("{name} gives display information")),
        StepKind::Assigned => text(format!("赋给 {name}"), format!("assigned to {name}")),
        StepKind::Field => text(format!("放进字段 {name}"), format!("put into field {name}")),
        StepKind::Element => text("放进数组".into(), "put into an array".into()),
        StepKind::Copied => text(format!("随对象复制：{name}"), format!("copied with its object: {name}")),
        StepKind::Returned => text("由函数返回".into(), "returned".into()),
        StepKind::Promised => text(format!("经 {name} 得到"), format!("handed on by {name}")),
        StepKind::Mixed if name.is_empty() => text("成为另一个值的一部分".into(), "made part of another value".into()),
        StepKind::Mixed => text(format!("拼成参数 {name}"), format!("made parameter {name}")),
        StepKind::SetData => text(format!("setData 到 {name}"), format!("set as page data {name}")),
        StepKind::Stored => text(format!("以 {name} 存入缓存"), format!("stored under {name}")),
        StepKind::Read => text(format!("从缓存 {name} 读出"), format!("read from storage {name}")),
        StepKind::Navigated => text(format!("随页面参数 {name} 传递"), format!("travels as page parameter {name}")),
        StepKind::Emitted => text(format!("经事件 {name} 传递"), format!("travels with event {name}")),
        StepKind::Template => text(format!("经模板的 {name}"), format!("handed on by the template's {name}")),
        StepKind::Sink => text(format!("交给 {name}"), format!("given to {name}")),
        StepKind::Entry if name == "module" => text("模块加载".into(), "the module loads".into()),
        StepKind::Entry => text(format!("从 {name} 开始"), format!("starts with {name}")),
        StepKind::Called if name.is_empty() => text("调用函数".into(), "calls a function".into()),
        StepKind::Called => text(format!("调用 {name}"), format!("calls {name}")),
        StepKind::CalledBack if name.is_empty() => text("之后回调".into(), "calls back later".into()),
        StepKind::CalledBack => text(format!("由 {name} 回调"), format!("called back by {name}")),
        StepKind::Refused => text(format!("{name} 被拒绝或失败"), format!("{name} is refused or fails")),
        StepKind::Unallowed => text(format!("{name} 没有得到授权"), format!("{name} is called without the consent")),
        StepKind::Panel => text(format!("{name} 弹出授权"), format!("{name} shows a consent panel")),
    }
}

/// The files with their safe corrections made: path and new text.
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
        // From the end, so that the places before stay where they are.
        changes.sort_unstable();
        changes.dedup();
        for (start, end, fix) in changes.into_iter().rev() {
            text.replace_range(start..end, fix);
        }
        fixed.insert(path.to_owned(), text);
    }
    fixed
}

/// Where the lines of each file begin.
pub(super) struct Lines<'p> {
    project: &'p Project,
    starts: Vec<OnceCell<Vec<usize>>>,
}

impl<'p> Lines<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self { project, starts: project.files.iter().map(|_| OnceCell::new()).collect() }
    }

    pub(super) fn location(&self, place: Place) -> Location {
        let file = &self.project.files[place.file as usize];
        // A parser that stops within a character says so in bytes.
        let whole = |byte: u32| file.text.floor_char_boundary(byte as usize) as u32;
        let start = whole(place.range.start);
        let range = Range { start, end: whole(place.range.end).max(start) };
        let place = Place { range, ..place };
        let (line, column) = self.position(place.file, place.range.start);
        let (end_line, end_column) = self.position(place.file, place.range.end);
        Location { file: file.path.clone(), line, column, end_line, end_column, range: place.range }
    }

    /// Line and column, from 1.
    pub(super) fn position(&self, file: u32, byte: u32) -> (u32, u32) {
        let text = &self.project.files[file as usize].text;
        let starts = self.starts[file as usize].get_or_init(|| {
            let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place + 1);
            std::iter::once(0).chain(after).collect()
        });
        let byte = text.floor_char_boundary(byte as usize);
        let line = starts.partition_point(|start| *start <= byte);
        let start = starts[line - 1];
        // Only as much of a line is counted as could be of use: minified files have lines of megabytes.
        let column = if byte - start > 100_000 { byte - start } else { text[start..byte].chars().count() };
        (line as u32, column as u32 + 1)
    }
}

const WORD: &str = "miniauth-ignore";

/// The silencing comments of a project.
pub(super) struct Silences {
    /// File, line and rule, with the reason.
    reasons: FxHashMap<(u32, u32, String), String>,
    unfounded: Vec<RawFinding>,
}

impl Silences {
    pub(super) fn read(project: &Project) -> Self {
        let mut silences = Self { reasons: FxHashMap::default(), unfounded: Vec::new() };
        let lines = Lines::new(project);
        for module in &project.modules {
            let text = &project.files[module.file as usize].text;
            for comment in &module.script.comments {
                silences.comment(module.file, text, *comment, &lines);
            }
        }
        for template in &project.templates {
            let text = &project.files[template.file as usize].text;
            let mut from = 0;
            while let Some(start) = text[from..].find("<!--").map(|start| from + start) {
                let end = text[start..].find("-->").map_or(text.len(), |length| start + length);
                silences.comment(template.file, text, Range { start: start as u32, end: end as u32 }, &lines);
                from = end;
            }
        }
        silences
    }

    fn comment(&mut self, file: u32, text: &str, range: Range, lines: &Lines<'_>) {
        let comment = text.get(range.start as usize..range.end as usize).unwrap_or_default();
        let Some(place) = comment.find(WORD) else { return };
        let rest = comment[place + WORD.len()..].trim_start();
        let name: String = rest.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
        let after = rest[name.len()..].trim_start();
        let reason = after.strip_prefix([':', '：']).unwrap_or_default().trim().trim_end_matches("*/").trim();
        if reason.is_empty() || rule(&name).is_none() {
            self.unfounded.push(RawFinding::new("ignore-without-reason", Place { file, range }, name));
            return;
        }
        let (line, _) = lines.position(file, range.end);
        for line in [line, line + 1] {
            self.reasons.insert((file, line, name.clone()), reason.to_owned());
        }
    }

    /// The reason for which a finding there is silenced.
    pub(super) fn reason(&self, rule: &str, file: u32, line: u32) -> Option<String> {
        self.reasons.get(&(file, line, rule.to_owned())).cloned()
    }

    /// The comments that give no reason, or name no rule.
    pub(super) fn unfounded(&mut self) -> Vec<RawFinding> {
        std::mem::take(&mut self.unfounded)
    }
}
