//! Builds the npm package's files: a JavaScript file per entry and module system, the Worker's file and type declarations. Reports their
//! sizes, raw and compressed.

use crate::{process, project::Project};
use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// The budget of the complete WebAssembly host: the bytes of its two files after gzip.
///
/// Every app with the package downloads these bytes and evaluates them at its start.
const BUDGET: usize = 68_999;

/// The files in the budget.
const BUDGETED: [&str; 2] = ["pkg/dist/wasm.js", "pkg/dist/error.js"];

/// Prints a line for each file in `root`: its size and its size after the strongest gzip, in bytes. Fails if the WebAssembly host exceeds
/// its budget.
pub(super) fn print_sizes(root: &Path, files: &[PathBuf]) -> Result<()> {
    println!("{:<32} {:>10} {:>10}", "size in bytes", "raw", "gzip");
    let mut budgeted = 0;
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let (name, size) = (file.strip_prefix(root).unwrap_or(file), gzipped(&bytes)?);
        println!("{:<32} {:>10} {size:>10}", name.display().to_string(), bytes.len());
        if BUDGETED.iter().any(|file| name == Path::new(file)) {
            budgeted += size;
        }
    }
    ensure_within(budgeted)
}

fn ensure_within(size: usize) -> Result<()> {
    ensure!(
        size <= BUDGET,
        "{} weigh {size} bytes after gzip, their budget is {BUDGET}: make them smaller, or raise BUDGET in \
         xtask/src/wasm/bundle.rs with a reason",
        BUDGETED.join(" and ")
    );
    Ok(())
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The package's entries: `js/src/entries/<name>.js` becomes `pkg/dist/<name>.js` and `pkg/dist/<name>.mjs`.
pub(super) const ENTRIES: [&str; 9] =
    ["index", "wasm", "plain", "plain-module", "worker", SHARED, TESTING, KITS[0], KITS[1]];

/// The entry whose source the others import: a shared file of the package.
const SHARED: &str = "error";

/// The entry for tests of pages, on Node.
const TESTING: &str = "testing";

/// The entries for frameworks, which the app itself provides.
const KITS: [&str; 2] = ["vue", "react"];

/// The entries that `build --quick` builds.
pub(super) const QUICK_ENTRIES: [&str; 3] = ["index", "wasm", SHARED];

/// The Worker's file, below `pkg/dist`; the module is beside it, and an app copies both.
pub(super) const WORKER: &str = "workers/miniauth.js";

/// The file extensions for CommonJS and for ES modules.
const ENDINGS: [&str; 2] = ["js", "mjs"];

/// The declarations of the entries.
pub(super) const TYPES: [&str; 9] =
    ["miniauth", "wasm", "plain-module", "worker", "error", "testing", "kit", KITS[0], KITS[1]];

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Bundles every entry with its imports into `pkg/dist`, and copies `module` beside the Worker's file.
pub(super) fn bundle(project: &Project, module: &Path) -> Result<()> {
    let folder = project.path("pkg/dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for entry in ENTRIES {
        for ending in ENDINGS {
            bundle_one(project, entry, ending)?;
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
    for ending in ["d.ts", "d.mts"] {
        fs::copy(project.path("js/generated/error-code.d.ts"), folder.join("error-code").with_extension(ending))?;
    }
    Ok(())
}

/// Bundles one entry for the module system of the extension, minified.
fn bundle_one(project: &Project, entry: &str, ending: &str) -> Result<()> {
    run_bundler(project, entry, ending, &["--minify"])
}

/// Bundles one entry for CommonJS, not minified.
pub(super) fn bundle_quickly(project: &Project, entry: &str) -> Result<()> {
    run_bundler(project, entry, "js", &[])
}

fn run_bundler(project: &Project, entry: &str, ending: &str, options: &[&str]) -> Result<()> {
    let source = project.path(&match entry {
        SHARED => "js/src/error.js".to_owned(),
        TESTING => "js/testing/index.mjs".to_owned(),
        kit if KITS.contains(&kit) => format!("js/src/kits/{kit}.js"),
        _ => format!("js/src/entries/{entry}.js"),
    });
    let result = project.path("pkg/dist").join(entry).with_extension(ending);
    result.parent().map_or(Ok(()), fs::create_dir_all)?;
    process::run(project.node().arg(project.path("xtask/src/wasm/bundle.mjs")).arg(source).arg(result).args(options))
}

/// Returns the source of an entry's type declarations.
pub(super) fn declaration(project: &Project, name: &str) -> PathBuf {
    project.path("js").join(name).with_extension("d.ts")
}

/// Copies an entry's declarations for both module systems, which resolvers tell apart by the extension.
fn declare(project: &Project, name: &str, folder: &Path) -> Result<()> {
    let source = declaration(project, name);
    let types = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let types = types.replace("from './generated/", "from './");
    fs::write(folder.join(format!("{name}.d.ts")), &types)?;
    // Declarations import only these files.
    let modules = types.replace(".js';", ".mjs';");
    fs::write(folder.join(format!("{name}.d.mts")), modules)?;
    Ok(())
}

/// Builds the Worker's file. It has to be ES5, which esbuild cannot write, so Babel translates its bundle.
fn bundle_worker(project: &Project, module: &Path, folder: &Path) -> Result<()> {
    let (bundled, translated) = (project.scratch().join("worker.js"), project.scratch().join("worker-es5.js"));
    let timers = format!("--inject:{}", project.path("js/src/worker/timers.js").display());
    let source = project.path("js/src/worker/main.js");
    process::run(
        Command::new(project.npm_program("esbuild/bin/esbuild"))
            .current_dir(project.root())
            .arg(source)
            .args(["--bundle", "--format=iife", "--target=es2018", "--platform=neutral", "--charset=utf8"])
            .args(["--legal-comments=none", "--log-level=warning"])
            .arg(timers)
            .arg(format!("--outfile={}", bundled.display())),
    )?;
    process::run(project.node().arg(project.path("xtask/src/wasm/to-es5.mjs")).arg(&bundled).arg(&translated))?;
    let result = folder.join(WORKER);
    result.parent().map_or(Ok(()), fs::create_dir_all)?;
    process::run(project.node().arg(project.path("xtask/src/wasm/minify.mjs")).arg(&translated).arg(&result))?;
    fs::copy(module, result.with_extension("wasm")).context("cannot copy the module to pkg/dist/workers")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_compressed_away() {
        assert!(gzipped(&[b'a'; 10_000]).unwrap() < 100);
    }

    #[test]
    fn one_byte_over_the_budget_stops_the_build() {
        assert!(ensure_within(BUDGET).is_ok());
        assert!(ensure_within(BUDGET + 1).unwrap_err().to_string().contains("their budget is"));
    }
}
