//! From what the analysis found to the report: one finding for each place and source, in order, silenced or not.

use super::{Finding, Location, PathStep, Report, silence::Silences, words::words};
use crate::{
    flow::{Analysis, facts::RawFinding, trail::Place},
    project::Project,
    rules::{RULES, Rule, Text},
    scripts::ir::Range,
};
use std::collections::BTreeMap;

/// The way of a finding and where else it enters.
struct Group {
    raw: RawFinding,
    also: Vec<Place>,
}

/// Where the lines of each file begin.
pub(super) struct Lines<'p> {
    project: &'p Project,
    starts: Vec<std::cell::OnceCell<Vec<usize>>>,
}

impl<'p> Lines<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self { project, starts: project.files.iter().map(|_| std::cell::OnceCell::new()).collect() }
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
    Report { findings, silenced, cut, files: project.files }
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
