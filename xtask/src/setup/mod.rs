//! What must be on the machine before anything can be built, and how it gets there.

mod packages;

use crate::{process, project::Project, stamp::Stamp, steps::Steps};
use anyhow::{Context as _, Result, bail};
use packages::find;
pub(crate) use packages::{Services, ensure_browser, ensure_services};
use std::{path::Path, process::Command};

/// How many steps [`prepare`] announces.
pub(crate) const STEPS: usize = 2;

/// Checks the tools and installs what a build needs: Rust's wasm target, and the npm packages of the lock files.
pub(crate) fn prepare(project: &Project, steps: &mut Steps) -> Result<()> {
    ensure_tools(project, steps)?;
    ensure_npm_packages(project, steps)
}

/// Checks the tools, which takes no time, and installs Rust's wasm target.
pub(crate) fn ensure_tools(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("Tools");
    step.done(require_tools(project)?);
    Ok(())
}

pub(crate) fn ensure_npm_packages(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("npm packages");
    let installed = install_npm_packages(&project.path("."))? | install_npm_packages(&project.path("example-miniapp"))?;
    step.done(if installed { "installed from the lock files" } else { "as the lock files say" });
    Ok(())
}

/// Runs `npm ci` in `folder` unless what it installed there last is of the same lock file; says whether it ran.
fn install_npm_packages(folder: &Path) -> Result<bool> {
    let modules = folder.join("node_modules");
    // npm writes this file last, so that an interrupted installation does not count.
    let installed = modules.join(".package-lock.json");
    // What was downloaded before need not be asked about, and who has no network should hear of it soon.
    let network = ["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    Stamp::new(modules.join(".miniauth.stamp"), vec![folder.join("package-lock.json")], vec![installed]).refresh(|| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).args(network);
        process::run(&mut npm)
    })
}

/// The oldest Node that all tools run on, as major and minor version: ESLint 10 wants this one.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// What to do about Node, in words.
const GET_NODE: &str = "install Node.js 20.19 or newer, which brings npm along (https://nodejs.org)";

/// The target that the module is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Fails with what to do where a tool is missing or too old; adds the wasm target where it is missing; says the versions.
fn require_tools(project: &Project) -> Result<String> {
    let node = process::output(Command::new("node").arg("--version"))
        .with_context(|| format!("node is missing or broken: {GET_NODE}"))?;
    let node = node.trim();
    require_node(node)?;
    if find("npm").is_none() {
        bail!("npm is missing: {GET_NODE}");
    }
    let rustc = process::output(Command::new("rustc").current_dir(project.root()).arg("--version"))?;
    ensure_wasm_target(project)?;
    Ok(format!("{}, node {}", rustc.split(" (").next().unwrap_or_default(), node.trim_start_matches('v')))
}

fn require_node(version: &str) -> Result<()> {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST_NODE => Ok(()),
        _ => bail!("node {version} is too old: {GET_NODE}"),
    }
}

/// Looks into the toolchain rather than asking rustup: a distribution's Rust may have the target without rustup.
fn ensure_wasm_target(project: &Project) -> Result<()> {
    let mut print = Command::new("rustc");
    print.current_dir(project.root()).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if Path::new(process::output(&mut print)?.trim()).is_dir() {
        return Ok(());
    }
    process::output(Command::new("rustup").arg("--version")).with_context(|| {
        format!("rustup is missing, and this Rust lacks the target {WASM_TARGET}: install rustup (https://rustup.rs)")
    })?;
    process::run(Command::new("rustup").current_dir(project.root()).args(["target", "add", WASM_TARGET]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_must_be_new_enough() {
        assert!(require_node("v20.19.0").is_ok());
        assert!(require_node("v24.1.0").is_ok());
        for old in ["v18.20.0", "v20.9.0", "unknown"] {
            let error = require_node(old).unwrap_err().to_string();
            assert!(error.starts_with(&format!("node {old} is too old: install")));
        }
    }
}
