//! Reads the repository's files.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders of generated files.
const MADE: [&str; 7] = ["target", "node_modules", ".git", ".miniauth", "generated", "dist", "results"];

/// Returns the repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads a file by its path from the root; `None` if there is none.
pub(crate) fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Lists the files below `folder` with these endings, as sorted paths from the root.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(&root().join(folder), folder.trim_end_matches('/'), endings, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, name: &str, endings: &[&str], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let path = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && !MADE.contains(&file.as_str()) {
            walk(&entry.path(), &path, endings, found);
        } else if kind.is_file() && endings.iter().any(|ending| file.ends_with(ending)) {
            found.push(path);
        }
    }
}
