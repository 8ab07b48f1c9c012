//! Malformed input: the check ends in time and does not panic. Every test run checks the corpus and does a short run of mutations;
//! `MINIAUTH_LONG=seconds cargo test -p miniauth-checker --test hostile` mutates for that long.

use crate::support::cases;
use miniauth_checker::{Options, check, project::MemoryFiles};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// A small random generator: the same seed gives the same run on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// The longest time that a single input may take, even in an unoptimised build.
const MAX_TIME: Duration = Duration::from_secs(20);

/// Pieces of text that have a meaning for the parsers or the analysis.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "<view",
    "/>",
    "</",
    "onTap=\"tap\"",
    "capture-catchTap=\"tap\"",
    "open-type=\"getAuthorize\"",
    "scope=\"userInfo\"",
    "onGetAuthorize=\"tap\"",
    "onError=\"tap\"",
    "a:if=\"{{!user}}\"",
    "a:else",
    "my.getSetting({ success: (res) => res.authSetting.userInfo && this.tap() })",
    "await my.getOpenUserInfo()",
    "event.target.targetDataset",
    "a:for=\"{{x}}\"",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "=>",
    "...",
    "`${",
    "'",
    "\"",
    "my.getAuthUserInfo",
    "my.request({ data: this.data })",
    "Page({",
    "this.setData({ a: this.data })",
    "require('./a')",
    "await ",
    "async ",
    "yield ",
    "class A extends A {}",
    "for (;;)",
    "switch (x.n) {",
    "case 0:",
    "return ",
    "new Promise(",
    "a.a = a;",
    "export default ",
    "import a from './a';",
    "\u{0}",
    "\u{feff}",
    "张",
    "😀",
    "/*",
    "*/",
    "//",
    "<!--",
    "-->",
    "miniauth-ignore ",
];

fn mutate(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(6) {
        let place = random.below(letters.len() + 1);
        match random.below(4) {
            0 => {
                let end = (place + random.below(30)).min(letters.len());
                letters.drain(place..end);
            }
            1 => {
                let piece = PIECES[random.below(PIECES.len())];
                letters.splice(place..place, piece.chars());
            }
            2 if !letters.is_empty() => {
                let from = random.below(letters.len());
                let copy: Vec<char> = letters[from..(from + random.below(60)).min(letters.len())].to_vec();
                letters.splice(place..place, copy);
            }
            _ if place < letters.len() => letters[place] = char::from((random.next() % 128) as u8),
            _ => {}
        }
    }
    letters.into_iter().collect()
}

fn survive(files: &MemoryFiles, what: &str) {
    let start = Instant::now();
    check(files, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    assert!(start.elapsed() < MAX_TIME, "{what} took {:?}", start.elapsed());
}

/// Set to any number of seconds for a long run.
fn duration() -> Duration {
    let seconds = std::env::var("MINIAUTH_LONG").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    Duration::from_secs(seconds)
}

#[test]
fn mutated_cases_neither_panic_nor_hang() {
    let cases = cases();
    let mut random = Random(0x6d69_6e69_6175_7468);
    let end = Instant::now() + duration();
    let mut runs = 0_u32;
    while Instant::now() < end {
        let case = &cases[random.below(cases.len())];
        let mut files = MemoryFiles::default();
        files.0.insert("app.json".into(), b"{ \"pages\": [\"pages/a/index\", \"pages/b/index\"] }".to_vec());
        for (path, text) in &case.files {
            let text = if random.below(2) == 0 { mutate(&mut random, text) } else { text.clone() };
            files.0.insert(path.clone(), text.into_bytes());
        }
        if random.below(4) == 0 {
            let manifest =
                mutate(&mut random, "{ \"pages\": [\"pages/a/index\"], \"subPackages\": [{ \"root\": \"x\" }] }");
            files.0.insert("app.json".into(), manifest.into_bytes());
        }
        if std::env::var_os("MINIAUTH_LONG").is_some() {
            // If the input kills the process, it can be examined and added to the corpus.
            let all: String = files
                .0
                .iter()
                .map(|(path, text)| format!("-- {path} --\n{}\n", String::from_utf8_lossy(text)))
                .collect();
            fs::write(std::env::temp_dir().join("miniauth-checker-last-input"), all).expect("the temporary folder");
        }
        survive(&files, &case.name);
        runs += 1;
    }
    assert!(runs > 10, "only {runs} runs: nothing was tried");
}

/// Inputs that once caused trouble, or look as if they might.
#[test]
fn the_corpus_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        // Kept as text files, so that no other tool treats them as code.
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut files = MemoryFiles::default();
        files.0.insert("app.json".into(), b"{ \"pages\": [\"pages/a/index\"] }".to_vec());
        let ending = name.rsplit('.').next().unwrap_or_default();
        let place = if ending == "json" { "app.json".to_owned() } else { format!("pages/a/index.{ending}") };
        files.0.insert(place, fs::read(&path).expect("the input"));
        survive(&files, &name);
        count += 1;
    }
    assert!(count >= 10, "the corpus has {count} inputs");
}

#[test]
fn brackets_in_strings_do_not_nest() {
    let found = |text: String| {
        let mut files = MemoryFiles::default();
        files.0.insert("a.js".to_owned(), text.into_bytes());
        let report = check(&files, &Options::default()).expect("files in memory can be read");
        report.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let call = "my.request({ url: 'http://shop.example' });";
    let brackets = "([{".repeat(3_000);
    for text in [
        format!("var a = '{brackets}'; {call}"),
        format!("/* {brackets} */ {call}"),
        format!("var a = /'/, b = `{brackets}`; {call}"),
    ] {
        assert_eq!(found(text), ["insecure-url"]);
    }
    // A quotation mark in a regular expression does not begin a string.
    let nested = format!("var a = /'/; var b = {}1{}; '{call}'", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(found(nested), ["unreadable-file"]);
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = |open: &str, close: &str| format!("var a = {}1{};", open.repeat(100_000), close.repeat(100_000));
    let inputs = [
        ("a.js", deep("(", ")")),
        ("a.js", deep("[", "]")),
        // So few that they would be parsed if they were in a string.
        ("a.js", format!("var a = {}1{};", "(".repeat(11_000), ")".repeat(11_000))),
        ("a.js", format!("var a = {}1{};", "[a(".repeat(5_000), ")]".repeat(5_000))),
        ("a.js", format!("var a = {}1;", "!".repeat(20_000))),
        ("a.js", format!("var a = {};", vec!["b"; 100_000].join(" + "))),
        ("a.js", format!("p{};", ".then(f)".repeat(3_000))),
        ("a.js", format!("{}1", "if (a) b(); else ".repeat(3_000))),
        ("a.js", "function f(n) { return g(n) + f(n); } function g(n) { return f(n) + g(n); } f(1);".to_owned()),
        ("a.js", format!("function a(n) {{ {} }} a(1);", "a(n); ".repeat(2_000))),
        ("pages/a.axml", "<view>".repeat(100_000)),
        ("pages/a.axml", format!("<view a=\"{}\" />", "{{".repeat(50_000))),
        ("pages/a.axml", format!("<view a=\"{{{{{}}}}}\" />", "(".repeat(50_000))),
        ("app.json", "[".repeat(100_000)),
    ];
    for (path, text) in inputs {
        let mut files = MemoryFiles::default();
        let start: String = text.chars().take(40).collect();
        files.0.insert(path.to_owned(), text.into_bytes());
        survive(&files, &start);
    }
}
