//! Whole mini-programs: this repository's example, and public snippets that apps copy.

use miniauth_checker::{
    Options, Report, check,
    project::{DiskFiles, MemoryFiles},
};
use std::path::Path;

fn report(folder: &str) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    check(&DiskFiles::new(root), &Options::default()).expect("the folder can be read")
}

/// The snippets as published, each as a page. They are kept as text files, so that no other tool treats them as code.
fn seeds() -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    let read = |path: &str| std::fs::read(root.join(path)).expect("a snippet");
    let mut files = MemoryFiles::default();
    files.0.insert("app.json".into(), read("app.json"));
    for page in ["display", "code", "request", "again", "shown"] {
        files.0.insert(format!("pages/{page}/index.js"), read(&format!("pages/{page}/index.js.txt")));
    }
    check(&files, &Options::default()).expect("files in memory can be read")
}

/// The page 越界 tries seven ways to send display information. The library refuses each at run time, and the checker reports all seven
/// where they are sent. The probe calls `getOpenUserInfo` on a plain tap and gives a reason. Every other page is clean.
#[test]
fn the_example_is_clean_but_for_the_page_that_breaks_the_rule_on_purpose() {
    let report = report("../../example-miniapp");
    let places: Vec<_> = report.findings.iter().map(|finding| (finding.rule, &*finding.place.file)).collect();
    assert_eq!(places, [("display-only-forwarded", "pages/boundary/index.js")]);
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../example-miniapp/pages/boundary/attempts.js"),
    )
    .expect("the attempts");
    let ways: Vec<u32> = text
        .lines()
        .zip(1..)
        .skip_while(|(line, _)| !line.contains("const ways = ["))
        .skip(1)
        .take_while(|(line, _)| line.trim_start().starts_with("['"))
        .map(|(_, number)| number)
        .collect();
    assert_eq!(ways.len(), 7, "the page is about seven ways");
    let found: Vec<(&str, u32)> = report.findings[0].also.iter().map(|place| (&*place.file, place.line)).collect();
    let expected: Vec<(&str, u32)> = ways.iter().map(|line| ("pages/boundary/attempts.js", *line)).collect();
    assert_eq!(found, expected);
    let silenced: Vec<_> = report.silenced.iter().map(|(finding, _)| (finding.rule, &*finding.place.file)).collect();
    assert_eq!(silenced, [("authorize-button", "pages/probe/panels.js")]);
    assert!(report.cut.is_empty());
}

#[test]
fn the_snippets_that_are_copied_misspell_the_code() {
    let report = seeds();
    let misspelt: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "auth-code-misspelt").collect();
    let places: Vec<_> = misspelt.iter().map(|finding| (&*finding.place.file, finding.place.line)).collect();
    assert_eq!(places, [("pages/again/index.js", 12), ("pages/request/index.js", 17)]);
    // A forum has damaged one snippet: it is reported as unreadable, and the others are still checked.
    let unreadable: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "unreadable-file").collect();
    assert_eq!(unreadable.len(), 1);
    assert_eq!(unreadable[0].place.file, "pages/request/index.js");
    let without_tap = report.findings.iter().filter(|finding| finding.rule == "consent-without-tap").count();
    assert_eq!(without_tap, 4, "each of the four that parse asks as soon as it is loaded");
}
