//! wasm-bindgen, as a library: its command-line tool takes minutes to install.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// What wasm-bindgen makes of a module: the module without its descriptions, and the JavaScript that surrounds it.
pub(super) struct Bindings {
    /// The module, still to be optimised.
    pub(super) wasm: PathBuf,
    /// The JavaScript that the module imports and that wraps its exports.
    pub(super) glue: String,
    /// The TypeScript declarations of the glue's exports.
    pub(super) types: String,
    /// A JavaScript module with what the module imports, under the names that it has there.
    pub(super) imports: String,
}

/// Works on `module` in `folder`, whose content it replaces.
///
/// The bundler's flavour of glue, because it holds no WebAssembly, fetch, URL or import.meta: the package starts the module
/// itself.
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
        "a crate of the module brings JavaScript of its own along; a mini-program cannot load it"
    );
    output.emit(folder)?;
    let read =
        |name: &str| fs::read_to_string(folder.join(name)).with_context(|| format!("wasm-bindgen wrote no {name}"));
    anyhow::ensure!(
        !read("miniauth_bg.wasm.d.ts")?.contains("__wbindgen_start"),
        "the module has to be started by a call of its own: adapt js/src/hosts.js"
    );
    let (glue, types) = (read("miniauth_bg.js")?, read("miniauth.d.ts")?);
    let imports = number_imports(&mut output)?;
    let wasm = folder.join("miniauth_bg.wasm");
    fs::write(&wasm, output.wasm_mut().emit_wasm())?;
    Ok(Bindings { wasm, glue, types, imports })
}

/// Gives the module's imports numbers for names: wasm-bindgen's hold hashes, which no compression makes smaller.
fn number_imports(output: &mut Output) -> Result<String> {
    let mut script = "import * as glue from './miniauth_bg.js';\n\nexport const imports = {\n".to_owned();
    for (index, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        writeln!(script, "  {index}: glue.{},", import.name)?;
        import.name = index.to_string();
    }
    Ok(script + "};\n")
}
