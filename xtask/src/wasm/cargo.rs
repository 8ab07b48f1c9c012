//! Compiling to WebAssembly.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, Result};

use crate::process;
use crate::project::Project;
use crate::setup::WASM_TARGET;

/// What the standard library is compiled with, so that its code and ours can be made one; binaryen lowers it to the first
/// version of WebAssembly. Reference types and multi-value, which rustc would use by default, cannot be lowered.
const FEATURES: [&str; 2] =
    ["-Ctarget-cpu=mvp", "-Ctarget-feature=+bulk-memory,+mutable-globals,+nontrapping-fptoint,+sign-ext"];

/// The standard library's section on features names those that were left out, and wasm-bindgen would believe it.
const WITHOUT_SECTIONS: &str = "profile.wasm.strip=\"symbols\"";

/// Builds the root package with the profile that is about size and returns the module as rustc made it.
pub(super) fn compile(project: &Project) -> Result<PathBuf> {
    let mut flags = remapped_paths(project)?;
    flags.extend(FEATURES.map(str::to_owned));
    let mut command = project.cargo();
    command.args(["build", "--package", "miniauth", "--lib", "--locked"]);
    command.args(["--profile", "wasm", "--target", WASM_TARGET, "--config", WITHOUT_SECTIONS]);
    command.arg("--config").arg(format!("target.{WASM_TARGET}.rustflags={flags:?}"));
    process::run(&mut command)?;
    Ok(project.target(WASM_TARGET).join("wasm/miniauth.wasm"))
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
