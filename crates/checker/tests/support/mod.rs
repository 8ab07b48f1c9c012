//! The cases: small mini-programs with their expected findings.

use miniauth_checker::{Options, Report, check, project::MemoryFiles};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A case as written, in TypeScript.
pub(crate) struct Case {
    /// `rule/family/name`
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) files: BTreeMap<String, String>,
    /// Each finding with its way: `place <- steps`.
    pub(crate) expected: Vec<String>,
}

impl Case {
    pub(crate) fn rule(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

pub(crate) fn cases_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// Every case, in order.
pub(crate) fn cases() -> Vec<Case> {
    let mut paths = Vec::new();
    collect(&cases_root(), &mut paths);
    paths.sort();
    paths.iter().map(|path| read_case(path)).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder of the cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            into.push(path);
        }
    }
}

fn read_case(path: &Path) -> Case {
    let text = fs::read_to_string(path).expect("the case");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            files.insert(name.to_owned(), String::new());
            current = Some(name.to_owned());
        } else if let Some(name) = &current {
            let file = files.entry(name.clone()).or_default();
            file.push_str(line);
            file.push('\n');
        }
    }
    let expected = files.remove("expected").expect("every case says what is expected");
    let expected = expected.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let name = path
        .strip_prefix(cases_root())
        .expect("a case below the root")
        .with_extension("")
        .to_string_lossy()
        .into_owned();
    Case { name, path: path.to_owned(), files, expected }
}

/// Checks files for one rule; an `app.json` that names every page is added.
pub(crate) fn check_files(files: &BTreeMap<String, String>, rule: &str) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert(path.clone(), text.clone().into_bytes());
    }
    let stems = files.keys().filter_map(|path| path.strip_suffix(".axml"));
    let pages: Vec<String> = stems.filter(|path| path.starts_with("pages/")).map(|path| format!("{path:?}")).collect();
    let manifest = format!("{{ \"pages\": [{}] }}", pages.join(", "));
    memory.0.entry("app.json".to_owned()).or_insert_with(|| manifest.into_bytes());
    let options = Options { rules: vec![rule.to_owned()], threads: Some(1), ..Options::default() };
    check(&memory, &options).expect("files in memory can be read")
}

/// The findings, in the form of the expectations.
pub(crate) fn found(report: &Report) -> Vec<String> {
    let line = |finding: &miniauth_checker::report::Finding| {
        let place = format!("{}:{}", finding.place.file, finding.place.line);
        // A rule with one finding for all places of a call or host.
        let others = finding.others.iter().map(|other| format!("{}:{}", other.file, other.line));
        if !finding.others.is_empty() {
            return [place].into_iter().chain(others).collect();
        }
        let mut way: Vec<String> = Vec::new();
        for step in &finding.path {
            let step = format!("{}:{}", step.place.file, step.place.line);
            if way.last() != Some(&step) {
                way.push(step);
            }
        }
        vec![if way.is_empty() { place } else { format!("{place} <- {}", way.join(" ")) }]
    };
    report.findings.iter().flat_map(line).collect()
}
