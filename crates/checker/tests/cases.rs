//! All cases of `cases/`: as written (in TypeScript), as ES2018, and compiled to ES5 by Babel and by TypeScript.

use crate::support::{Case, cases, cases_root, check_files, found};
use std::{collections::BTreeMap, fs, path::Path, process::Command, sync::OnceLock};

/// Cases whose compiled form cannot give the expected findings, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

type Renditions = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// Compiled once for all tests.
fn renditions() -> &'static Renditions {
    static RENDITIONS: OnceLock<Renditions> = OnceLock::new();
    RENDITIONS.get_or_init(compile)
}

fn compile() -> Renditions {
    let mut render = Command::new("node");
    render.arg(cases_root().join("render.mjs")).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let renditions = miniauth_testservices::output(&mut render).expect("node compiles the cases");
    serde_json::from_str(&renditions).expect("the renditions")
}

/// Whether to write the findings into the cases. Read the changes before you commit them.
fn blessing() -> bool {
    std::env::var_os("MINIAUTH_BLESS").is_some()
}

fn bless(case: &Case, found: &[String]) {
    let text = fs::read_to_string(&case.path).expect("the case");
    let head = text.split("-- expected --\n").next().expect("a case has a head");
    let mut lines = found.join("\n");
    if !lines.is_empty() {
        lines.push('\n');
    }
    fs::write(&case.path, format!("{head}-- expected --\n{lines}")).expect("the case can be written");
}

fn is_excepted(case: &Case, rendition: &str) -> bool {
    EXCEPTIONS.iter().any(|(name, kind, _)| *name == case.name && *kind == rendition)
}

#[test]
fn typescript_with_every_step() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = found(&check_files(&case.files, case.rule()));
        if blessing() {
            bless(&case, &found);
        } else if found != case.expected {
            wrong.push(format!("{}\n  expected {:#?}\n  found {found:#?}", case.name, case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn es2018_with_every_step() {
    let renditions = renditions();
    let mut wrong = Vec::new();
    for case in cases() {
        let expected: Vec<String> = case.expected.iter().map(|line| line.replace(".ts:", ".js:")).collect();
        let found = found(&check_files(&renditions[&case.name]["es2018"], case.rule()));
        if found != expected && !is_excepted(&case, "es2018") {
            wrong.push(format!("{}\n  expected {expected:#?}\n  found {found:#?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn babel_s_es5_with_the_same_findings() {
    rendered_with_the_same_findings("es5");
}

#[test]
fn typescript_s_es2015_with_the_same_findings() {
    rendered_with_the_same_findings("tsc2015");
}

#[test]
fn typescript_s_es5_with_the_same_findings() {
    rendered_with_the_same_findings("tsc5");
}

/// These compilers move lines, so only the files of each finding and of its source are compared.
fn rendered_with_the_same_findings(kind: &str) {
    let renditions = renditions();
    let mut wrong = Vec::new();
    for case in cases() {
        let ends = |line: &String| {
            let (place, way) = line.split_once(" <- ").unwrap_or((line, line));
            let file = |place: &str| place.rsplit_once(':').map_or(place, |(file, _)| file).replace(".ts", ".js");
            (file(place), file(way.split(' ').next().unwrap_or_default()))
        };
        let expected: Vec<_> = case.expected.iter().map(ends).collect();
        let found = found(&check_files(&renditions[&case.name][kind], case.rule()));
        let ends: Vec<_> = found.iter().map(ends).collect();
        if ends != expected && !is_excepted(&case, kind) {
            wrong.push(format!("{}\n  expected {expected:?}\n  found {found:#?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}
