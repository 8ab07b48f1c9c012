//! Format and lint checks for Rust and JavaScript.

use crate::{
    process::{self, Steps},
    project::Project,
    setup::{self, WASM_TARGET},
    wasm,
};
use std::process::{Command, ExitCode};

use anyhow::Result;

/// The TypeScript projects that check the JavaScript: the client's, and the example's with the platform's typings.
const TYPESCRIPT_PROJECTS: [&str; 3] = ["tsconfig.json", "js/src/kits/tsconfig.json", "example-miniapp/tsconfig.json"];

/// Builds the package, whose files and types are checked too, and runs all checks, even if one fails.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    let checks = checks(project);
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + checks.len());
    setup::prepare(project, &mut steps)?;
    let mut failed = Vec::new();
    if let Err(error) = wasm::build(project, &mut steps) {
        println!("      {error:#}");
        failed.push("build".to_owned());
    }
    for (name, mut command) in checks {
        let step = steps.start(&name);
        let good = process::run_and_read(&mut command, |_| {})?;
        step.done(if good { "clean" } else { "NOT CLEAN" });
        if !good {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("all clean");
        return Ok(ExitCode::SUCCESS);
    }
    println!("not clean: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn checks(project: &Project) -> Vec<(String, Command)> {
    let cargo = |name: &str, arguments: &[&str]| {
        let mut command = project.cargo();
        command.args(arguments).env("RUSTDOCFLAGS", "-D warnings");
        (name.to_owned(), command)
    };
    let node = |name: &str, program: &str, arguments: &[&str]| {
        let mut command = project.node();
        command.arg(project.npm_program(program)).args(arguments);
        (name.to_owned(), command)
    };
    let mut checks = vec![
        cargo("rustfmt", &["fmt", "--all", "--check"]),
        cargo(
            "clippy",
            &["clippy", "--locked", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"],
        ),
        cargo(
            "clippy for WebAssembly",
            &["clippy", "--locked", "--package", "miniauth", "--target", WASM_TARGET, "--", "-D", "warnings"],
        ),
        cargo("rustdoc", &["doc", "--locked", "--workspace", "--no-deps", "--quiet"]),
        // Checks that the crates can be published. `cargo xtask dist` also compiles them.
        cargo(
            "cargo publish",
            &["publish", "--locked", "--workspace", "--dry-run", "--no-verify", "--allow-dirty", "--quiet"],
        ),
        node("oxfmt", "oxfmt/bin/oxfmt", &["--check", "."]),
        node("eslint", "eslint/bin/eslint.js", &["--max-warnings", "0", "."]),
    ];
    checks.extend(
        TYPESCRIPT_PROJECTS
            .map(|file| node(&format!("tsc: {file}"), "typescript/bin/tsc", &["--noEmit", "--project", file])),
    );
    checks
}
