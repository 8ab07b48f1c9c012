//! Binaryen's wasm-opt and wasm2js, from the npm package: its Rust crate takes half an hour to build.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::process;
use crate::project::Project;

/// What the module uses, feature by feature: `-all` makes wasm-opt emit types that engines reject.
const FEATURES: [&str; 5] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// Rust's checks trap by an instruction of their own, never by a load; and its stack begins at address 0, so that nothing
/// is stored in the lowest kilobyte before the stack is used up.
const SMALLEST: [&str; 5] =
    ["-Oz", "--ignore-implicit-traps", "--low-memory-unused", "--strip-producers", "--strip-target-features"];

/// What wasm2js cannot translate.
const LOWERINGS: [&str; 3] =
    ["--signext-lowering", "--llvm-memory-copy-fill-lowering", "--llvm-nontrapping-fptoint-lowering"];

/// What is left after that.
const LOWERED_FEATURES: [&str; 2] = ["--mvp-features", "--enable-mutable-globals"];

/// Writes a smaller module that does the same.
pub(super) fn optimise(project: &Project, module: &Path, optimised: &Path) -> Result<()> {
    wasm_opt(project, &[FEATURES.as_slice(), &SMALLEST].concat(), module, optimised)
}

/// The module as plain JavaScript: a module whose default export takes the glue and returns the instance's exports.
///
/// In two runs of wasm-opt: lowering needs the features that must be gone afterwards.
pub(super) fn translate(project: &Project, module: &Path, scratch: &Path) -> Result<String> {
    let (lowered, smallest, translated) =
        (scratch.join("lowered.wasm"), scratch.join("smallest.wasm"), scratch.join("translated.js"));
    wasm_opt(project, &[FEATURES.as_slice(), &LOWERINGS].concat(), module, &lowered)?;
    wasm_opt(project, &[LOWERED_FEATURES.as_slice(), &SMALLEST].concat(), &lowered, &smallest)?;
    run(project, "wasm2js", &["--mvp-features", "-O"], &smallest, &translated)?;
    as_function(&fs::read_to_string(translated)?)
}

fn wasm_opt(project: &Project, arguments: &[&str], module: &Path, result: &Path) -> Result<()> {
    run(project, "wasm-opt", arguments, module, result)
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
    const IMPORT: &str = "import * as $_miniauth_bg_js from './miniauth_bg.js';\n";
    const START: &str = "\nvar retasmFunc = asmFunc({\n";
    let body = translated.strip_prefix(IMPORT).context("wasm2js imports something else than the glue")?;
    let (body, start) = body.split_once(START).context("wasm2js starts the module in another way")?;
    let (imports, exports) = start.split_once("\n});\n").context("wasm2js ends the imports in another way")?;
    ensure!(
        exports.lines().all(|line| line.is_empty() || line.starts_with("export var ")),
        "wasm2js writes something else than exports at the end"
    );
    Ok(format!(
        "export default function instantiate($_miniauth_bg_js) {{\n{body}\nreturn asmFunc({{\n{imports}\n}});\n}}\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSLATED: &str = "\
import * as $_miniauth_bg_js from './miniauth_bg.js';

function asmFunc(imports) {
 return {};
}

var retasmFunc = asmFunc({
  \"./miniauth_bg.js\": $_miniauth_bg_js,
});
export var memory = retasmFunc.memory;
";

    #[test]
    fn nothing_runs_at_import() {
        let function = as_function(TRANSLATED).unwrap();
        assert!(function.starts_with("export default function instantiate($_miniauth_bg_js) {\n"), "{function}");
        assert!(
            function.ends_with("return asmFunc({\n  \"./miniauth_bg.js\": $_miniauth_bg_js,\n});\n}\n"),
            "{function}"
        );
    }

    #[test]
    fn another_form_stops_the_build() {
        for part in ["import * as", "var retasmFunc", "export var"] {
            assert!(as_function(&TRANSLATED.replace(part, "let x; ")).is_err(), "{part}");
        }
    }
}
