//! Where a project's files come from, which file a request means, and how one file is read: it is parsed by its type and its requests
//! are resolved. Also reads `app.json`, `mini.project.json` and the `.json` of pages and components.

use crate::{
    scripts::{
        SyntaxError,
        ir::{Function, Packed, Range, Script},
        parse_script,
    },
    templates::{Template, parse_template},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Files other than scripts and templates that are searched for secrets and addresses.
const OTHER_TEXTS: &[&str] = &[".json", ".pem", ".key", ".txt", ".cer", ".crt", ".env", ".acss", ".xml"];

pub(super) struct ReadFile {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) content: Content,
    pub(super) fault: Option<SyntaxError>,
}

pub(super) enum Content {
    /// A script with the files that it requires, and the modules that a bundler has packed into it.
    Script(Script, Vec<Option<String>>, Vec<Packed>),
    Template(Template),
    Other,
}

pub(super) fn is_wanted(path: &str) -> bool {
    is_script(path) || path.ends_with(".axml") || OTHER_TEXTS.iter().any(|ending| path.ends_with(ending))
}

impl ReadFile {
    pub(super) fn read(files: &dyn Files, root: &str, path: &str) -> Option<Self> {
        let Some(bytes) = files.read(path) else {
            // The file was listed, so it exists: it is too large, or this user may not read it.
            let message = "it cannot be read, or is larger than 16 MiB".to_owned();
            let fault = Some(SyntaxError { message, range: Range::default() });
            return Some(Self { path: path.to_owned(), text: String::new(), content: Content::Other, fault });
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.len() > u32::MAX as usize {
            return None;
        }
        let (content, fault) = if is_script(path) {
            let parsed = parse_script(&text, path.ends_with(".ts"));
            let mut script = parsed.script;
            if script.functions.is_empty() {
                script.functions.push(Function::default());
            }
            let requests = script.requests.iter().map(|request| resolve(files, root, path, request)).collect();
            (Content::Script(script, requests, parsed.packed), parsed.fault)
        } else if path.ends_with(".axml") {
            let template = parse_template(&text);
            let fault = template.fault.clone().map(|(message, range)| SyntaxError { message, range });
            (Content::Template(template), fault)
        } else {
            (Content::Other, manifest_fault(path, &text))
        };
        Some(Self { path: path.to_owned(), text, content, fault })
    }
}

/// The platform's own JSON files must be valid JSON. Others may use any form that their tools accept.
fn manifest_fault(path: &str, text: &str) -> Option<SyntaxError> {
    if path.rsplit('/').next() != Some("app.json") && path != "mini.project.json" {
        return None;
    }
    let error = serde_json::from_str::<serde_json::Value>(text).err()?;
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let start = (line_start + error.column().saturating_sub(1)).min(text.len()) as u32;
    Some(SyntaxError { message: error.to_string(), range: Range { start, end: (start + 1).min(text.len() as u32) } })
}

/// The contents of `app.json`.
#[derive(Debug, Default)]
pub(crate) struct AppManifest {
    /// The pages' routes, including those of sub-packages.
    pub(crate) pages: Vec<String>,
    /// The routes of the tabs.
    pub(crate) tabs: Vec<String>,
    /// Components available to every template: tag and path.
    pub(crate) components: BTreeMap<String, String>,
    /// The folders or files of the code that runs in Workers.
    pub(crate) workers: Vec<String>,
}

/// Reads `app.json`, or returns what is wrong with it.
pub(crate) fn read_app(text: &str) -> Result<AppManifest, serde_json::Error> {
    let json: Value = serde_json::from_str(text)?;
    let mut pages = strings(&json["pages"]);
    for key in ["subPackages", "subpackages"] {
        for package in json[key].as_array().into_iter().flatten() {
            let root = package["root"].as_str().unwrap_or_default().trim_matches('/');
            pages.extend(strings(&package["pages"]).into_iter().map(|page| format!("{root}/{page}")));
        }
    }
    let mut workers = strings(&json["workers"]);
    // `"workers": "workers"` is the documented form; some tools write `{ "path": ... }`.
    let single = json["workers"].as_str().or_else(|| json["workers"]["path"].as_str());
    workers.extend(single.map(|path| path.trim_matches('/').to_owned()));
    let items = ["items", "list"].iter().filter_map(|key| json["tabBar"][*key].as_array()).flatten();
    let tabs = items.filter_map(|item| Some(item["pagePath"].as_str()?.trim_matches('/').to_owned())).collect();
    Ok(AppManifest { pages, tabs, components: components(&json), workers })
}

/// The path of the mini-program in the folder, from `mini.project.json`.
pub(crate) fn read_root(text: &str) -> Result<String, serde_json::Error> {
    let json: Value = serde_json::from_str(text)?;
    let root = json["miniprogramRoot"].as_str().unwrap_or_default();
    let parts: Vec<&str> = root.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(if parts.contains(&"..") { String::new() } else { parts.join("/") })
}

/// The components that a page or component uses.
pub(crate) fn read_components(text: &str) -> Result<BTreeMap<String, String>, serde_json::Error> {
    Ok(components(&serde_json::from_str(text)?))
}

fn components(json: &Value) -> BTreeMap<String, String> {
    let entries = json["usingComponents"].as_object().into_iter().flatten();
    entries.filter_map(|(tag, path)| Some((tag.clone(), path.as_str()?.to_owned()))).collect()
}

fn strings(json: &Value) -> Vec<String> {
    let items = json.as_array().into_iter().flatten();
    items.filter_map(|item| Some(item.as_str()?.trim_matches('/').to_owned())).collect()
}

/// Larger files are not read: nobody wrote them by hand.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// A project's files, by paths with `/` relative to its root.
pub trait Files: Sync {
    /// The project's own files, sorted by path, without packages and hidden folders.
    ///
    /// # Errors
    /// If the root is not a readable folder.
    fn list(&self) -> io::Result<Vec<String>>;

    /// A file's bytes, if it exists and is not too large.
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
        if fs::metadata(&path).ok()?.len() > MAX_FILE_BYTES {
            return None;
        }
        fs::read(path).ok()
    }

    fn exists(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }
}

/// Files in memory, for tests, fuzzing and projects that are not on a disk.
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

/// The endings that a request may omit, in order of preference.
pub(super) const ENDINGS: &[&str] = &["", ".js", ".ts", ".mjs", ".cjs", ".sjs", "/index.js", "/index.ts", "/index.mjs"];

/// The file that `specifier` in the file `from` refers to, if the project has it.
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

/// Whether a file is a script, by its name.
pub(crate) fn is_script(path: &str) -> bool {
    let script = [".js", ".ts", ".mjs", ".cjs", ".sjs"].iter().any(|ending| path.ends_with(ending));
    script && !path.ends_with(".d.ts")
}

/// Joins a relative path to a folder; `None` if it leads out of the project.
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
