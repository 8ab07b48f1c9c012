//! The report for people: one finding per host or call, with all its places, and only informative steps.

use miniauth_checker::{
    Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, to_github, to_human, to_json, to_sarif},
    rules::Language,
};
use serde_json::Value;

fn report(files: &[(&str, &str)]) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    memory.0.entry("app.json".to_owned()).or_insert_with(|| br#"{ "pages": ["pages/a/index"] }"#.to_vec());
    check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read")
}

fn human(report: &Report) -> String {
    to_human(report, HumanOptions { language: Language::English, colour: false, width: 120 })
}

/// The steps of the only finding of a rule, in English.
fn steps(report: &Report, rule: &str) -> Vec<String> {
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].path.iter().map(|step| step.what.en.clone()).collect()
}

#[test]
fn a_host_or_call_is_one_finding_with_all_its_places() {
    let calls = |count: usize| "my.httpRequest({ url: 'http://shop.example/a' });\n".repeat(count);
    let report = report(&[
        ("pages/a/index.js", &*calls(12)),
        ("lib/b.js", "const a = 'http://shop.example/b?c';\nconst b = 'http://other.example';\n"),
    ]);
    let told: Vec<_> =
        report.findings.iter().map(|finding| (finding.rule, finding.subject.as_str(), finding.others.len())).collect();
    assert_eq!(
        told,
        [
            ("insecure-url", "http://shop.example", 12),
            ("insecure-url", "http://other.example", 0),
            ("removed-api", "httpRequest", 11)
        ]
    );
    let text = human(&report);
    assert!(text.contains("http://shop.example is not encrypted, and the platform refuses it (13 places)"), "{text}");
    assert!(text.contains("\n  lib/b.js:1:11\n  pages/a/index.js:1:23\n"), "{text}");
    assert!(text.contains("... and 3 more (--format json lists all)"), "{text}");
    let annotations = to_github(&report, Language::English).lines().filter(|line| line.contains("file=")).count();
    assert_eq!(annotations, 3);
    let json: Value = serde_json::from_str(&to_json(&report).expect("JSON")).expect("JSON");
    assert_eq!(json["findings"][0]["others"].as_array().map(Vec::len), Some(12));
    assert_eq!(json["findings"][0]["fingerprints"].as_array().map(Vec::len), Some(13));
    let sarif = to_sarif(&report, Language::English);
    assert_eq!(sarif["runs"][0]["results"][0]["relatedLocations"].as_array().map(Vec::len), Some(12));
}

#[test]
fn a_silenced_place_is_not_listed_with_the_hosts_other_places() {
    let code = "const a = 'http://shop.example/a';\n// miniauth-ignore insecure-url: a test server\nconst b = 'http://shop.example/b';\n";
    let report = report(&[("pages/a/index.js", code)]);
    assert_eq!((report.findings.len(), report.findings[0].others.len(), report.silenced.len()), (1, 0, 1));
}

#[test]
fn a_way_through_a_package_names_it_and_no_more() {
    let package = "function a(f) { return b(f); } function b(f) { return c(f); } function c(f) { return f(); }\n\
                   module.exports = { run: a };";
    let page = "const { run } = require('tools');\n\
                Page({\n  onLoad() {\n    run(() => this.ask());\n  },\n  ask() {\n    my.getAuthCode({ scopes: 'auth_user' });\n  },\n});";
    let files = [
        ("node_modules/tools/package.json", r#"{ "main": "index.js" }"#),
        ("node_modules/tools/index.js", package),
        ("pages/a/index.js", page),
        ("pages/a/index.axml", "<view/>"),
    ];
    assert_eq!(
        steps(&report(&files), "consent-without-tap"),
        ["starts with onLoad", "calls a", "goes through tools", "calls ask", "my.getAuthCode shows a consent panel"]
    );
}

#[test]
fn a_minified_vendor_file_is_a_package_and_a_minified_page_tells_of_no_nameless_calls() {
    let filler = format!("var z=[{}];", "'filler',".repeat(200));
    let vendor = format!("{filler}function t(e){{return n(e)}}function n(e){{return e()}}exports.r=t;");
    let page = format!(
        "{filler}var v=require('../../common/vendor.js');Page({{onLoad(){{(()=>(()=>(()=>v.r(()=>this.ask()))())())()}},ask(){{my.getAuthCode({{scopes:'auth_user'}})}}}});"
    );
    let files = [("common/vendor.js", &*vendor), ("pages/a/index.js", &*page), ("pages/a/index.axml", "<view/>")];
    assert_eq!(
        steps(&report(&files), "consent-without-tap"),
        [
            "starts with onLoad",
            "calls t",
            "goes through common/vendor.js",
            "calls ask",
            "my.getAuthCode shows a consent panel"
        ]
    );
}

#[test]
fn a_callback_is_one_step() {
    let page = "Page({\n  onLoad() {\n    my.request({ url: 'https://shop.example', success: () => this.ask() });\n    \
                setTimeout(function later() { my.authorize({ scopes: 'scope.userInfo' }); }, 100);\n  },\n  \
                ask() {\n    my.getAuthCode({ scopes: 'auth_user' });\n  },\n});";
    let report = report(&[("pages/a/index.js", page), ("pages/a/index.axml", "<view/>")]);
    let ways: Vec<Vec<&str>> =
        report.findings.iter().map(|finding| finding.path.iter().map(|step| step.what.en.as_str()).collect()).collect();
    assert_eq!(
        ways,
        [
            vec!["starts with onLoad", "called back by setTimeout", "my.authorize shows a consent panel"],
            vec!["starts with onLoad", "calls back success later", "calls ask", "my.getAuthCode shows a consent panel"],
        ]
    );
}

#[test]
fn parsing_json_and_a_modules_default_are_not_shown_as_steps() {
    let page = "import client from 'axios';\nimport send from '../../lib/send';\nPage({\n  tap() {\n    my.getOpenUserInfo({\n      \
                success: (res) => {\n        const user = JSON.parse(res.response).response;\n        \
                client.default.post('https://shop.example', user);\n      },\n    });\n  },\n  onLoad() { send(); },\n});";
    let send = "exports.default = void 0;\nfunction _default() { my.getAuthCode({ scopes: 'auth_user' }); }\nexports.default = _default;\n";
    let report = report(&[("pages/a/index.js", page), ("lib/send.js", send), ("pages/a/index.axml", BUTTON)]);
    assert_eq!(
        steps(&report, "display-only-forwarded"),
        ["my.getOpenUserInfo gives display information", "assigned to user", "given to axios.post"]
    );
    assert_eq!(steps(&report, "consent-without-tap"), ["starts with onLoad", "my.getAuthCode shows a consent panel"]);
}

const BUTTON: &str = "<button open-type=\"getAuthorize\" scope=\"userInfo\" onGetAuthorize=\"tap\" onError=\"tap\" />";
