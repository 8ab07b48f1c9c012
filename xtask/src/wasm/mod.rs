//! From the Rust module to the npm package.

mod bindgen;
mod bundle;
mod cargo;
mod glue;
mod optimise;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::project::Project;
use crate::stamp::Stamp;
use crate::steps::Steps;

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 3;

/// Makes `js/generated` and, from it and `js/src`, `pkg/dist`; leaves out what nothing changed for.
pub(crate) fn build(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("WebAssembly module: compile");
    let module = cargo::compile(project)?;
    step.done(module.outcome());

    let step = steps.start("WebAssembly module: bind and optimise");
    let generated = generated_stamp(project, &module.file).refresh(|| generate(project, &module.file))?;
    step.done(outcome(generated, "js/generated"));

    let step = steps.start("npm package: bundle");
    let bundled = bundle_stamp(project).refresh(|| bundle::bundle(project))?;
    step.done(outcome(bundled, "pkg/dist"));
    Ok(())
}

/// Prints what the build made, in bytes.
pub(crate) fn print_sizes(project: &Project) -> Result<()> {
    let wasm = optimised_module(project);
    let glue = project.path("js/generated/miniauth_bg.js");
    let mut files = vec![("wasm", wasm), ("glue", glue)];
    for (_, file) in bundle::ENTRIES {
        files.push((file, project.path("pkg/dist").join(file)));
    }
    sizes::print(files.iter().map(|(name, file)| (*name, file.as_path())))
}

fn outcome(ran: bool, what: &str) -> String {
    if ran { format!("{what} made") } else { format!("{what} unchanged") }
}

/// The module, and everything that decides what is made of it.
fn generated_stamp(project: &Project, module: &Path) -> Stamp {
    let inputs = vec![
        module.to_owned(),
        project.path("xtask/Cargo.toml"),
        project.path("xtask/src/wasm"),
        project.npm_program("binaryen/package.json"),
    ];
    let outputs = vec![optimised_module(project), project.path("js/generated")];
    Stamp::new(project.scratch().join("generated.stamp"), inputs, outputs)
}

fn bundle_stamp(project: &Project) -> Stamp {
    let inputs = vec![
        project.path("js/generated"),
        project.path("js/src"),
        project.path("js/miniauth.d.ts"),
        project.path("xtask/src/wasm"),
        project.npm_program("esbuild/package.json"),
    ];
    let outputs = vec![project.path("pkg/dist")];
    Stamp::new(project.scratch().join("bundle.stamp"), inputs, outputs)
}

fn optimised_module(project: &Project) -> PathBuf {
    project.scratch().join("miniauth.wasm")
}

fn generate(project: &Project, module: &Path) -> Result<()> {
    let bindings = bindgen::bind(module, &project.scratch().join("bindgen"))?;
    let optimised = optimised_module(project);
    optimise::optimise(project, &bindings.wasm, &optimised)?;
    let bytes = STANDARD.encode(fs::read(&optimised)?);

    let folder = project.path("js/generated");
    fs::create_dir_all(&folder)?;
    let write = |name: &str, content: String| {
        fs::write(folder.join(name), content).with_context(|| format!("cannot write js/generated/{name}"))
    };
    write("miniauth_bg.js", glue::adapt(&bindings.glue)?)?;
    write("miniauth_bg.d.ts", glue::declarations(&bindings.types))?;
    write("bytes.js", format!("export default \"{bytes}\";\n"))?;
    write(
        "bytes.d.ts",
        "/** The WebAssembly module in base64. */\ndeclare const bytes: string;\nexport default bytes;\n".to_owned(),
    )
}
