//! The project's own configuration, and the README's example of one.

use miniauth_checker::{
    Options, Report, check,
    config::Configuration,
    project::MemoryFiles,
    rules::{Level, RULES},
};

fn checked(configuration: &str, files: &[(&str, &str)]) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    let configuration = Configuration::read(configuration).expect("a configuration");
    let options = Options { threads: Some(1), configuration, ..Options::default() };
    check(&memory, &options).expect("files in memory can be read")
}

fn found(report: &Report) -> Vec<(&str, &str)> {
    report.findings.iter().map(|finding| (finding.rule, &*finding.place.file)).collect()
}

/// The README's example does what the README says.
#[test]
fn the_readme_s_example_does_what_is_said_of_it() {
    let readme = include_str!("../README.md");
    let after = readme.split("`miniauth-check.json`").nth(1).expect("the README tells of the file");
    let example = after.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let files = [
        ("app.json", r#"{ "pages": ["pages/a/index"] }"#),
        (
            "pages/a/index.js",
            "const { createPage } = require('page-tools');\n\
             createPage({\n\
             onLoad() { my.getAuthCode({ scopes: 'auth_user' }); my.httpRequest({ url: 'https://shop.example' }); },\n\
             tap() { profile.read({ success: (user) => report.send(user.nickName) }); },\n\
             });",
        ),
        ("pages/a/index.axml", "<view onTap=\"tap\" />"),
        ("demo/old.js", "const a = 'http://shop.example';"),
        ("lib/address.js", "const a = 'http://shop.example';"),
    ];
    let report = checked(example, &files);
    assert_eq!(
        found(&report),
        [
            ("insecure-url", "lib/address.js"),
            ("consent-without-tap", "pages/a/index.js"),
            ("display-only-forwarded", "pages/a/index.js")
        ]
    );
    assert_eq!(report.findings[0].level, Level::Warning, "as the example sets it");
    let without = checked("{}", &files);
    assert!(found(&without).contains(&("removed-api", "pages/a/index.js")), "{:?}", found(&without));
    assert!(!found(&without).iter().any(|(rule, _)| *rule == "display-only-forwarded"));
}

#[test]
fn own_sources_give_display_information_by_callback_promise_and_value() {
    let pages = [
        "my.request({ url, data: whoAmI() })",
        "whoAmI().then((user) => my.request({ url, data: user }))",
        "whoAmI((user) => my.request({ url, data: user }))",
        "tools.whoAmI({ success(user) { my.request({ url, data: user }); } })",
    ];
    for page in pages {
        let code = format!("Page({{ tap() {{ {page}; }} }});");
        let files = [("pages/a/index.js", &*code), ("pages/a/index.axml", "<view onTap=\"tap\" />")];
        let report = checked(r#"{ "sources": ["whoAmI"] }"#, &files);
        assert_eq!(found(&report), [("display-only-forwarded", "pages/a/index.js")], "{page}");
        assert!(found(&checked("{}", &files)).is_empty(), "{page}");
    }
}

#[test]
fn a_name_with_an_object_is_only_that_call() {
    let code = "Page({ tap() { report.send(whoAmI()); other.send(whoAmI()); this.report.send(whoAmI()); } });";
    let files = [("pages/a/index.js", code), ("pages/a/index.axml", "<view onTap=\"tap\" />")];
    let named = checked(r#"{ "sources": ["whoAmI"], "sinks": ["report.send"] }"#, &files);
    assert_eq!(named.findings.len(), 2);
    let any = checked(r#"{ "sources": ["whoAmI"], "sinks": ["send"] }"#, &files);
    assert_eq!(any.findings.len(), 3);
}

#[test]
fn a_rule_can_be_off_or_have_another_level() {
    let files = [("a.js", "const a = 'http://shop.example';")];
    assert!(checked(r#"{ "rules": { "insecure-url": "off" } }"#, &files).findings.is_empty());
    let warned = checked(r#"{ "rules": { "insecure-url": "warning" } }"#, &files);
    assert_eq!(warned.findings[0].level, Level::Warning);
}

#[test]
fn settings_that_would_be_ignored_are_refused() {
    let faults = [
        (r#"{ "rulez": {} }"#, "unknown field `rulez`"),
        (
            r#"{ "rules": { "no-such-rule": "off" } }"#,
            "there is no rule no-such-rule. The rules are: consent-without-tap",
        ),
        (r#"{ "rules": { "insecure-url": "fatal" } }"#, "unknown variant `fatal`"),
        (r#"{ "exclude": ["a[" ] }"#, "exclude: error parsing glob 'a['"),
        (r#"{ "sinks": ["report.send("] }"#, "sinks: \"report.send(\" is not what a call is written as"),
        (r#"{ "sources": ["a"], "sinks": ["a"] }"#, "sinks: \"a\" is in another list too"),
        (r#"{ "wrappers": { "createPage": "Window" } }"#, "unknown variant `Window`"),
        (r#"{ "exclude": }"#, "at line 1 column 14"),
    ];
    for (text, said) in faults {
        let error = Configuration::read(text).expect_err(text).to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn the_schema_names_every_rule_and_takes_the_readme_s_example() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../schema/config.schema.json")).expect("JSON");
    let rules = schema["properties"]["rules"]["properties"].as_object().expect("rules");
    assert_eq!(
        rules.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        RULES.iter().map(|rule| rule.id).collect()
    );
    let readme = include_str!("../README.md");
    let after = readme.split("`miniauth-check.json`").nth(1).expect("the README tells of the file");
    let example = after.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert!(jsonschema::is_valid(&schema, &serde_json::from_str(example).expect("JSON")));
}
