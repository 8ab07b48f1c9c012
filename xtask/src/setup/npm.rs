//! npm packages, exactly those of the lock file.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::stamp::Stamp;

/// Runs `npm ci` in `folder` unless what it installed there last is of the same lock file; says whether it ran.
pub(crate) fn ensure(folder: &Path) -> Result<bool> {
    let modules = folder.join("node_modules");
    // npm writes this file last, so that an interrupted installation does not count.
    let installed = modules.join(".package-lock.json");
    // What was downloaded before need not be asked about, and who has no network should hear of it soon.
    let network = ["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    Stamp::new(modules.join(".miniauth.stamp"), vec![folder.join("package-lock.json")], vec![installed]).refresh(|| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).args(network);
        process::run(&mut npm)
    })
}
