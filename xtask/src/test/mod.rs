//! Runs every test of every part, and prints one line with the totals.

mod tally;

use crate::{
    binary,
    process::{self, Steps},
    project::Project,
    setup::{self, Services},
    wasm,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Context as _, Result};

use tally::{Part, Tally};

/// A test that `cargo test` does not run by default (`test = false`), because it takes minutes.
const LONG_CARGO_TEST: [&str; 2] = ["--package=miniauth-server", "--test=forbidden"];

/// The folders with tests that run on Node.
const NODE_PARTS: [&str; 3] = ["js/test", "simulator/test", "tests"];

/// The time limit of a single test on Node in milliseconds, against hangs.
const NODE_TEST_LIMIT: u32 = 25 * 60 * 1000;

/// The time limit with `--long`.
const LONG_NODE_TEST_LIMIT: u32 = 60 * 60 * 1000;

/// The environment variables of the tests.
struct Environment {
    binary: PathBuf,
    browser: PathBuf,
    services: Services,
    long: bool,
    profiles: Option<String>,
}

impl Environment {
    fn apply(&self, command: &mut Command) {
        command.env("MINIAUTH_BINARY", &self.binary).env("CHROMIUM", &self.browser);
        self.services.apply(command);
        if self.long {
            command.env("MINIAUTH_LONG", "1");
        } else {
            command.env_remove("MINIAUTH_LONG");
        }
        command.env("MINIAUTH_PROFILES", self.profiles.as_deref().unwrap_or_default());
    }
}

/// Sets up, builds, and runs all tests; `long` adds the slow ones, `profiles` chooses the platform's profiles.
pub(crate) fn run(project: &Project, long: bool, profiles: Option<String>) -> Result<ExitCode> {
    let steps = setup::STEPS + wasm::STEPS + binary::STEPS + 3 + usize::from(long) + NODE_PARTS.len();
    let mut steps = Steps::new(steps);
    setup::prepare(project, &mut steps)?;
    wasm::build(project, &mut steps)?;
    let binary = binary::build(project, &mut steps)?;
    let browser = setup::ensure_browser(&mut steps)?;
    let services = setup::ensure_services(&mut steps)?;
    if long {
        setup::ensure_languages(&mut steps)?;
    }
    let environment = Environment { binary, browser, services, long, profiles };

    let mut parts = vec![cargo_part(project, &environment, &mut steps)?];
    for folder in NODE_PARTS {
        parts.push(node_part(project, folder, &environment, &mut steps)?);
    }
    let (report, good) = tally::report(&parts);
    println!("{report}");
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo_part(project: &Project, environment: &Environment, steps: &mut Steps) -> Result<Part> {
    let name = "cargo test";
    let step = steps.start(name);
    let start = Instant::now();
    let mut output = Vec::new();
    let mut succeeded = true;
    for which in
        [Some(&["--workspace", "--no-fail-fast"]), environment.long.then_some(&LONG_CARGO_TEST)].into_iter().flatten()
    {
        let mut command = project.cargo();
        command.args(["test", "--locked"]).args(which);
        environment.apply(&mut command);
        succeeded &= process::run_and_read(&mut command, |bytes| output.extend_from_slice(bytes))?;
    }
    step.done("ended");
    let tally = Tally::of_cargo(&String::from_utf8_lossy(&output));
    Ok(Part { name, tally, time: start.elapsed(), succeeded })
}

fn node_part(project: &Project, folder: &'static str, environment: &Environment, steps: &mut Steps) -> Result<Part> {
    let step = steps.start(format!("node --test: {folder}"));
    let start = Instant::now();
    let files = test_files(&project.path(folder))?;
    let (tally, succeeded) =
        if files.is_empty() { (Tally::default(), true) } else { run_node(project, &files, environment)? };
    step.done("ended");
    Ok(Part { name: folder, tally, time: start.elapsed(), succeeded })
}

/// Runs tests with two reporters: one for people, one for counting.
fn run_node(project: &Project, files: &[PathBuf], environment: &Environment) -> Result<(Tally, bool)> {
    let report = project.scratch().join("node-tests.tap");
    fs::create_dir_all(project.scratch())?;
    let limit = if environment.long { LONG_NODE_TEST_LIMIT } else { NODE_TEST_LIMIT };
    let mut command = project.node();
    command
        .args(["--test", "--test-concurrency=2"])
        .arg(format!("--test-timeout={limit}"))
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()))
        .args(files);
    environment.apply(&mut command);
    let succeeded = process::run_and_read(&mut command, |_| {})?;
    let report = fs::read_to_string(&report).with_context(|| format!("node wrote no {}", report.display()))?;
    Ok((Tally::of_node(&report), succeeded))
}

/// Lists all `*.test.mjs` below `folder`, sorted; none if the folder does not exist.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".test.mjs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_at_any_depth_but_not_in_dependencies() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("deep/er")).unwrap();
        fs::create_dir_all(at("node_modules/a")).unwrap();
        for file in ["b.test.mjs", "deep/er/a.test.mjs", "deep/helper.mjs", "node_modules/a/c.test.mjs"] {
            fs::write(at(file), "").unwrap();
        }
        let found = test_files(folder.path()).unwrap();
        assert_eq!(found, [at("b.test.mjs"), at("deep/er/a.test.mjs")]);
        assert!(test_files(&at("missing")).unwrap().is_empty());
    }
}
