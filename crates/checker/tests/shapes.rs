//! Small apps modelled on real ones, as whole folders: which rules have findings, and how the check ends. Each app is a text file in
//! `tests/shapes`. Its first line says what it is; `expected` lists the rules with findings.

use miniauth_checker::{Options, check, project::MemoryFiles};
use std::{collections::BTreeSet, fs, path::Path};

/// The files of a shape and the rules that must have findings. `missing` names something that the folder lacks, `gap` code that could
/// not be followed; `exit 2` means that nothing is found but not everything could be followed.
fn read(text: &str) -> (MemoryFiles, BTreeSet<String>) {
    let mut files = MemoryFiles::default();
    let mut path = String::new();
    for line in text.lines().skip(1) {
        match line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            Some(name) => {
                name.clone_into(&mut path);
                files.0.entry(path.clone()).or_default();
            }
            None => {
                let file = files.0.entry(path.clone()).or_default();
                file.extend_from_slice(line.as_bytes());
                file.push(b'\n');
            }
        }
    }
    let expected = files.0.remove("expected").expect("every shape says what is expected");
    let expected = String::from_utf8(expected).expect("text");
    (files, expected.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn each_shape_prints_what_is_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let mut paths: Vec<_> =
        fs::read_dir(root).expect("the shapes").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in &paths {
        let (files, expected) = read(&fs::read_to_string(path).expect("a shape"));
        let report = check(&files, &Options { threads: Some(1), ..Options::default() }).expect("files in memory");
        let mut found: BTreeSet<String> = report.findings.iter().map(|finding| finding.rule.to_owned()).collect();
        found.extend(report.coverage.missing.iter().map(|name| format!("missing {name}")));
        found.extend(report.coverage.gaps.iter().map(|gap| format!("gap {}", gap.words().en)));
        if report.findings.is_empty() && report.coverage.obstacle().is_some() {
            found.insert("exit 2".to_owned());
        }
        if found != expected {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}
