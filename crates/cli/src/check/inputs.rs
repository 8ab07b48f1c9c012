//! The inputs of a check besides the app: configuration, baseline, changed files.

use miniauth_checker::{
    Baseline,
    config::{Configuration, FILE_NAME},
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Reads the named configuration, or the one in the app's folder.
pub(super) fn configuration(named: Option<&PathBuf>, root: &Path) -> Result<Configuration, String> {
    let path = named.cloned().unwrap_or_else(|| root.join(FILE_NAME));
    let text = match fs::read_to_string(&path) {
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(Configuration::default()),
        text => text.map_err(|error| format!("{}: {error}.", path.display()))?,
    };
    Configuration::read(&text).map_err(|error| format!("{}: {error}.", path.display()))
}

/// Reads the known findings.
pub(super) fn baseline(path: &Path) -> Result<Baseline, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{}: {error}. Write it with --write-baseline {0}.", path.display()))?;
    Baseline::read(&text).map_err(|error| format!("{}: {error}.", path.display()))
}

/// Lists the files below a folder that differ from a revision, with untracked ones.
pub(super) fn changed_since(root: &Path, revision: &str) -> Result<BTreeSet<String>, String> {
    if revision.starts_with('-') {
        return Err(format!("--changed-since {revision}: give a commit, a branch or a tag."));
    }
    let mut changed = git(root, revision, &["diff", "--name-only", "-z", "--relative", revision, "--"])?;
    changed.extend(git(root, revision, &["ls-files", "--others", "--exclude-standard", "-z"])?);
    Ok(changed)
}

fn git(root: &Path, revision: &str, arguments: &[&str]) -> Result<BTreeSet<String>, String> {
    let failed =
        |why: &str| format!("--changed-since {revision}: {why}. It needs git, and a folder in a git repository.");
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
    let output = output.map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(failed(why.lines().next().unwrap_or("git failed")));
    }
    let paths = String::from_utf8_lossy(&output.stdout);
    Ok(paths.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}
