//! Builds the npm package from the Rust module.

mod binaryen;
mod bindgen;
mod bundle;
mod glue;
mod tables;
mod text;

use crate::{
    process::Steps,
    project::Project,
    stamp::{self, Stamp},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use bindgen::Bindings;

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 3;

/// Builds `js/generated` and, from it and `js/src`, `pkg/dist`; skips what is up to date.
///
/// Two builds of one tree run one after the other, because they write the same files.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<()> {
    let _lock = stamp::wait_for(&project.scratch(), "build")?;
    let step = steps.start("WebAssembly module: compile");
    let module = bindgen::compile(project, "wasm")?;
    step.done("compiled");

    let step = steps.start("WebAssembly module: bind and optimise");
    let generated = generated_stamp(project, &module).refresh(|| generate(project, &module))?;
    step.done(outcome(generated, "js/generated"));

    let step = steps.start("npm package: bundle");
    let bundled = bundle_stamp(project).refresh(|| bundle::bundle(project, &optimised_module(project)))?;
    step.done(outcome(bundled, "pkg/dist"));
    Ok(())
}

/// Builds `js/generated` and two entries of the package as fast as possible, for tests in an engine with WebAssembly: no optimised
/// module, no plain JavaScript and no minifying. The next [`build`] builds them again.
pub(crate) fn build_quickly(project: &Project) -> Result<()> {
    let _lock = stamp::wait_for(&project.scratch(), "build")?;
    let module = bindgen::compile(project, "mutants")?;
    let bindings = bindgen::bind(&module, &project.scratch().join("bindgen"))?;
    let wasm = fs::read(&bindings.wasm)?;
    write_generated(project, bindings, &wasm, NO_PLAIN_JAVASCRIPT.to_owned())?;
    bundle::QUICK_ENTRIES.into_iter().try_for_each(|entry| bundle::bundle_quickly(project, entry))
}

const NO_PLAIN_JAVASCRIPT: &str = "export default function instantiate() {\n  throw new Error('not built');\n}\n";

/// Prints the sizes of the build in bytes, and fails if a host exceeds its budget.
pub(crate) fn print_sizes(project: &Project) -> Result<()> {
    let dist = project.path("pkg/dist");
    let mut files = vec![optimised_module(project), project.path("js/generated/miniauth_bg.js")];
    files.extend(bundle::ENTRIES.map(|entry| dist.join(entry).with_extension("js")));
    files.push(dist.join(bundle::WORKER));
    bundle::print_sizes(project.root(), &files)
}

fn outcome(ran: bool, what: &str) -> String {
    if ran { format!("{what} made") } else { format!("{what} unchanged") }
}

/// The inputs of the modules.
fn generated_stamp(project: &Project, module: &Path) -> Stamp {
    let inputs = vec![
        module.to_owned(),
        project.path("platform/calls.json"),
        project.path("xtask/Cargo.toml"),
        project.path("xtask/src/wasm"),
        project.npm_program("binaryen/package.json"),
    ];
    let outputs = vec![optimised_module(project), project.path("js/generated")];
    Stamp::new(project.scratch().join("generated.stamp"), inputs, outputs)
}

fn bundle_stamp(project: &Project) -> Stamp {
    let mut inputs = vec![
        optimised_module(project),
        project.path("js/generated"),
        project.path("js/src"),
        project.path("js/testing"),
        project.path("platform"),
        project.path("simulator/platform"),
        project.path("xtask/src/wasm"),
        project.npm_program("@babel/core/package.json"),
        project.npm_program("esbuild/package.json"),
        project.npm_program("terser/package.json"),
    ];
    inputs.extend(bundle::TYPES.map(|name| bundle::declaration(project, name)));
    let outputs = vec![project.path("pkg/dist")];
    Stamp::new(project.scratch().join("bundle.stamp"), inputs, outputs)
}

fn optimised_module(project: &Project) -> PathBuf {
    project.scratch().join("miniauth.wasm")
}

fn generate(project: &Project, module: &Path) -> Result<()> {
    let scratch = project.scratch().join("bindgen");
    let bindings = bindgen::bind(module, &scratch)?;
    let optimised = optimised_module(project);
    binaryen::optimise(project, &bindings.wasm, &scratch, &optimised)?;
    let plain = binaryen::translate(project, &optimised, &scratch)?;
    write_generated(project, bindings, &fs::read(&optimised)?, plain)
}

fn write_generated(project: &Project, bindings: Bindings, wasm: &[u8], plain: String) -> Result<()> {
    let folder = project.path("js/generated");
    fs::create_dir_all(&folder)?;
    let write = |name: &str, content: String| {
        fs::write(folder.join(name), content).with_context(|| format!("cannot write js/generated/{name}"))
    };
    write("miniauth_bg.js", glue::adapt(&bindings.glue)?)?;
    write("miniauth_bg.d.ts", glue::declarations(&bindings.types))?;
    write("imports.js", bindings.imports)?;
    write("imports.d.ts", "/** What the module imports from the glue. */\nexport const imports: object;\n".to_owned())?;
    write("module.js", text::script(wasm))?;
    write("failures.js", tables::failures()?)?;
    write("error-codes.js", tables::error_codes()?)?;
    write("error-code.d.ts", tables::error_code_type())?;
    write("outgoing.js", tables::outgoing()?)?;
    write("plain.js", plain)?;
    write(
        "plain.d.ts",
        "/** The module as plain JavaScript: gives the exports of a new instance. */\n\
         export default function instantiate(imports: object): object;\n"
            .to_owned(),
    )
}
