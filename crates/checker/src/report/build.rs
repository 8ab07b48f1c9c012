//! From what the analysis found to the report: one finding for each place and source, in order, silenced or not.

use super::{Finding, Location, PathStep, Report, lines::Lines, silence::Silences, words::words};
use crate::{
    flow::{Analysis, facts::RawFinding, trail::Place},
    project::Project,
    rules::{RULES, Rule, Text},
};
use std::collections::BTreeMap;

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
