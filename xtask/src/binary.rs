//! The binary `miniauth`: server and sandbox.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use anyhow::Result;

use crate::process;
use crate::project::Project;
use crate::steps::Steps;

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 1;

/// What `cargo xtask dev` needs of it: neither the checker nor databases other than SQLite.
const LOCAL: [&str; 3] = ["--no-default-features", "--features", "sqlite"];

/// Builds it whole, for tests; returns its path.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    told(steps, || compile(project, "debug", &[]))
}

/// Builds it as it is delivered, for measuring; returns its path.
pub(crate) fn build_release(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    told(steps, || compile(project, "release", &["--release"]))
}

/// Builds what `cargo xtask dev` serves, in the least time and out of the way of the whole one, while `others` are at work,
/// which alone would leave a processor idle; returns its path.
pub(crate) fn build_local(
    project: &Project,
    steps: &mut Steps,
    others: impl FnOnce(&mut Steps) -> Result<()>,
) -> Result<PathBuf> {
    thread::scope(|scope| {
        // Two bars of progress would overwrite each other.
        let quietly = ["--profile", "local", "--config", "term.progress.when='never'"];
        let binary = scope.spawn(move || compile(project, "local", &[&quietly[..], &LOCAL].concat()));
        others(steps)?;
        told(steps, || binary.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

fn told(steps: &mut Steps, build: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    let step = steps.start("Binary `miniauth`: server and sandbox");
    let binary = build()?;
    step.done("compiled");
    Ok(binary)
}

/// Returns the file, which cargo puts into a folder of its profile's.
fn compile(project: &Project, folder: &str, options: &[&str]) -> Result<PathBuf> {
    let mut command = project.cargo();
    command.args(["build", "--package", "miniauth-cli", "--bin", "miniauth", "--locked"]).args(options);
    process::run(&mut command)?;
    Ok(project.target(folder).join("miniauth"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the crates that are compiled for the binary.
    fn crates(options: &[&str]) -> Vec<String> {
        let mut command = Project::locate().unwrap().cargo();
        command.args(["tree", "--locked", "--package", "miniauth-cli", "--edges", "normal,build", "--prefix", "none"]);
        let tree = process::output(command.args(options)).unwrap();
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    #[test]
    fn the_first_start_compiles_only_what_it_uses() {
        let (whole, local) = (crates(&[]), crates(&LOCAL));
        for unused in ["miniauth-checker", "oxc_parser", "redis", "sqlx", "sqlx-postgres"] {
            assert!(whole.iter().any(|name| name == unused), "{unused} is no part of the whole binary");
            assert!(local.iter().all(|name| name != unused), "{unused} is compiled before the first start");
        }
        assert!(local.iter().any(|name| name == "rusqlite"));
    }
}
