//! The binary `miniauth`: server and sandbox.

use crate::{
    process::{self, Steps},
    project::Project,
};
use std::{panic::resume_unwind, path::PathBuf, process::Command, thread};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 1;

/// The features that `cargo xtask dev` needs: neither the checker nor databases other than SQLite.
const LOCAL: [&str; 3] = ["--no-default-features", "--features", "sqlite"];

/// Builds the full binary, for tests; returns its path.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    as_step(steps, || compile(project, &[]))
}

/// Builds the release binary, for this machine or another `target`; returns its path.
pub(crate) fn build_release(project: &Project, steps: &mut Steps, target: Option<&str>) -> Result<PathBuf> {
    let target = target.map_or(vec![], |triple| vec!["--target", triple]);
    as_step(steps, || compile(project, &[&["--release"], &target[..]].concat()))
}

/// Builds the binary for `cargo xtask dev` as fast as possible and returns its path. It is separate from the full binary, and is built
/// in parallel with `others`, which alone would leave a processor idle.
pub(crate) fn build_local(
    project: &Project,
    steps: &mut Steps,
    others: impl FnOnce(&mut Steps) -> Result<()>,
) -> Result<PathBuf> {
    thread::scope(|scope| {
        // Two progress bars would overwrite each other.
        let quietly = ["--profile", "local", "--config", "term.progress.when='never'"];
        let binary = scope.spawn(move || compile(project, &[&quietly[..], &LOCAL].concat()));
        others(steps)?;
        as_step(steps, || binary.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

fn as_step(steps: &mut Steps, build: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    let step = steps.start("Binary `miniauth`: server and sandbox");
    let binary = build()?;
    step.done("compiled");
    Ok(binary)
}

fn compile(project: &Project, options: &[&str]) -> Result<PathBuf> {
    built(|| {
        let mut command = project.cargo();
        command.args(["build", "--package", "miniauth-cli", "--bin", "miniauth", "--locked"]).args(options);
        command
    })
}

/// Builds a binary and asks cargo for its path, which a user's `build.target` may change.
fn built(command: impl Fn() -> Command) -> Result<PathBuf> {
    process::run(&mut command())?;
    // Compiles nothing: everything is up to date.
    let messages = process::output(command().args(["--quiet", "--message-format=json"]))?;
    let mut messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executable = messages.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("`cargo build` did not say where the binary is")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Lists the crates that are compiled for the binary.
    fn crates(options: &[&str]) -> Vec<String> {
        let mut command = Project::locate().unwrap().cargo();
        command.args(["tree", "--locked", "--package", "miniauth-cli", "--edges", "normal,build", "--prefix", "none"]);
        let tree = process::output(command.args(options)).unwrap();
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    #[test]
    fn a_binary_is_found_wherever_the_users_configuration_puts_it() {
        let folder = tempfile::tempdir().unwrap();
        let target = process::output(Command::new("rustc").args(["--print", "host-tuple"])).unwrap();
        let files = [
            ("Cargo.toml", "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\n".to_owned()),
            (".cargo/config.toml", format!("[build]\ntarget = {target:?}\n")),
            ("src/main.rs", "fn main() { println!(\"found\") }\n".to_owned()),
        ];
        for (file, text) in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let binary = built(|| {
            let mut command = Command::new("cargo");
            command.arg("build").current_dir(folder.path()).env("CARGO_TARGET_DIR", folder.path().join("target"));
            command
        });
        assert_eq!(process::output(&mut Command::new(binary.unwrap())).unwrap(), "found");
    }

    #[test]
    fn the_first_start_compiles_only_what_it_uses() {
        let (whole, local) = (crates(&[]), crates(&LOCAL));
        for unused in ["miniauth-checker", "oxc_parser", "redis", "sqlx", "sqlx-postgres"] {
            assert!(whole.iter().any(|name| name == unused), "{unused} is not in the full binary");
            assert!(local.iter().all(|name| name != unused), "{unused} is compiled before the first start");
        }
        assert!(local.iter().any(|name| name == "rusqlite"));
    }
}
