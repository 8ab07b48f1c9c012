//! Binaryen's wasm-opt, from the npm package: its Rust crate takes half an hour to build.

use std::path::Path;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// What mini-program hosts support, feature by feature: `-all` makes wasm-opt emit types that engines reject.
const FLAGS: [&str; 10] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--strip-producers",
    "--strip-target-features",
];

/// Writes a smaller module that does the same.
pub(super) fn optimise(project: &Project, module: &Path, optimised: &Path) -> Result<()> {
    process::run(
        project
            .node()
            .arg(project.npm_program("binaryen/bin/wasm-opt"))
            .args(FLAGS)
            .arg(module)
            .arg("-o")
            .arg(optimised),
    )
}
