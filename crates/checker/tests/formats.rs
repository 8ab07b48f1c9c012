//! What the report looks like in each format.

use miniauth_checker::{
    Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, apply_fixes, to_github, to_human, to_json, to_sarif},
    rules::{Language, RULES},
};
use serde_json::Value;
use std::path::Path;

const PAGE: &str = "Page({
  onLoad() {
    my.getAuthCode({ scopes: 'auth_user', success: (res) => my.request({ url: 'https://shop.example', data: res.authcode }) });
  },
  tap() {
    my.getOpenUserInfo({ success: (res) => my.request({ url: 'https://shop.example/名', data: { name: res.nickName } }) });
    // miniauth-ignore removed-api: the kiosk's base library is old
    my.httpRequest({ url: 'https://shop.example' });
  },
});
";

fn report(files: &[(&str, &str)]) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read")
}

fn page_report() -> Report {
    report(&[
        ("app.json", r#"{ "pages": ["pages/a/index"] }"#),
        ("pages/a/index.js", PAGE),
        ("pages/a/index.axml", "<view onTap=\"tap\" />"),
    ])
}

/// The README shows a page and its report. Set `MINIAUTH_BLESS` to rewrite the report.
#[test]
fn the_readme_shows_the_real_report_of_its_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    let block = |fence: &str| readme.split(fence).nth(1).and_then(|rest| rest.split("```").next()).expect(fence);
    let files = [
        ("app.json", r#"{ "pages": ["pages/index/index"] }"#),
        ("pages/index/index.js", block("```js\n")),
        ("pages/index/index.axml", block("```html\n")),
    ];
    let human = to_human(&report(&files), HumanOptions { language: Language::English, colour: false, width: 120 });
    let shown = block("```text\n");
    if std::env::var_os("MINIAUTH_BLESS").is_some() {
        std::fs::write(&path, readme.replacen(shown, &human, 1)).expect("the README is written");
    } else {
        assert_eq!(shown, human);
    }
}

fn valid(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let schema = std::fs::read_to_string(path).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("a schema in JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let faults: Vec<String> =
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

fn rules_of(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn json_keeps_its_schema() {
    let json = to_json(&page_report()).expect("JSON");
    let document: Value = serde_json::from_str(&json).expect("JSON");
    valid("schema/report.schema.json", &document);
    let nothing = to_json(&report(&[("src/app.config.ts", "export default {}")])).expect("JSON");
    valid("schema/report.schema.json", &serde_json::from_str(&nothing).expect("JSON"));
    assert_eq!(document["summary"]["silenced"], 1);
    assert_eq!(document["silenced"][0]["reason"], "the kiosk's base library is old");
}

#[test]
fn the_schema_refuses_a_field_that_it_does_not_know() {
    let json = to_json(&page_report()).expect("JSON");
    let mut document: Value = serde_json::from_str(&json).expect("JSON");
    document["findings"][0]["new"] = true.into();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    assert!(!jsonschema::is_valid(&schema, &document));
}

#[test]
fn sarif_keeps_the_schema_of_2_1_0() {
    for language in [Language::Chinese, Language::English] {
        let sarif = to_sarif(&page_report(), language);
        valid("tests/schema/sarif-2.1.0.json", &sarif);
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), 5, "four findings and a silenced one");
        assert!(results.iter().any(|result| result["ruleId"] == "authorize-button"));
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), RULES.len());
        assert!(results.iter().any(|result| result["suppressions"][0]["kind"] == "inSource"));
        assert!(results.iter().any(|result| result["codeFlows"].is_array()));
        assert!(results.iter().any(|result| result["fixes"].is_array()));
    }
}

#[test]
fn github_annotations_name_the_place() {
    let text = to_github(&page_report(), Language::English);
    let first = text.lines().next().expect("a line");
    assert!(
        first.starts_with("::error file=pages/a/index.js,line=3,col=5,endLine=3,title=consent-without-tap::"),
        "{first}"
    );
    assert_eq!(text.lines().count(), 4, "a finding of several steps stays on one line");
    // The message itself must say what to write, because an annotation has no advice.
    let button =
        r#"Write <button open-type="getAuthorize" scope="userInfo" onGetAuthorize="tap" onError="onAuthError">"#;
    assert!(text.contains(button), "{text}");
}

