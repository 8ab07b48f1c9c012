//! Folders on a disk: circular links, bytes that are not text, packages, sub-packages, and an app in a subfolder.

use miniauth_checker::{Options, Report, check, project::DiskFiles};
use std::{fs, path::Path};

const BREACH: &str = "Page({ onLoad() { my.getAuthCode({ scopes: 'auth_user' }); } });";

/// The authorising button with its handlers.
const BUTTON: &str =
    r#"<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="agreed" onError="refused" />"#;

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
    fs::write(path, bytes).expect("the file can be written");
}

fn checked(root: &Path) -> Report {
    check(&DiskFiles::new(root), &Options { threads: Some(2), ..Options::default() }).expect("the folder can be read")
}

/// Each finding as `rule file:line`.
fn found(report: &Report) -> Vec<String> {
    let line = |finding: &miniauth_checker::report::Finding| {
        format!("{} {}:{}", finding.rule, finding.place.file, finding.place.line)
    };
    report.findings.iter().map(line).collect()
}

#[cfg(unix)]
#[test]
fn cyclic_links_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "app.json", r#"{ "pages": ["pages/a/index"] }"#);
    write(folder.path(), "pages/a/index.js", BREACH);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("pages/round")).expect("a link");
    std::os::unix::fs::symlink("self.js", folder.path().join("pages/self.js")).expect("a link");
    assert_eq!(found(&checked(folder.path())), ["consent-without-tap pages/a/index.js:1"]);
}

#[test]
fn bytes_that_are_no_text_do_not_hide_the_rest_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "app.json", r#"{ "pages": ["pages/a/index"] }"#);
    let latin = [b"// caf\xe9 \xff\n".as_slice(), BREACH.as_bytes()].concat();
    write(folder.path(), "pages/a/index.js", latin);
    write(folder.path(), "pages/a/index.axml", b"<view>\xff\xfe</view>");
    assert_eq!(found(&checked(folder.path())), ["consent-without-tap pages/a/index.js:2"]);
}

#[test]
fn a_file_that_is_too_large_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "pages/a/index.js", BREACH);
    let large = fs::File::create(folder.path().join("bundle.js")).expect("a file");
    large.set_len(17 << 20).expect("a hole of 17 MiB");
    assert_eq!(
        found(&checked(folder.path())),
        ["unreadable-file bundle.js:1", "consent-without-tap pages/a/index.js:1"]
    );
}

/// A package is followed as far as a page uses it; what it does by itself is not reported. What it sends for a page is reported where
/// the page calls it.
#[test]
fn packages_are_analysed_from_the_pages_that_use_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "app.json", r#"{ "pages": ["pages/a/index"] }"#);
    write(root, "node_modules/net/package.json", r#"{ "main": "lib/net" }"#);
    write(
        root,
        "node_modules/net/lib/net.js",
        "exports.post = (data) => my.request({ url: 'https://a.example', data });",
    );
    write(root, "node_modules/@own/kit/index.js", "module.exports = require('net');");
    write(root, "node_modules/unused/index.js", "my.getOpenUserInfo({});");
    write(
        root,
        "pages/a/index.js",
        "const kit = require('@own/kit');\nPage({ agreed() { my.getOpenUserInfo({ success: (res) => kit.post(res) }); }, refused() {} });",
    );
    write(root, "pages/a/index.axml", BUTTON);
    assert_eq!(found(&checked(root)), ["display-only-forwarded pages/a/index.js:2"]);
}

#[test]
fn sub_packages_and_a_root_below_the_folder_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "mini.project.json", r#"{ "miniprogramRoot": "./dist/" }"#);
    write(
        root,
        "dist/app.json",
        r#"{ "pages": ["pages/a/index"], "subPackages": [{ "root": "order", "pages": ["pages/b"] }] }"#,
    );
    let page = "Page({ refused() {}, agreed() {
      my.getOpenUserInfo({ success: (res) => my.navigateTo({ url: '/order/pages/b?name=' + res.nickName }) });
    } });";
    write(root, "dist/pages/a/index.js", page);
    write(root, "dist/pages/a/index.axml", BUTTON);
    write(
        root,
        "dist/order/pages/b.js",
        "Page({ onLoad(query) {\n  my.request({ url: '/x', data: query.name });\n} });",
    );
    write(root, "dist/order/pages/b.axml", "<view />");
    assert_eq!(found(&checked(root)), ["display-only-forwarded dist/order/pages/b.js:2"]);
}
