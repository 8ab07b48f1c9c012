//! What must be on the machine before anything can be built, and how it gets there.

mod packages;
mod testing;
mod tools;

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::steps::Steps;

pub(crate) use testing::{Services, ensure_browser, ensure_services};
pub(crate) use tools::WASM_TARGET;

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
    step.done(tools::ensure(project)?);
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
