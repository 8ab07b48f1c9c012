//! What can be corrected without thinking.

use super::Report;
use std::collections::BTreeMap;

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
