//! npm packages, exactly those of the lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use crate::process;

/// Runs `npm ci` in `folder` unless what is installed there is what the lock file says; says whether it ran.
pub(crate) fn ensure(folder: &Path) -> Result<bool> {
    let lock = read_packages(&folder.join("package-lock.json"))?;
    // npm writes this file last, so that an interrupted installation does not count.
    let installed = read_packages(&folder.join("node_modules/.package-lock.json"));
    if installed.is_ok_and(|installed| is_installed(&lock, &installed)) {
        return Ok(false);
    }
    // What was downloaded before need not be asked about, and who has no network should hear of it soon.
    let network = ["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    process::run(
        Command::new("npm")
            .current_dir(folder)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(network),
    )?;
    Ok(true)
}

fn read_packages(file: &Path) -> Result<Map<String, Value>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut lock: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    match lock["packages"].take() {
        Value::Object(packages) => Ok(packages),
        _ => anyhow::bail!("{} lists no packages", file.display()),
    }
}

/// Whether every package of the lock file is installed as it says. An optional one may be missing: it is for another system.
fn is_installed(lock: &Map<String, Value>, installed: &Map<String, Value>) -> bool {
    let same =
        |wanted: &Value, found: &Value| ["version", "integrity", "link"].iter().all(|key| wanted[*key] == found[*key]);
    lock.iter().filter(|(path, _)| !path.is_empty()).all(|(path, wanted)| match installed.get(path) {
        Some(found) => same(wanted, found),
        None => wanted["optional"] == true,
    }) && installed.keys().all(|path| lock.contains_key(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn packages(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn lock() -> Map<String, Value> {
        packages(json!({
            "": { "name": "the project itself" },
            "node_modules/a": { "version": "1.0.0", "integrity": "sha512-a", "dev": true },
            "node_modules/only-on-another-system": { "version": "1.0.0", "optional": true },
            "node_modules/here": { "link": true, "resolved": "../here" },
        }))
    }

    #[test]
    fn what_npm_installed_from_the_lock_file_is_accepted() {
        let installed = packages(json!({
            "node_modules/a": { "version": "1.0.0", "integrity": "sha512-a" },
            "node_modules/here": { "link": true, "resolved": "../here" },
        }));
        assert!(is_installed(&lock(), &installed));
    }

    #[test]
    fn another_version_a_missing_or_a_left_over_package_is_not() {
        let here = json!({ "link": true });
        for installed in [
            json!({ "node_modules/a": { "version": "1.0.1", "integrity": "sha512-a" }, "node_modules/here": here }),
            json!({ "node_modules/a": { "version": "1.0.0", "integrity": "sha512-b" }, "node_modules/here": here }),
            json!({ "node_modules/here": here }),
            json!({
                "node_modules/a": { "version": "1.0.0", "integrity": "sha512-a" },
                "node_modules/here": here,
                "node_modules/left-over": { "version": "1.0.0" },
            }),
        ] {
            assert!(!is_installed(&lock(), &packages(installed)));
        }
    }
}
