//! The npm package's files: a JavaScript file per entry and module system, what runs in a Worker, and type declarations.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;
use crate::project::Project;

/// The package's entries: `js/src/entries/<name>.js` becomes `pkg/dist/<name>.js` and `pkg/dist/<name>.mjs`.
pub(super) const ENTRIES: [&str; 4] = ["index", "wasm", "plain", "worker"];

/// What runs in the Worker, below `pkg/dist`; the module lies beside it, for an app to copy both.
pub(super) const WORKER: &str = "workers/miniauth.js";

/// esbuild's names of the module systems, and the endings of their files.
const SYSTEMS: [(&str, &str); 2] = [("cjs", "js"), ("esm", "mjs")];

/// The declarations of the entries.
const TYPES: [&str; 2] = ["miniauth", "worker"];

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Bundles every entry with everything that it imports into `pkg/dist`, and `module` beside what runs in the Worker.
///
/// Into ES2018, because the vendor's compiler rejects newer syntax and does not translate `node_modules`.
pub(super) fn bundle(project: &Project, module: &Path) -> Result<()> {
    let folder = project.path("pkg/dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for entry in ENTRIES {
        let source = project.path("js/src/entries").join(entry).with_extension("js");
        for (format, ending) in SYSTEMS {
            esbuild(
                project,
                &source,
                &folder.join(entry).with_extension(ending),
                &[&format!("--format={format}"), "--bundle", "--minify", "--target=es2018"],
            )?;
        }
    }
    bundle_worker(project, module, &folder)?;
    for name in LICENCES {
        fs::copy(project.path(name), project.path("pkg").join(name))
            .with_context(|| format!("cannot copy {name} to pkg"))?;
    }
    for name in TYPES {
        declare(project, name, &folder)?;
    }
    Ok(())
}

/// The declarations are the same for both module systems; resolvers tell them apart by the ending.
fn declare(project: &Project, name: &str, folder: &Path) -> Result<()> {
    let source = project.path(&format!("js/{name}.d.ts"));
    let types = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    fs::write(folder.join(format!("{name}.d.ts")), &types)?;
    fs::write(folder.join(format!("{name}.d.mts")), types.replace("from './miniauth.js'", "from './miniauth.mjs'"))?;
    Ok(())
}

/// A Worker's file has to be ES5, which esbuild cannot write: Babel translates its bundle.
fn bundle_worker(project: &Project, module: &Path, folder: &Path) -> Result<()> {
    let (bundled, translated) = (project.scratch().join("worker.js"), project.scratch().join("worker-es5.js"));
    let timers = format!("--inject:{}", project.path("js/src/worker/timers.js").display());
    let source = project.path("js/src/worker/main.js");
    esbuild(project, &source, &bundled, &["--bundle", "--target=es2018", "--format=iife", &timers])?;
    process::run(project.node().arg(project.path("xtask/src/wasm/to-es5.mjs")).arg(&bundled).arg(&translated))?;
    let result = folder.join(WORKER);
    esbuild(project, &translated, &result, &["--minify", "--target=es5"])?;
    fs::copy(module, result.with_extension("wasm")).context("cannot copy the module to pkg/dist/workers")?;
    Ok(())
}

fn esbuild(project: &Project, source: &Path, result: &Path, arguments: &[&str]) -> Result<()> {
    process::run(
        Command::new(project.npm_program("esbuild/bin/esbuild"))
            .current_dir(project.root())
            .arg(source)
            .args(["--platform=neutral", "--charset=utf8", "--legal-comments=none", "--log-level=warning"])
            .args(arguments)
            .arg(format!("--outfile={}", result.display())),
    )
}
