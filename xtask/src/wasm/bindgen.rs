//! Compiles to WebAssembly, and runs wasm-bindgen as a library: its command-line tool takes minutes to install.

use crate::{process, project::Project, setup::WASM_TARGET};
use anyhow::{Context as _, Result};
use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// The output of wasm-bindgen: the module without its descriptions, and the JavaScript around it.
pub(super) struct Bindings {
    /// The module, not yet optimised.
    pub(super) wasm: PathBuf,
    /// The JavaScript that the module imports and that wraps its exports.
    pub(super) glue: String,
    /// The TypeScript declarations of the glue's exports.
    pub(super) types: String,
    /// A JavaScript module with the module's imports, under the names that it uses.
    pub(super) imports: String,
}

/// Runs wasm-bindgen on `module` in `folder`, whose content it replaces.
///
/// Uses the glue for bundlers, because it has no WebAssembly, fetch, URL or import.meta: the package starts the module itself.
pub(super) fn bind(module: &Path, folder: &Path) -> Result<Bindings> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut output = Bindgen::new()
        .input_path(module)
        .bundler(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen failed")?;
    anyhow::ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a crate of the module includes JavaScript, which a mini-program cannot load"
    );
    output.emit(folder)?;
    let read =
        |name: &str| fs::read_to_string(folder.join(name)).with_context(|| format!("wasm-bindgen wrote no {name}"));
    anyhow::ensure!(
        !read("miniauth_bg.wasm.d.ts")?.contains("__wbindgen_start"),
        "the module needs a separate call to start: adapt js/src/hosts.js"
    );
    let (glue, types) = (read("miniauth_bg.js")?, read("miniauth.d.ts")?);
    let imports = number_imports(&mut output)?;
    let wasm = folder.join("miniauth_bg.wasm");
    fs::write(&wasm, output.wasm_mut().emit_wasm())?;
    Ok(Bindings { wasm, glue, types, imports })
}

/// Replaces the names of the module's imports with numbers, and their source with a short name: wasm-bindgen's contain hashes, which do
/// not compress.
fn number_imports(output: &mut Output) -> Result<String> {
    let mut script = "import * as glue from './miniauth_bg.js';\n\nexport const imports = [\n".to_owned();
    for (index, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        writeln!(script, "  glue.{},", import.name)?;
        import.name = index.to_string();
        import.module = "m".to_owned();
    }
    Ok(script + "];\n")
}

/// The features with which the standard library is compiled, so that its code and ours can be combined. Binaryen lowers them to the first
/// version of WebAssembly. It cannot lower reference types and multi-value, which rustc uses by default.
const FEATURES: [&str; 2] =
    ["-Ctarget-cpu=mvp", "-Ctarget-feature=+bulk-memory,+mutable-globals,+nontrapping-fptoint,+sign-ext"];

/// The stack size: 64 KiB instead of rustc's 1 MiB makes the addresses behind the stack a byte shorter.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Builds the root package with a profile, `wasm` or `mutants`, and returns rustc's module.
pub(super) fn compile(project: &Project, profile: &str) -> Result<PathBuf> {
    let mut flags = remapped_paths(project)?;
    flags.extend(FEATURES.map(str::to_owned));
    flags.push(STACK.to_owned());
    let mut command = project.cargo();
    command.args(["build", "--package", "miniauth", "--lib", "--locked"]);
    command.args(["--profile", profile, "--target", WASM_TARGET]);
    // Strips the standard library's section on features: it names those that were left out, and wasm-bindgen would believe it.
    command.arg("--config").arg(format!("profile.{profile}.strip=\"symbols\""));
    command.arg("--config").arg(format!("target.{WASM_TARGET}.rustflags={flags:?}"));
    process::run(&mut command)?;
    Ok(project.target(WASM_TARGET).join(profile).join("miniauth.wasm"))
}

/// Removes the builder's folders from the source paths in panic messages, which also shortens them.
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
        .context("neither CARGO_HOME nor a home folder is set")
}
