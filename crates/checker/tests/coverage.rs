//! What the report says about the analysis itself: code that was not analysed is never called clean.

use miniauth_checker::{
    Framework, Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, to_human, to_json, to_sarif},
    rules::Language,
};
use serde_json::Value;

const APP: (&str, &str) = ("app.json", r#"{ "pages": ["pages/a/index", "pages/b/index"] }"#);
const PAGE: &str = "Page({ onLoad() {}, tap() {} });";

fn report(files: &[(&str, &str)]) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read")
}

fn obstacle(report: &Report) -> String {
    report.coverage.obstacle().map_or_else(String::new, |(why, next)| format!("{}. {}", why.en, next.en))
}

#[test]
fn a_whole_app_is_counted_and_nothing_stands_in_the_way() {
    let report = report(&[
        APP,
        ("app.js", "App({ onLaunch() {} });"),
        ("pages/a/index.js", PAGE),
        ("pages/a/index.axml", "<view onTap=\"tap\" />"),
        ("pages/b/index.js", PAGE),
        ("common/vendor.js", "exports.a = 1;"),
    ]);
    let coverage = &report.coverage;
    assert_eq!(coverage.framework, None, "a framework that is followed is no matter");
    assert_eq!((coverage.pages, coverage.followed), (2, 2));
    // Two `onLoad`, `onLaunch`, and the only bound tap.
    assert_eq!(coverage.handlers, 4);
    assert_eq!(obstacle(&report), "");
    let text = to_human(&report, HumanOptions { language: Language::English, colour: false, width: 100 });
    assert!(text.contains("2 of 2 pages of app.json followed, 4 handlers run."), "{text}");
    assert!(!text.contains("cannot be called clean"), "{text}");
}

#[test]
fn the_sources_of_frameworks_are_named_with_the_next_step() {
    let vue = "<script>export default { onLaunch() { my.getAuthCode({ scopes: 'auth_user' }); } };</script>";
    let sources = [
        (("src/App.vue", vue), ("pages.json", "{}"), Framework::UniAppSource, "dist/build/mp-alipay"),
        (
            ("src/app.config.ts", "export default {}"),
            ("src/app.tsx", ""),
            Framework::TaroSource,
            "taro build --type alipay",
        ),
        (("src/app.mpx", vue), ("vue.config.js", "module.exports = {};"), Framework::MpxSource, "dist/ali"),
    ];
    for (one, other, framework, next) in sources {
        let report = report(&[one, other, ("vue.config.js", "module.exports = {};")]);
        assert!(report.coverage.is_empty(), "{framework:?}");
        assert_eq!(report.coverage.framework, Some(framework));
        let said = obstacle(&report);
        assert!(said.starts_with("nothing was analysed") && said.contains(next), "{said}");
    }
    let said = obstacle(&report(&[("index.js", "console.log(1);")]));
    assert_eq!(said, "nothing was analysed: there is no app.json. Give the folder of app.json");
}

#[test]
fn a_page_that_registers_what_a_missing_package_makes_is_not_called_clean() {
    let wrapped = "import wrap from 'page-tools'; import './lost'; Page(wrap('a'));";
    let report = report(&[APP, ("pages/a/index.js", wrapped), ("pages/b/index.js", PAGE)]);
    assert_eq!(report.coverage.not_followed, ["pages/a/index.js"]);
    assert_eq!(report.coverage.missing, ["./lost", "page-tools"]);
    assert_eq!(
        obstacle(&report),
        "one script could not be followed. Install the packages that are missing, then check again"
    );
    assert!(!report.coverage.is_empty(), "the other page was run");
}

#[test]
fn the_output_of_frameworks_that_cannot_be_followed_is_named() {
    let chunk = |body: &str| {
        format!("(my.webpackJsonp = my.webpackJsonp || []).push([['a'], {{ a: function (m, e, r) {{ {body} }} }}]);")
    };
    let taro = chunk("var t = r('@tarojs/runtime'); Page(t.createPageConfig(P, 'pages/a/index'));");
    let uni = chunk("r('vue').createPage(r('page').default);");
    let other = chunk("Page(r('page').default);");
    // A number names a module of the bundle, not a package that could be installed.
    let mpx = chunk("e.g.currentModuleId = 'mpx-app-scope'; Page(r(71).default);");
    let vendor = ("common/vendor.js", "");
    let of = |files: &[(&str, &str)]| {
        let report = report(&[&[APP], files].concat());
        assert!(report.coverage.is_empty() && !obstacle(&report).is_empty());
        assert!(!report.coverage.missing.contains(&"71".to_owned()), "{:?}", report.coverage.missing);
        report.coverage.framework
    };
    assert_eq!(of(&[("pages/a/index.js", &taro)]), Some(Framework::TaroOutput));
    assert_eq!(of(&[("pages/a/index.js", &uni), vendor]), Some(Framework::UniAppOutput));
    assert_eq!(of(&[("pages/a/index.js", &mpx)]), Some(Framework::MpxOutput));
    assert_eq!(of(&[("pages/a/index.js", &other)]), Some(Framework::WebpackOutput));
}

#[test]
fn pages_without_code_are_told_and_are_no_obstacle_beside_others() {
    let report = report(&[APP, ("pages/a/index.js", PAGE), ("pages/b/index.axml", "<view/>"), ("app.js", "")]);
    assert_eq!(report.coverage.without_script, ["pages/b/index"]);
    assert_eq!(obstacle(&report), "");
    let empty = report_of_nothing();
    assert_eq!(
        obstacle(&empty),
        "nothing was analysed: no page of app.json has any code. Look at these pages yourself"
    );
    let none = self::report(&[("app.json", "{}"), ("app.js", "App({ onLaunch() {} });")]);
    assert_eq!(obstacle(&none), "", "an app without pages still has its own code");
}

fn report_of_nothing() -> Report {
    report(&[APP])
}

#[test]
fn json_and_sarif_say_it_too() {
    let incomplete = report(&[APP, ("pages/a/index.js", "Page(make());"), ("pages/b/index.js", PAGE)]);
    let json: Value = serde_json::from_str(&to_json(&incomplete).expect("JSON")).expect("JSON");
    assert_eq!(json["summary"]["complete"], false);
    assert_eq!(json["summary"]["coverage"]["not_followed"][0], "pages/a/index.js");
    let run = &to_sarif(&incomplete, Language::English)["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], true);
    let notes = run["toolExecutionNotifications"].as_array().expect("notes");
    assert!(notes.iter().any(|note| note["level"] == "warning"), "{notes:?}");
    let nothing = to_sarif(&report_of_nothing(), Language::English);
    assert_eq!(nothing["runs"][0]["invocations"][0]["executionSuccessful"], false);
}