#[test]
fn people_see_the_code_the_way_and_the_summary_in_their_language() {
    let options = |language, colour| HumanOptions { language, colour, width: 100 };
    let chinese = to_human(&page_report(), options(Language::Chinese, false));
    assert!(chinese.contains("没有经过 scope=\"userInfo\" 的授权按钮"), "{chinese}");
    assert!(chinese.contains("从 onLoad 开始，未经用户点击就会调用 my.getAuthCode 弹出授权弹窗"), "{chinese}");
    assert!(chinese.contains("4 个问题，1 个已注明原因并忽略"), "{chinese}");
    let english = to_human(&page_report(), options(Language::English, false));
    assert!(english.contains("pages/a/index.js:3:5"), "{english}");
    assert!(english.contains("Steps:"), "{english}");
    assert!(english.contains("4 findings, 1 silenced with a reason"), "{english}");
    assert!(!english.contains('\u{1b}'), "no colour was asked for");
    assert!(to_human(&page_report(), options(Language::English, true)).contains('\u{1b}'));
}

#[test]
fn a_silence_needs_a_reason_and_a_rule_that_exists() {
    let code = "// miniauth-ignore insecure-url\nconst a = 'http://shop.example';\n\
                // miniauth-ignore no-such-rule: because\nconst b = 'http://other.example';\n\
                const c = 'http://shop.example'; // miniauth-ignore insecure-url: a test server that is gone\n";
    let report = report(&[("a.js", code)]);
    assert_eq!(rules_of(&report), ["ignore-without-reason", "insecure-url", "ignore-without-reason", "insecure-url"]);
    assert_eq!(report.silenced.len(), 1);
}

#[test]
fn a_template_is_silenced_by_its_own_comments() {
    let template =
        "<!-- miniauth-ignore insecure-url: the old help page -->\n<web-view src=\"http://shop.example/help\" />\n";
    let report = report(&[("pages/a/index.axml", template)]);
    assert_eq!((report.findings.len(), report.silenced.len()), (0, 1));
}

#[test]
fn fix_corrects_the_misspelt_field_in_each_form() {
    let code = "my.getAuthCode({ success: (res) => send(res.authcode, res['auth_code']) });\n\
                my.getAuthCode({ success: ({ authcode }) => send(authcode) });\n\
                my.getAuthCode({ success: ({ AuthCode: code }) => send(code) });\n";
    let fixed = apply_fixes(&report(&[("a.js", code)]));
    let expected = "my.getAuthCode({ success: (res) => send(res.authCode, res['authCode']) });\n\
                    my.getAuthCode({ success: ({ authCode: authcode }) => send(authcode) });\n\
                    my.getAuthCode({ success: ({ authCode: code }) => send(code) });\n";
    assert_eq!(fixed["a.js"], expected);
    assert!(apply_fixes(&report(&[("a.js", expected)])).is_empty());
}

#[test]
fn a_file_that_does_not_parse_is_a_finding_and_the_rest_is_checked() {
    let files = [
        ("a.js", "Page({ onLoad() { );"),
        ("b.js", "const a = 'ws://shop.example';"),
        ("app.json", "{ \"pages\": [ }"),
    ];
    let report = report(&files);
    let places: Vec<_> =
        report.findings.iter().map(|finding| (finding.rule, &*finding.place.file, finding.place.line)).collect();
    assert_eq!(
        places,
        [("unreadable-file", "a.js", 1), ("unreadable-file", "app.json", 1), ("insecure-url", "b.js", 1)]
    );
}

/// Each rule's documentation has an example that breaks the rule and one that follows it. The checker agrees with both.
#[test]
fn the_documentation_s_examples_break_and_keep_the_rules() {
    for rule in RULES {
        let (breaks, keeps) = rule.documentation.split_once("## Keeps it").expect("an example that keeps the rule");
        assert!(rule.documentation.starts_with(&format!("# {}\n", rule.id)));
        for (text, broken) in [(breaks, true), (keeps, false)] {
            let Some(code) = text.split("```js\n").nth(1).and_then(|rest| rest.split("```").next()) else { continue };
            let code = if code.contains("Page({") || !code.contains("login()") {
                code.to_owned()
            } else {
                format!("Page({{ {code} }});")
            };
            // The example's template is in its comments.
            let written = code.lines().filter_map(|line| line.trim_start().strip_prefix("// <"));
            let template: String = written.map(|element| format!("<{element}\n")).collect();
            let template = if template.is_empty() { "<view onTap=\"login\" />".to_owned() } else { template };
            let files = [("pages/a/index.js", &*code), ("pages/a/index.axml", &*template)];
            let found = report(&files).findings.iter().any(|finding| finding.rule == rule.id);
            assert_eq!(found, broken, "{}: {code}", rule.id);
        }
    }
}
