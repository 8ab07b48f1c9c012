//! Webpack's bundles that contain the app's own modules next to libraries: findings are reported where they can be fixed.

use miniauth_checker::{Options, check, project::MemoryFiles};
use std::collections::BTreeSet;

/// A module as webpack writes it, with its path in the comment above.
fn module(id: u32, path: &str, body: &str) -> String {
    format!(
        "/***/ {id}:\n/*!***!*\\\n  !*** {path} ***!\n  \\***/\n/***/ (function(module, exports, require) {{\n{body}\n/***/ }})"
    )
}

fn chunk(modules: &[String], runs: &str) -> String {
    format!("(my['webpackJsonp'] = my['webpackJsonp'] || []).push([['chunk'], {{\n{}\n}}{runs}]);", modules.join(",\n"))
}

/// The files with a finding in an app of three pages. The first page stores display information; the others call `ask`, which sends
/// the stored value and is in a module with that path.
fn places(path: &str) -> BTreeSet<String> {
    let ask = "exports.ask = function () { my.request({ url: 'https://shop.example/', data: my.getStorageSync({ key: 'user' }).data }); };";
    let asks = "require(1).ask();";
    let stores = "my.getOpenUserInfo({ success(user) { my.setStorageSync({ key: 'user', data: user }); } });";
    let page = |body: &str| {
        let body = format!("Page({{ onGetAuthorize() {{\n{body}\n}} }});");
        chunk(&[module(2, "./src/pages/page.vue", &body)], ", [[2]]").into_bytes()
    };
    let mut files = MemoryFiles::default();
    let mut add = |path: &str, text: Vec<u8>| files.0.insert(path.to_owned(), text);
    add("app.json", br#"{ "pages": ["pages/a/a", "pages/b/b", "pages/c/c"] }"#.to_vec());
    add("common/vendor.js", chunk(&[module(1, path, ask)], "").into_bytes());
    add("pages/a/a.js", page(stores));
    add("pages/b/b.js", page(asks));
    add("pages/c/c.js", page(asks));
    for page in ["a", "b", "c"] {
        let button = br#"<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="onGetAuthorize" onError="onGetAuthorize"/>"#;
        add(&format!("pages/{page}/{page}.axml"), button.to_vec());
    }
    let report = check(&files, &Options::default()).expect("files in memory");
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "display-only-forwarded" && finding.subject == "my.request");
    found.map(|finding| finding.place.file.clone()).collect()
}

#[test]
fn a_module_of_the_app_is_told_of_itself_and_a_library_where_it_is_called() {
    let [own, library] = [
        BTreeSet::from(["common/vendor.js".to_owned()]),
        BTreeSet::from(["pages/b/b.js".to_owned(), "pages/c/c.js".to_owned()]),
    ];
    for path in
        ["D:/app/utils/request.js", "./src/utils/request.js", "./node_modules/babel-loader/lib!D:/app/request.js?vue"]
    {
        assert_eq!(places(path), own, "{path}");
    }
    for path in [
        "./node_modules/request-lib/index.js",
        "D:/app/uni_modules/request-lib/index.js",
        "(webpack)/buildin/request.js",
    ] {
        assert_eq!(places(path), library, "{path}");
    }
}

#[test]
fn a_library_in_a_page_s_own_module_does_not_use_up_its_steps() {
    // A minifier that joins modules puts a library's functions next to the page's code, which calls only a few of them.
    let functions: String = (0..200)
        .map(|number| {
            let [next, after, third] = [1, 7, 31].map(|step| (number + step) % 200);
            let work = "r = { a: r, b: [n, r.a], c: n + r.b };".repeat(20);
            format!("function f{number}(n) {{ var r = {{}}; {work} return [f{next}(r), f{after}(n), f{third}({{ n: r }})]; }}\n")
        })
        .collect();
    // Functions that nothing calls, as far as the checker sees. They get what they send from the helper `ask`.
    let senders: String = (0..8)
        .map(|number| format!("function g{number}() {{ ask(function (u) {{ my.request({{ url: 'https://s.example/{number}', data: u }}); }}); }}\n"))
        .collect();
    let body = format!(
        "{functions}function ask(done) {{ my.getOpenUserInfo({{ success: done }}); }}\n{senders}\
         Page({{ onLoad() {{ my.getAuthCode({{ scopes: 'auth_user' }}); }} }});"
    );
    let mut files = MemoryFiles::default();
    files.0.insert("app.json".to_owned(), br#"{ "pages": ["pages/a/a"] }"#.to_vec());
    files.0.insert("pages/a/a.js".to_owned(), chunk(&[module(2, "./src/a.js", &body)], ", [[2]]").into_bytes());
    let report = check(&files, &Options { threads: Some(1), ..Options::default() }).expect("files in memory");
    assert_eq!(report.cut, [""; 0]);
    let found = |rule: &str| report.findings.iter().filter(|finding| finding.rule == rule).count();
    assert_eq!((found("consent-without-tap"), found("display-only-forwarded")), (1, 8));
}

#[test]
fn columns_count_characters_in_long_lines_too() {
    // Positions in a source map are looked up by column. A minified page is one line, which may contain long texts.
    let before = format!("var t='{}';Page({{onLoad(){{", "é".repeat(70_000));
    let mut files = MemoryFiles::default();
    files.0.insert("app.json".to_owned(), br#"{ "pages": ["pages/a/a"] }"#.to_vec());
    let page = format!("{before}my.getAuthCode({{scopes:'auth_user'}})}}}})");
    files.0.insert("pages/a/a.js".to_owned(), page.into_bytes());
    let report = check(&files, &Options::default()).expect("files in memory");
    let columns: Vec<u32> = report.findings.iter().map(|finding| finding.place.column).collect();
    assert_eq!(columns, [before.chars().count() as u32 + 1]);
}
