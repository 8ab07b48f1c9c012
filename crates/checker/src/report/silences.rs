//! The comments that silence findings, each with its reason.

use super::Lines;
use crate::{
    flow::facts::{Place, RawFinding},
    project::Project,
    rules::rule,
    scripts::ir::Range,
};
use rustc_hash::FxHashMap;

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

    /// The reason why a finding there is silenced.
    pub(super) fn reason(&self, rule: &str, file: u32, line: u32) -> Option<String> {
        self.reasons.get(&(file, line, rule.to_owned())).cloned()
    }

    /// The comments that give no reason or name no rule.
    pub(super) fn unfounded(&mut self) -> Vec<RawFinding> {
        std::mem::take(&mut self.unfounded)
    }
}
