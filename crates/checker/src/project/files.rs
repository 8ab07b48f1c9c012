//! Where a project's files come from, and which file a `require`, an `import` or a component's path means.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// A file larger than this is not read: nothing that a person wrote is.
const LARGEST_FILE: u64 = 16 << 20;

/// A project's files, by paths with `/` relative to its root.
pub trait Files: Sync {
    /// The project's own files, in order of their paths; neither packages nor hidden folders.
    ///
    /// # Errors
    /// When the root is no readable folder.
    fn list(&self) -> io::Result<Vec<String>>;

    /// A file's bytes, if it is there and of a sensible size.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// Whether there is such a file.
    fn exists(&self, path: &str) -> bool;
}

/// A folder.
#[derive(Debug)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// The files under `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn walk(&self, folder: &Path, prefix: &str, into: &mut Vec<String>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let Some(name) = name.to_str() else { continue };
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            if kind.is_dir() {
                self.walk(&entry.path(), &path, into)?;
            } else if kind.is_file() {
                into.push(path);
            }
        }
        Ok(())
    }
}

impl Files for DiskFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        self.walk(&self.root, "", &mut paths)?;
        paths.sort_unstable();
        Ok(paths)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = self.root.join(path);
        if fs::metadata(&path).ok()?.len() > LARGEST_FILE {
            return None;
        }
        fs::read(path).ok()
    }

    fn exists(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }
}

/// Files in memory: for tests, fuzzing and anyone who has a project that lies nowhere.
#[derive(Debug, Default, Clone)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl Files for MemoryFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().filter(|path| !path.split('/').any(|part| part == "node_modules")).cloned().collect())
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }

    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// What may be left out of a path, in the order of preference.
const ENDINGS: &[&str] = &["", ".js", ".ts", ".mjs", ".cjs", ".sjs", "/index.js", "/index.ts", "/index.mjs"];

/// The file that `specifier` means in the file `from`, if the project has it.
pub(crate) fn resolve(files: &dyn Files, root: &str, from: &str, specifier: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    if let Some(absolute) = specifier.strip_prefix('/') {
        return with_ending(files, &join(root, absolute)?);
    }
    if specifier.starts_with("./") || specifier.starts_with("../") || specifier == "." || specifier == ".." {
        return with_ending(files, &join(folder, specifier)?);
    }
    let mut folder = Some(folder);
    while let Some(base) = folder {
        let path = join(base, &format!("node_modules/{specifier}"))?;
        if let Some(found) = package_entry(files, &path).or_else(|| with_ending(files, &path)) {
            return Some(found);
        }
        folder = if base.is_empty() { None } else { Some(base.rsplit_once('/').map_or("", |(parent, _)| parent)) };
    }
    None
}

fn package_entry(files: &dyn Files, path: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(&files.read(&format!("{path}/package.json"))?).ok()?;
    let main = ["miniprogram", "main", "module"].iter().find_map(|key| manifest[key].as_str()).unwrap_or("index");
    with_ending(files, &join(path, main)?)
}

fn with_ending(files: &dyn Files, path: &str) -> Option<String> {
    ENDINGS.iter().map(|ending| format!("{path}{ending}")).find(|path| files.exists(path) && is_script(path))
}

/// Whether the file's name is that of a script.
pub(crate) fn is_script(path: &str) -> bool {
    let script = [".js", ".ts", ".mjs", ".cjs", ".sjs"].iter().any(|ending| path.ends_with(ending));
    script && !path.ends_with(".d.ts")
}

/// Joins a relative path to a folder; none when it leads out of the project.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
