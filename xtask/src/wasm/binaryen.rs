//! Binaryen's wasm-opt and wasm2js, from the npm package: its Rust crate takes half an hour to build.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::process;
use crate::project::Project;

/// What the standard library is compiled with, feature by feature: `-all` makes wasm-opt emit types that engines reject.
const FEATURES: [&str; 5] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// Features that the first version of WebAssembly lacks, except conversions of numbers.
const LOWERINGS: [&str; 2] = ["--signext-lowering", "--llvm-memory-copy-fill-lowering"];

/// Refuses what is of a later version.
const FIRST_VERSION: &str = "--mvp-features";

/// Conversions that do not trap.
const CONVERSIONS: &str = "--enable-nontrapping-float-to-int";

/// Puts conversions that may trap in their place, behind checks. Last: whoever may ignore traps makes the check and the conversion
/// one instruction that does both, and that traps.
const CONVERSIONS_LOWERING: [&str; 2] = [CONVERSIONS, "--llvm-nontrapping-fptoint-lowering"];

/// Functions with one caller stay functions.
const FUNCTIONS_STAY: &str = "--one-caller-inline-max-function-size=20";

/// After the conversions, which may trap.
const TIDYING: [&str; 3] = ["-Oz", FUNCTIONS_STAY, "--low-memory-unused"];

/// Rust's checks trap by an instruction of their own, never by a load; and its stack begins at address 0, so that nothing
/// is stored in the lowest kilobyte before the stack is used up.
///
/// Structure is rebuilt from flat code, and functions with one caller stay functions: larger by 1 %, smaller by 3 % after
/// gzip.
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

/// Writes a smaller module that does the same in every engine that has WebAssembly, and that wasm2js can translate.
///
/// In several runs of wasm-opt: lowering needs the features that must be gone afterwards.
pub(super) fn optimise(project: &Project, module: &Path, scratch: &Path, optimised: &Path) -> Result<()> {
    let (lowered, small, complete) =
        (scratch.join("lowered.wasm"), scratch.join("small.wasm"), scratch.join("complete.wasm"));
    run(project, "wasm-opt", &[FEATURES.as_slice(), &LOWERINGS].concat(), module, &lowered)?;
    run(project, "wasm-opt", &[[FIRST_VERSION, CONVERSIONS].as_slice(), &SMALLEST].concat(), &lowered, &small)?;
    run(project, "wasm-opt", &[[FIRST_VERSION].as_slice(), &CONVERSIONS_LOWERING].concat(), &small, &complete)?;
    run(project, "wasm-opt", &[[FIRST_VERSION].as_slice(), &TIDYING].concat(), &complete, optimised)
}

/// The optimised module as plain JavaScript: a module whose default export takes the glue and returns the instance's exports.
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

/// wasm2js writes a module that starts when it is imported. This one starts when it is called.
fn as_function(translated: &str) -> Result<String> {
    const IMPORT: &str = "import * as m from 'm';\n";
    const START: &str = "\nvar retasmFunc = asmFunc({\n";
    let body = translated.strip_prefix(IMPORT).context("wasm2js imports something else than the glue")?;
    let (body, start) = body.split_once(START).context("wasm2js starts the module in another way")?;
    let (imports, exports) = start.split_once("\n});\n").context("wasm2js ends the imports in another way")?;
    ensure!(
        exports.lines().all(|line| line.is_empty() || line.starts_with("export var ")),
        "wasm2js writes something else than exports at the end"
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
