//! A mini-program as a whole: its files, what they require, its pages and components, tied together: requests to scripts, pages and
//! components to templates.

mod files;

pub(crate) use files::join;
pub use files::{DiskFiles, Files, MemoryFiles};

use crate::{
    config::Configuration,
    coverage::Framework,
    platform,
    scripts::{SyntaxError, ir::Script},
    templates::{Element, Template},
};
use files::{AppManifest, Content, ReadFile, is_wanted, read_app, read_components, resolve};
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
    /// The routes that `app.json` names.
    pub named: Vec<String>,
    /// Whether there is an `app.json`.
    pub app_json: bool,
    /// The framework whose sources lie in the folder, where there is no `app.json`.
    pub sources: Option<Framework>,
    /// What could not be parsed.
    pub faults: Vec<FileFault>,
    /// Where in the folder the mini-program lies.
    pub root: String,
    /// What the project has decided.
    pub configuration: Configuration,
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
        project.app_json = join(&project.root, "app.json").is_some_and(|path| files.exists(&path));
        if !project.app_json {
            project.sources = Framework::of_sources(listed.iter().map(String::as_str));
        }
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

impl Project {
    pub(super) fn connect(&mut self, files: &dyn Files, by_path: &FxHashMap<String, u32>) {
        let app = self.manifest(files);
        for module in &mut self.modules {
            let requests = module.script.requests.iter();
            let targets = module.paths.iter().zip(requests).map(|(path, request)| {
                let found = path.as_ref().and_then(|path| by_path.get(path));
                match found {
                    _ if &**request == "miniauth" || request.starts_with("miniauth/") => Target::Miniauth,
                    // What its functions do is known by their names.
                    Some(_) if &**request == "tslib" => Target::Missing,
                    Some(module) => Target::Module(*module),
                    None => Target::Missing,
                }
            });
            module.targets = targets.collect();
        }
        self.app = ["app.js", "app.ts"].iter().find_map(|name| by_path.get(&join(&self.root, name)?).copied());
        for route in &app.pages {
            let path = join(&self.root, route).unwrap_or_default();
            let found = [".js", ".ts"].iter().find_map(|ending| by_path.get(&format!("{path}{ending}")).copied());
            if let Some(module) = found {
                self.pages.insert(route.clone(), module);
                self.modules[module as usize].route = Some(route.clone());
            }
        }
        self.named.clone_from(&app.pages);
        self.workers = self.worker_scripts(&app, by_path);
        self.starts = app.pages.first().into_iter().chain(&app.tabs).cloned().collect();
        let scopes = &platform::button().scopes;
        let texts: Vec<&str> = self.files.iter().map(|file| file.text.as_str()).collect();
        self.needs_button = scopes.iter().any(|scope| texts.iter().any(|text| text.contains(scope.call)));
        self.reads_target_dataset = texts.iter().any(|text| text.contains("targetDataset"));
        self.connect_templates(files, &app, by_path);
    }

    /// The scripts in the folders, or under the names, that `workers` in `app.json` gives.
    fn worker_scripts(&self, app: &AppManifest, by_path: &FxHashMap<String, u32>) -> Vec<u32> {
        let stem =
            |path: &str| path.strip_suffix(".js").or_else(|| path.strip_suffix(".ts")).unwrap_or(path).to_owned();
        let places: Vec<String> =
            app.workers.iter().filter_map(|place| join(&self.root, place)).map(|path| stem(&path)).collect();
        let is_there =
            |path: &str| places.iter().any(|place| stem(path) == *place || path.starts_with(&format!("{place}/")));
        let mut workers: Vec<u32> =
            by_path.iter().filter(|(path, _)| is_there(path)).map(|(_, module)| *module).collect();
        workers.sort_unstable();
        workers
    }

    fn manifest(&self, files: &dyn Files) -> AppManifest {
        let path = join(&self.root, "app.json").unwrap_or_default();
        let bytes = files.read(&path).unwrap_or_default();
        read_app(&String::from_utf8_lossy(&bytes)).unwrap_or_default()
    }

    fn connect_templates(&mut self, files: &dyn Files, app: &AppManifest, by_path: &FxHashMap<String, u32>) {
        let by_name: FxHashMap<String, u32> = (0_u32..)
            .zip(&self.templates)
            .map(|(index, template)| (self.files[template.file as usize].path.clone(), index))
            .collect();
        for index in 0..self.templates.len() {
            let path = self.files[self.templates[index].file as usize].path.clone();
            let stem = path.trim_end_matches(".axml").to_owned();
            let (mut imports, mut sources) = (Vec::new(), Vec::new());
            imported_files(&self.templates[index].template.elements, &mut imports, &mut sources);
            self.templates[index].sources = sources
                .into_iter()
                .filter_map(|from| Some((from.clone(), *by_name.get(&self.template_path(&path, &from)?)?)))
                .collect();
            self.templates[index].imports = imports
                .into_iter()
                .filter_map(|(name, from)| {
                    let found = resolve(files, &self.root, &path, &relative(&from))?;
                    Some((name, *by_path.get(&found)?))
                })
                .collect();
            self.templates[index].declared = app.components.keys().cloned().collect();
            let owner = [".js", ".ts"].iter().find_map(|ending| by_path.get(&format!("{stem}{ending}")).copied());
            let Some(owner) = owner else { continue };
            let own = files
                .read(&format!("{stem}.json"))
                .and_then(|bytes| read_components(&String::from_utf8_lossy(&bytes)).ok());
            self.templates[index].declared.extend(own.iter().flatten().map(|(tag, _)| tag.clone()));
            let mut components = BTreeMap::new();
            for (tag, component) in app.components.iter().chain(own.iter().flatten()) {
                let found = resolve(files, &self.root, &path, component)
                    .or_else(|| resolve(files, &self.root, &path, &relative(component)));
                if let Some(module) = found.and_then(|found| by_path.get(&found)) {
                    components.insert(tag.clone(), *module);
                }
            }
            let module = &mut self.modules[owner as usize];
            module.template = Some(index as u32);
            module.components = components;
        }
    }
}

impl Project {
    /// The file that `<import src="...">` means.
    fn template_path(&self, from: &str, source: &str) -> Option<String> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = match source.strip_prefix('/') {
            Some(absolute) => join(&self.root, absolute)?,
            None => join(folder, source)?,
        };
        Some(if path.ends_with(".axml") { path } else { format!("{path}.axml") })
    }
}

fn relative(path: &str) -> String {
    if path.starts_with('/') || path.starts_with('.') { path.to_owned() } else { format!("./{path}") }
}

/// The scripts and the templates that a template names.
fn imported_files(elements: &[Element], scripts: &mut Vec<(String, String)>, templates: &mut Vec<String>) {
    for element in elements {
        if element.tag == "import-sjs"
            && let (Some(name), Some(from)) = (element.fixed("name"), element.fixed("from"))
        {
            scripts.push((name.to_owned(), from.to_owned()));
        }
        if matches!(element.tag.as_str(), "import" | "include")
            && let Some(from) = element.fixed("src")
        {
            templates.push(from.to_owned());
        }
        imported_files(&element.children, scripts, templates);
    }
}
