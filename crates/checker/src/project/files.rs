//! Where a project's files come from.

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
