//! The binary `miniauth`: server and sandbox.

use std::path::PathBuf;

use anyhow::Result;

use crate::artifact;
use crate::project::Project;
use crate::steps::Steps;

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 1;

/// Builds it with the debug profile, which compiles soonest; returns its path.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    build_with(project, &[], steps)
}

/// Builds it as it is delivered, for measuring; returns its path.
pub(crate) fn build_release(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    build_with(project, &["--release"], steps)
}

fn build_with(project: &Project, profile: &[&str], steps: &mut Steps) -> Result<PathBuf> {
    let step = steps.start("Binary `miniauth`: server and sandbox");
    let mut command = project.cargo();
    command.args(["build", "--package", "miniauth-cli", "--bin", "miniauth", "--locked"]).args(profile);
    let binary = artifact::build(&mut command, "miniauth", "bin", "")?;
    step.done(binary.outcome());
    Ok(binary.file)
}
