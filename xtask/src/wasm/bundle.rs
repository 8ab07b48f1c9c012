//! The npm package's files: one JavaScript file per module system, and the type declarations.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;
use crate::project::Project;

/// esbuild's names of the module systems, and the file that `pkg/package.json` names for each.
pub(super) const ENTRIES: [(&str, &str); 2] = [("cjs", "index.js"), ("esm", "index.mjs")];

/// Bundles `js/src/index.js` with everything that it imports into `pkg/dist`.
///
/// ES2018, because the vendor's compiler rejects newer syntax and does not translate `node_modules`.
pub(super) fn bundle(project: &Project) -> Result<()> {
    let folder = project.path("pkg/dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for (format, file) in ENTRIES {
        process::run(
            Command::new(project.npm_program("esbuild/bin/esbuild"))
                .current_dir(project.root())
                .arg(project.path("js/src/index.js"))
                .args(["--bundle", "--platform=neutral", "--target=es2018"])
                .args(["--legal-comments=none", "--log-level=warning"])
                .arg(format!("--format={format}"))
                .arg(format!("--outfile={}", folder.join(file).display())),
        )?;
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(project.path(name), project.path("pkg").join(name))
            .with_context(|| format!("cannot copy {name} to pkg"))?;
    }
    // The declarations are the same for both; resolvers tell the module systems apart by the ending.
    for name in ["miniauth.d.ts", "miniauth.d.mts"] {
        fs::copy(project.path("js/miniauth.d.ts"), folder.join(name))
            .with_context(|| format!("cannot copy js/miniauth.d.ts to pkg/dist/{name}"))?;
    }
    Ok(())
}
