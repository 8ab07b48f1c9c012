//! Binaryen's wasm-opt and wasm2js, from the npm package: its Rust crate takes half an hour to build.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::process;
use crate::project::Project;

/// The features with which the standard library is compiled, one by one: `-all` makes wasm-opt emit types that engines reject.
const FEATURES: [&str; 5] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// Features that the first version of WebAssembly lacks, except conversions of numbers.
const LOWERINGS: [&str; 2] = ["--signext-lowering", "--llvm-memory-copy-fill-lowering"];

/// Refuses features of later versions.
const FIRST_VERSION: &str = "--mvp-features";

/// Conversions that do not trap.
const CONVERSIONS: &str = "--enable-nontrapping-float-to-int";

/// Replaces these conversions by checks and conversions that may trap. Must come last: an optimiser that may ignore traps would merge
/// check and conversion into one instruction, which traps.
const CONVERSIONS_LOWERING: [&str; 2] = [CONVERSIONS, "--llvm-nontrapping-fptoint-lowering"];

/// Keeps functions with one caller.
const FUNCTIONS_STAY: &str = "--one-caller-inline-max-function-size=20";

/// The options after the conversions, which may trap.
const TIDYING: [&str; 3] = ["-Oz", FUNCTIONS_STAY, "--low-memory-unused"];

/// The main options. They are safe because Rust's checks trap by a separate instruction, never by a load, and its stack begins at
/// address 0, so the lowest kilobyte stays unused until the stack is used up.
///
/// Structure is rebuilt from flat code, and functions with one caller are kept: 1 % larger, but 3 % smaller after gzip.
const SMALLEST: [&str; 10] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--converge",
    FUNCTIONS_STAY,
    "--ignore-implicit-traps",
    "--low-memory-unused",
    "--strip-producers",
    "--strip-target-features",
];

/// Writes a smaller module with the same behaviour for every engine with WebAssembly, which wasm2js can translate.
///
/// This takes several runs of wasm-opt, because a lowering run needs the features that it removes.
pub(super) fn optimise(project: &Project, module: &Path, scratch: &Path, optimised: &Path) -> Result<()> {
    let (lowered, small, complete) =
        (scratch.join("lowered.wasm"), scratch.join("small.wasm"), scratch.join("complete.wasm"));
    run(project, "wasm-opt", &[FEATURES.as_slice(), &LOWERINGS].concat(), module, &lowered)?;
    run(project, "wasm-opt", &[[FIRST_VERSION, CONVERSIONS].as_slice(), &SMALLEST].concat(), &lowered, &small)?;
    run(project, "wasm-opt", &[[FIRST_VERSION].as_slice(), &CONVERSIONS_LOWERING].concat(), &small, &complete)?;
    run(project, "wasm-opt", &[[FIRST_VERSION].as_slice(), &TIDYING].concat(), &complete, optimised)
}

/// Translates the optimised module to plain JavaScript: a module whose default export takes the glue and returns the instance's exports.
pub(super) fn translate(project: &Project, optimised: &Path, scratch: &Path) -> Result<String> {
    let translated = scratch.join("translated.js");
    run(project, "wasm2js", &[FIRST_VERSION, "-O"], optimised, &translated)?;
    as_function(&fs::read_to_string(translated)?)
}

fn run(project: &Project, program: &str, arguments: &[&str], module: &Path, result: &Path) -> Result<()> {
    process::run(
        project
            .node()
            .arg(project.npm_program("binaryen/bin").join(program))
            .args(arguments)
            .arg(module)
            .arg("-o")
            .arg(result),
    )
}

/// Changes wasm2js's module, which starts when it is imported, into one that starts when it is called.
fn as_function(translated: &str) -> Result<String> {
    const IMPORT: &str = "import * as m from 'm';\n";
    const START: &str = "\nvar retasmFunc = asmFunc({\n";
    let body = translated.strip_prefix(IMPORT).context("wasm2js no longer imports only the glue")?;
    let (body, start) = body.split_once(START).context("wasm2js no longer starts the module as expected")?;
    let (imports, exports) = start.split_once("\n});\n").context("wasm2js no longer ends the imports as expected")?;
    ensure!(
        exports.lines().all(|line| line.is_empty() || line.starts_with("export var ")),
        "wasm2js no longer writes only exports at the end"
    );
    Ok(format!("export default function instantiate(m) {{\n{body}\nreturn asmFunc({{\n{imports}\n}});\n}}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSLATED: &str = "\
import * as m from 'm';

function asmFunc(imports) {
 return {};
}

var retasmFunc = asmFunc({
  \"m\": m,
});
export var memory = retasmFunc.memory;
";

    #[test]
    fn nothing_runs_at_import() {
        let function = as_function(TRANSLATED).unwrap();
        assert!(function.starts_with("export default function instantiate(m) {\n"), "{function}");
        assert!(function.ends_with("return asmFunc({\n  \"m\": m,\n});\n}\n"), "{function}");
    }

    #[test]
    fn another_form_stops_the_build() {
        for part in ["import * as", "var retasmFunc", "export var"] {
            assert!(as_function(&TRANSLATED.replace(part, "let x; ")).is_err(), "{part}");
        }
    }
}
