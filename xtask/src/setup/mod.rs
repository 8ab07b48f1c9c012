//! What must be on the machine before anything can be built, and how it gets there.

mod browser;
mod npm;
mod packages;
mod services;
mod tools;

use anyhow::Result;

use crate::project::Project;
use crate::steps::Steps;

pub(crate) use browser::ensure_browser;
pub(crate) use services::{Services, ensure_services};
pub(crate) use tools::WASM_TARGET;

/// How many steps [`prepare`] announces.
pub(crate) const STEPS: usize = 2;

/// Checks the tools and installs what a build needs: Rust's wasm target, and the npm packages of the lock files.
pub(crate) fn prepare(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("Tools");
    step.done(tools::ensure(project)?);

    let step = steps.start("npm packages");
    let installed = npm::ensure(&project.path("."))? | npm::ensure(&project.path("example-miniapp"))?;
    step.done(if installed { "installed from the lock files" } else { "as the lock files say" });
    Ok(())
}
