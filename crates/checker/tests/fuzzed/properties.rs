//! Properties that hold for any input. The fuzzer runs them, and the tests run them again on the fuzzer's corpus.

use miniauth_checker::{
    Options, Report, check,
    project::MemoryFiles,
    report::{HumanOptions, Location, apply_fixes, to_github, to_human, to_json, to_sarif},
    rules::Language,
};

const MANIFEST: &str = r#"{ "pages": ["pages/a/index"] }"#;

/// A page with data and handlers that a generated template can bind.
const PAGE: &str = "Page({
  data: { name: '', list: [], user: {} },
  onLoad(query) { my.getStorage({ key: query.id, success: (res) => this.setData({ list: [res.data] }) }); },
  tap() { my.getAuthUserInfo({ success: (user) => this.setData({ user, name: user.nickName, list: [user] }) }); },
  send(event) { my.request({ url: 'https://shop.example', data: [event.detail, event.currentTarget.dataset] }); },
});
";

/// A template that binds the usual handlers.
const TEMPLATE: &str = r#"<button onTap="tap" data-a="{{a}}">{{name}}</button><form onSubmit="send" />"#;

/// The most files of a project; cases have fewer.
const MAX_FILES: usize = 12;

fn checked(files: &[(&str, &[u8])]) -> Report {
    let mut memory = MemoryFiles::default();
    for (path, bytes) in files {
        memory.0.insert((*path).to_owned(), bytes.to_vec());
    }
    check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read")
}

/// Checks that every place lies within its file and that every format can be written.
fn told(report: &Report) {
    for finding in &report.findings {
        let steps = finding.path.iter().map(|step| &step.place);
        for place in steps.chain(&finding.also).chain([&finding.place]) {
            lies_within(place, report);
        }
    }
    for language in [Language::Chinese, Language::English] {
        to_human(report, HumanOptions { language, colour: false, width: 100 });
        to_github(report, language);
        to_sarif(report, language);
    }
    to_json(report).expect("a report is JSON");
    apply_fixes(report);
}

fn lies_within(place: &Location, report: &Report) {
    let file = report.files.iter().find(|file| file.path == place.file).expect("a place is in a file that was read");
    let (start, end) = (place.range.start as usize, place.range.end as usize);
    assert!(start <= end && file.text.get(start..end).is_some(), "{place:?} is not within its file");
    assert!(place.line >= 1 && (place.line, place.column) <= (place.end_line, place.end_column), "{place:?}");
}

/// Checks a page with any template.
pub(crate) fn template(input: &[u8]) {
    let files =
        [("app.json", MANIFEST.as_bytes()), ("pages/a/index.js", PAGE.as_bytes()), ("pages/a/index.axml", input)];
    told(&checked(&files));
}

/// Checks a page with any script. The first byte chooses the kind of file.
pub(crate) fn script(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else { return };
    let path = match kind % 4 {
        0 => "pages/a/index.ts",
        1 => "pages/a/index.mjs",
        2 => "pages/a/index.sjs",
        _ => "pages/a/index.js",
    };
    let template = [TEMPLATE, r#"<import-sjs name="s" from="./index.sjs" />{{s.f(name)}}"#].concat();
    told(&checked(&[("app.json", MANIFEST.as_bytes()), (path, text), ("pages/a/index.axml", template.as_bytes())]));
}

/// Checks a project of any files, written like the cases: each file follows a line `-- path --`.
pub(crate) fn project(input: &[u8]) {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        let head = line.strip_prefix(b"-- ").and_then(|rest| rest.strip_suffix(b" --\n"));
        if let Some(path) = head
            && files.len() < MAX_FILES
        {
            files.push((String::from_utf8_lossy(path).into_owned(), Vec::new()));
        } else if let Some((_, bytes)) = files.last_mut() {
            bytes.extend_from_slice(line);
        }
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    told(&checked(&files));
}
