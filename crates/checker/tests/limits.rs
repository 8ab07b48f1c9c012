//! Time limits: the report names whatever was not finished, and does not call the app clean.

use miniauth_checker::{
    Limits, Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, to_human, to_json},
    rules::Language,
};
use serde_json::Value;
use std::time::Duration;

/// Two pages, one of which takes long to analyse.
fn checked(limits: Limits) -> Report {
    let busy = "function f(a) { return [a, a].map((b) => [b, b].map((c) => [c, c].map((d) => ({ ...d, e: [d, c, b, a] })))); }\n".to_owned()
        + &"let v = f(f(f({}))); v = f(v); v = f({ v, w: f(v) });\n".repeat(3_000);
    let mut memory = MemoryFiles::default();
    let files = [
        ("app.json", r#"{ "pages": ["pages/a/index", "pages/b/index"] }"#.to_owned()),
        ("pages/a/index.js", format!("{busy}Page({{ onLoad() {{}} }});")),
        ("pages/b/index.js", "Page({ onLoad() {} });".to_owned()),
    ];
    for (path, text) in files {
        memory.0.insert(path.to_owned(), text.into_bytes());
    }
    let options = Options { threads: Some(1), limits, ..Options::default() };
    check(&memory, &options).expect("files in memory can be read")
}

#[test]
fn a_page_s_limit_ends_the_page_alone() {
    let report = checked(Limits { page: Some(Duration::from_millis(20)), whole: None });
    assert_eq!(report.coverage.out_of_time, ["pages/a/index.js"]);
    assert_eq!(report.coverage.not_run, [""; 0]);
    assert_eq!(report.cut, [""; 0], "it is told once");
    let (why, next) = report.coverage.obstacle().expect("it cannot be called clean");
    assert_eq!(why.en, "the time ran out: 1 scripts were not followed to the end, 0 were not run");
    assert_eq!(next.en, "Give more time by --page-time and --time");
    let text = to_human(&report, HumanOptions { language: Language::English, colour: false, width: 100 });
    assert!(text.contains("Not followed to the end, because time ran out: pages/a/index.js."), "{text}");
    let json: Value = serde_json::from_str(&to_json(&report).expect("JSON")).expect("JSON");
    assert_eq!(json["summary"]["complete"], false);
    assert_eq!(json["summary"]["coverage"]["out_of_time"][0], "pages/a/index.js");
}

#[test]
fn when_the_total_time_runs_out_the_scripts_not_run_are_named() {
    let report = checked(Limits { page: None, whole: Some(Duration::ZERO) });
    assert_eq!(report.coverage.not_run, ["pages/a/index.js", "pages/b/index.js"]);
    assert!(report.coverage.obstacle().is_some_and(|(why, _)| why.en.contains("2 were not run")));
}

#[test]
fn a_page_that_is_too_large_is_not_called_clean() {
    let call = "f({ a: f, b: [1, 2, 3], c: { d: f } });";
    let calls = |depth: usize| format!("[{}]", vec!["g"; depth].join(", "));
    let code = format!(
        "const f = (a) => a;\nconst g = () => {{ {} }};\nPage({{ onLoad() {{ {}.map((h) => h()); {} }} }});",
        call.repeat(2_000),
        calls(24),
        "[1, 2, 3, 4].map(() => g());".repeat(100)
    );
    let mut memory = MemoryFiles::default();
    memory.0.insert("app.json".to_owned(), br#"{ "pages": ["pages/a/index"] }"#.to_vec());
    memory.0.insert("pages/a/index.js".to_owned(), code.into_bytes());
    let report =
        check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    assert_eq!(report.cut, ["pages/a/index.js"]);
    let (why, _) = report.coverage.obstacle().expect("it cannot be called clean");
    assert_eq!(why.en, "scripts too large to be followed to the end: 1");
}

#[test]
fn without_limits_the_report_mentions_no_time() {
    let report = checked(Limits::default());
    assert_eq!((report.coverage.out_of_time.len(), report.coverage.not_run.len()), (0, 0));
}
