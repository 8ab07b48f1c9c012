//! Known findings do not fail a check, even if their lines have moved.

use miniauth_checker::{
    Baseline, Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, to_human, to_json, to_sarif},
    rules::Language,
};
use serde_json::Value;
use std::collections::BTreeSet;

fn checked(files: &[(&str, &str)], options: Options) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    check(&memory, &Options { threads: Some(1), ..options }).expect("files in memory can be read")
}

fn against(baseline: &Baseline, files: &[(&str, &str)]) -> Report {
    checked(files, Options { baseline: Some(baseline.clone()), ..Options::default() })
}

const PAGE: &str = "Page({
  onLoad() {
    my.getAuthCode({ scopes: 'auth_user' });
    my.httpRequest({ url: 'http://shop.example' });
  },
});
";

/// The baseline after it was written to a file and read again.
fn baseline() -> Baseline {
    let written = Baseline::of(&checked(&[("a.js", PAGE)], Options::default())).written().expect("JSON");
    Baseline::read(&written).expect("what was written")
}

#[test]
fn known_findings_are_no_findings_when_lines_and_spaces_move() {
    let moved = PAGE.replace("    my.", "\n\n  my.").replace("{ scopes", "{  scopes");
    let report = against(&baseline(), &[("a.js", &format!("// a line more\n{moved}"))]);
    assert_eq!((report.findings.len(), report.known.len(), report.gone), (0, 3, Some(0)));
}

#[test]
fn a_new_finding_of_the_same_kind_in_the_same_file_is_new() {
    let again = PAGE.replace("    my.getAuthCode", "    my.getAuthCode({ scopes: 'auth_user' });\n    my.getAuthCode");
    let report = against(&baseline(), &[("a.js", &again)]);
    assert_eq!((report.findings.len(), report.known.len()), (1, 3));
    let elsewhere = against(&baseline(), &[("a.js", PAGE), ("b.js", "const a = 'http://shop.example';")]);
    let new: Vec<_> = elsewhere.findings.iter().map(|finding| (&*finding.place.file, finding.others.len())).collect();
    assert_eq!(new, [("b.js", 0)], "of the host's places only the new one");
}

#[test]
fn fixed_findings_are_counted_and_rewriting_the_baseline_drops_them() {
    let less = PAGE.replace("    my.httpRequest({ url: 'http://shop.example' });\n", "");
    let report = against(&baseline(), &[("a.js", &less)]);
    assert_eq!((report.known.len(), report.gone), (1, Some(2)));
    let text = to_human(&report, HumanOptions { language: Language::English, colour: false, width: 100 });
    assert!(text.contains("1 finding is in the baseline."), "{text}");
    assert!(text.contains("2 findings of the baseline are gone: write it again with --write-baseline."), "{text}");
    assert_eq!(against(&Baseline::of(&report), &[("a.js", &less)]).gone, Some(0));
    let part = Options { baseline: Some(baseline()), rules: vec!["removed-api".to_owned()], ..Options::default() };
    assert_eq!(checked(&[("a.js", &less)], part).gone, None, "other rules were not asked for");
}

#[test]
fn json_and_sarif_tell_known_from_new() {
    let report = against(&baseline(), &[("a.js", PAGE), ("b.js", "const a = 'http://other.example';")]);
    let json: Value = serde_json::from_str(&to_json(&report).expect("JSON")).expect("JSON");
    assert_eq!((json["summary"]["known"].as_u64(), json["known"].as_array().map(Vec::len)), (Some(3), Some(3)));
    let sarif = to_sarif(&report, Language::English);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let states: Vec<_> = results.iter().filter_map(|result| result["baselineState"].as_str()).collect();
    assert_eq!(states, ["new", "unchanged", "unchanged", "unchanged"]);
    assert!(results.iter().all(|result| result["partialFingerprints"]["miniauth/v1"].is_string()));
}

#[test]
fn a_secret_is_not_written_into_the_baseline() {
    let key = "const key = '-----BEGIN RSA PRIVATE KEY-----MIIEowIBAAKCAQEAx0";
    let report = checked(&[("a.js", &format!("{key}{}';", "a1B2".repeat(60)))], Options::default());
    assert!(report.findings.iter().any(|finding| finding.rule == "secret-in-package"), "{:?}", report.findings);
    let written = Baseline::of(&report).written().expect("JSON");
    assert!(!written.contains("MIIE") && !written.contains("PRIVATE"), "{written}");
}

#[test]
fn an_invalid_baseline_is_refused_with_the_reason() {
    let said = |text: &str| Baseline::read(text).expect_err("no baseline").to_string();
    assert!(said("[]").contains("not what --write-baseline writes"));
    assert!(said(r#"{ "version": 1, "findings": [], "more": 1 }"#).contains("unknown field `more`"));
    assert!(said(r#"{ "version": 2, "findings": [] }"#).contains("its version is 2, this program knows 1"));
}

#[test]
fn only_findings_that_concern_changed_files_are_reported() {
    let files = [
        ("lib/ask.js", "exports.ask = () => my.getAuthCode({ scopes: 'auth_user' });"),
        ("pages/a/index.js", "const { ask } = require('../../lib/ask');\nPage({ onLoad() { ask(); } });"),
        ("other.js", "const a = 'http://shop.example';"),
    ];
    let since = |changed: &[&str]| {
        let changed: BTreeSet<String> = changed.iter().map(|path| (*path).to_owned()).collect();
        let report = checked(&files, Options { changed: Some(changed), ..Options::default() });
        (report.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), report.unchanged)
    };
    // The steps to the panel lead through the page, but the panel itself is in the helper.
    assert_eq!(since(&["pages/a/index.js"]), (vec!["consent-without-tap"], Some(1)));
    assert_eq!(since(&["other.js"]), (vec!["insecure-url"], Some(1)));
    assert_eq!(since(&["README.md"]), (vec![], Some(2)));
}
