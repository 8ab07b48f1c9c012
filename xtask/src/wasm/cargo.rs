//! Compiling the root package to WebAssembly.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, Result};

use crate::artifact::{self, Artifact};
use crate::project::Project;
use crate::setup::WASM_TARGET;

/// Builds with the profile that is about size and returns the module as rustc made it.
pub(super) fn compile(project: &Project) -> Result<Artifact> {
    let mut command = project.cargo();
    command.args(["build", "--package", "miniauth", "--lib", "--locked"]);
    command.args(["--profile", "wasm", "--target", WASM_TARGET]);
    command.arg("--config").arg(format!("target.{WASM_TARGET}.rustflags={:?}", remapped_paths(project)?));
    artifact::build(&mut command, "miniauth", "cdylib", "wasm")
}

/// Panic messages name source files: without the folders of whoever built the package, which are also longer.
fn remapped_paths(project: &Project) -> Result<Vec<String>> {
    let mut prefixes = vec![project.root().to_owned()];
    let registries = cargo_home()?.join("registry/src");
    if registries.is_dir() {
        for registry in fs::read_dir(&registries)? {
            prefixes.push(registry?.path());
        }
    }
    Ok(prefixes.iter().map(|prefix| format!("--remap-path-prefix={}/=", prefix.display())).collect())
}

fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .context("there is neither CARGO_HOME nor a home folder")
}
