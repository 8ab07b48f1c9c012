//! Compiling the root package to WebAssembly.

use std::path::PathBuf;

use anyhow::Result;

use crate::artifact;
use crate::project::Project;
use crate::setup::WASM_TARGET;

/// Builds with the profile that is about size and returns the module as rustc made it.
pub(super) fn compile(project: &Project) -> Result<PathBuf> {
    let mut command = project.cargo();
    command.args(["build", "--locked", "--package", "miniauth", "--lib"]);
    command.args(["--profile", "wasm", "--target", WASM_TARGET]);
    artifact::build(&mut command, "miniauth", "cdylib", "wasm")
}
