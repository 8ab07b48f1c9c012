//! A mini-program as a whole: its files, what they require, its pages and components.

mod connect;
mod files;

pub(crate) use files::join;
pub use files::{DiskFiles, Files, MemoryFiles};

use crate::{
    scripts::{SyntaxError, ir::Script},
    templates::Template,
};
use files::{Content, ReadFile, is_wanted};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

/// A file of the project.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path from the root.
    pub path: String,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// A script of the project.
#[derive(Debug)]
pub struct Module {
    /// Its file's index.
    pub file: u32,
    /// Its code.
    pub script: Script,
    /// The files that its requests mean, in order.
    pub(crate) paths: Vec<Option<String>>,
    /// What its requests mean, in order.
    pub targets: Vec<Target>,
    /// Whether it comes from a package.
    pub in_package: bool,
    /// The route of the page that it is the script of.
    pub route: Option<String>,
    /// The template beside it.
    pub template: Option<u32>,
    /// The components that its template may use.
    pub components: BTreeMap<String, u32>,
}

/// What a request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A script of the project.
    Module(u32),
    /// The package `miniauth`, which keeps both rules itself.
    Miniauth,
    /// Something that the project does not hold.
    Missing,
}

/// A template with its file.
#[derive(Debug)]
pub struct TemplateFile {
    /// Its file's index.
    pub file: u32,
    /// What it holds.
    pub template: Template,
    /// The scripts that it imports (`import-sjs`): name and module.
    pub imports: Vec<(String, u32)>,
    /// The templates that it imports or includes: path as written and index.
    pub sources: Vec<(String, u32)>,
    /// The tags that stand for components in it.
    pub declared: BTreeSet<String>,
    /// The pseudo-module in whose name its expressions are evaluated.
    pub module: u32,
}

/// A place where a file could not be read as what it is.
#[derive(Debug)]
pub struct FileFault {
    /// The file's index.
    pub file: u32,
    /// What is wrong.
    pub fault: SyntaxError,
}

/// A mini-program.
#[derive(Debug, Default)]
pub struct Project {
    /// Every file that was read.
    pub files: Vec<SourceFile>,
    /// Every script, and a pseudo-module for each template.
    pub modules: Vec<Module>,
    /// Every template.
    pub templates: Vec<TemplateFile>,
    /// The pages' routes with their scripts.
    pub pages: BTreeMap<String, u32>,
    /// The routes of the pages that open without any page before them: the first, and the tabs.
    pub starts: Vec<String>,
    /// Whether anything calls what needs the authorising button.
    pub needs_button: bool,
    /// Whether any event handler asks for the data of the element that was touched.
    pub reads_target_dataset: bool,
    /// The scripts that run in Workers.
    pub workers: Vec<u32>,
    /// `app.js` or `app.ts`.
    pub app: Option<u32>,
    /// What could not be parsed.
    pub faults: Vec<FileFault>,
    /// Where in the folder the mini-program lies.
    pub root: String,
}

impl Project {
    /// Reads and parses everything, over all cores.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(files: &dyn Files, progress: &(dyn Fn(usize, usize) + Sync)) -> io::Result<Self> {
        let mut project = Self::default();
        let listed = files.list()?;
        project.root = files
            .read("mini.project.json")
            .and_then(|bytes| files::read_root(&String::from_utf8_lossy(&bytes)).ok())
            .unwrap_or_default();
        let mut by_path = FxHashMap::default();
        let mut due: Vec<String> = listed.into_iter().filter(|path| is_wanted(path)).collect();
        while !due.is_empty() {
            let total = project.files.len() + due.len();
            let count = std::sync::atomic::AtomicUsize::new(project.files.len());
            let read: Vec<_> = due
                .par_iter()
                .filter_map(|path| {
                    let read = ReadFile::read(files, &project.root, path);
                    progress(count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
                    read
                })
                .collect();
            due = project.take(read, &mut by_path);
        }
        project.connect(files, &by_path);
        Ok(project)
    }

    /// Adds what was read, and says which packages' files it needs besides.
    fn take(&mut self, read: Vec<ReadFile>, by_path: &mut FxHashMap<String, u32>) -> Vec<String> {
        let mut needed = Vec::new();
        for item in read {
            let file = self.files.len() as u32;
            if let Some(fault) = item.fault {
                self.faults.push(FileFault { file, fault });
            }
            match item.content {
                Content::Script(script, requests) => {
                    by_path.insert(item.path.clone(), self.modules.len() as u32);
                    needed.extend(requests.iter().flatten().cloned());
                    self.add_module(file, script, requests, item.path.contains("node_modules/"));
                }
                Content::Template(template) => {
                    let module = self.modules.len() as u32;
                    let nothing = Script { functions: vec![Default::default()], ..Script::default() };
                    self.add_module(file, nothing, Vec::new(), false);
                    let (imports, sources, declared) = (Vec::new(), Vec::new(), BTreeSet::new());
                    self.templates.push(TemplateFile { file, template, imports, sources, declared, module });
                }
                Content::Other => {}
            }
            self.files.push(SourceFile { path: item.path, text: item.text });
        }
        needed.retain(|path| path.contains("node_modules/") && !by_path.contains_key(path));
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// The template that a file is.
    pub(crate) fn template_of(&self, file: u32) -> Option<&TemplateFile> {
        let place = self.templates.binary_search_by_key(&file, |template| template.file).ok()?;
        self.templates.get(place)
    }

    fn add_module(&mut self, file: u32, script: Script, paths: Vec<Option<String>>, in_package: bool) {
        let (targets, components) = (Vec::new(), BTreeMap::new());
        self.modules.push(Module { file, script, paths, targets, in_package, route: None, template: None, components });
    }
}
