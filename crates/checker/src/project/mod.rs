//! A whole mini-program: its files, requests, pages and components. Links requests to scripts, and pages and components to templates.

mod aside;
mod files;
mod known;
mod named;

pub use aside::NotReported;
pub(crate) use files::join;
pub use files::{DiskFiles, Files, MemoryFiles};
pub(crate) use known::{Known, of_file};

use crate::{
    config::Configuration,
    coverage::Framework,
    flow::facts::Place,
    platform,
    scripts::{
        SyntaxError,
        ir::{Name, Packed, Range, Script},
    },
    templates::{Element, Template},
};
use files::{AppManifest, Content, ReadFile, is_wanted, read_app, read_components, resolve};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

/// A file of the project.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path from the root.
    pub path: String,
    /// Its text; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// A script of the project.
#[derive(Debug)]
pub struct Module {
    /// Its file's index.
    pub file: u32,
    /// Its code.
    pub script: Script,
    /// The files that its requests refer to, in order.
    pub(crate) paths: Vec<Option<String>>,
    /// The targets of its requests, in order.
    pub targets: Vec<Target>,
    /// Whether it comes from a package.
    pub in_package: bool,
    /// The route of its page, if it is a page's script.
    pub route: Option<String>,
    /// The template beside it.
    pub template: Option<u32>,
    /// The components that its template may use.
    pub components: BTreeMap<String, u32>,
    /// Its place in a bundle: the script of the file, and the id that others require it by.
    pub packed: Option<(u32, Name)>,
    /// The framework module it was recognised as, whatever its code.
    pub(crate) known: Option<Known>,
}

/// The target of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A script of the project.
    Module(u32),
    /// The package `miniauth`, which enforces both rules itself.
    Miniauth,
    /// Something that is not in the project.
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
    /// The tags that are components in it.
    pub declared: BTreeSet<String>,
    /// The pseudo-module in which its expressions are evaluated.
    pub module: u32,
}

/// A file that could not be parsed as its type.
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
    /// The routes of the pages that can open first: the first page and the tabs.
    pub starts: Vec<String>,
    /// Whether anything calls a function that needs the authorising button.
    pub needs_button: bool,
    /// Whether any event handler reads the data of the tapped element.
    pub reads_target_dataset: bool,
    /// Whether a library in uni-app's vendor file may show a consent panel: the file names a scope that does.
    pub(crate) vendor_asks: bool,
    /// Whether uni-app compiled it for Vue 3.
    pub(crate) is_uni3: bool,
    /// The files of libraries: those of packages, and chunks that run nothing themselves.
    pub(crate) libraries: FxHashSet<u32>,
    /// The ranges of the app's own modules in these files: a bundler packs modules that several pages require together with libraries.
    own_parts: FxHashMap<u32, Vec<Range>>,
    /// The modules whose code is a library's.
    pub(crate) library_modules: FxHashSet<u32>,
    /// Whether any of its own scripts puts a value where other scripts see it: on `my`, on a global object, or under a global name.
    pub shares_globals: bool,
    /// The scripts that run in Workers.
    pub workers: Vec<u32>,
    /// `app.js` or `app.ts`.
    pub app: Option<u32>,
    /// The routes that `app.json` names.
    pub named: Vec<String>,
    /// Whether there is an `app.json`.
    pub app_json: bool,
    /// The framework whose sources are in the folder, if there is no `app.json`.
    pub sources: Option<Framework>,
    /// Files that could not be parsed.
    pub faults: Vec<FileFault>,
    /// The mini-program's path in the folder.
    pub root: String,
    /// The project's settings.
    pub configuration: Configuration,
    /// The files that are read because other files use them, but that are not reported on.
    pub(crate) aside: FxHashMap<u32, aside::Aside>,
    /// What scripts may require under a name that is only put together at run time.
    by_name: named::ByName,
    /// The components, templates and scripts that templates name and the folder lacks, each with the template's file.
    pub(crate) absent: Vec<(u32, String)>,
}

impl Project {
    /// Reads and parses everything, on all cores.
    ///
    /// # Errors
    /// If the folder cannot be read.
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
        project.by_name =
            named::ByName { files: by_path, packed: project.packed_modules(), ..named::ByName::default() };
        Ok(project)
    }

    /// Adds the files read so far, and returns the files of packages that these files need.
    fn take(&mut self, read: Vec<ReadFile>, by_path: &mut FxHashMap<String, u32>) -> Vec<String> {
        let mut needed = Vec::new();
        for item in read {
            let file = self.files.len() as u32;
            if let Some(fault) = item.fault {
                self.faults.push(FileFault { file, fault });
            }
            match item.content {
                Content::Script(script, requests, packed) => {
                    let chunk = self.modules.len() as u32;
                    by_path.insert(item.path.clone(), chunk);
                    needed.extend(requests.iter().flatten().cloned());
                    let in_package = item.path.contains("node_modules/");
                    self.add_module(file, script, requests, in_package);
                    for Packed { id, path, script } in packed {
                        let requests = vec![None; script.requests.len()];
                        let known = Known::of(&id, source_of(&item.text, &script), !requests.is_empty(), &item.path);
                        if known.is_none() && path.is_some_and(|path| is_own_to_app(&path)) {
                            self.own_parts.entry(file).or_default().push(range_of(&script));
                        }
                        self.add_module(file, script, requests, in_package || id.contains("node_modules/"));
                        if let Some(module) = self.modules.last_mut() {
                            (module.packed, module.known) = (Some((chunk, id)), known);
                        }
                    }
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

    /// Whether the code at a place belongs to a library.
    pub(crate) fn is_in_library(&self, place: Place) -> bool {
        let holds = |part: &Range| part.start <= place.range.start && place.range.end <= part.end;
        self.libraries.contains(&place.file) && !self.own_parts.get(&place.file).into_iter().flatten().any(holds)
    }

    /// The template of a template file.
    pub(crate) fn template_of(&self, file: u32) -> Option<&TemplateFile> {
        let place = self.templates.binary_search_by_key(&file, |template| template.file).ok()?;
        self.templates.get(place)
    }

    fn add_module(&mut self, file: u32, script: Script, paths: Vec<Option<String>>, in_package: bool) {
        let (targets, components) = (Vec::new(), BTreeMap::new());
        let (route, template, packed, known) = (None, None, None, None);
        self.modules.push(Module {
            file,
            script,
            paths,
            targets,
            in_package,
            route,
            template,
            components,
            packed,
            known,
        });
    }
}

impl Project {
    pub(super) fn connect(&mut self, files: &dyn Files, by_path: &FxHashMap<String, u32>) {
        let app = self.manifest(files);
        let packed = self.packed_modules();
        for index in 0..self.modules.len() {
            let module = &self.modules[index];
            let requests = module.script.requests.iter();
            let targets = module.paths.iter().zip(requests).map(|(path, request)| {
                let found = path.as_ref().and_then(|path| by_path.get(path));
                let found = found.or_else(|| self.packed_for(packed.get(request)?, module.file));
                match found {
                    _ if &**request == "miniauth" || request.starts_with("miniauth/") => Target::Miniauth,
                    // Its functions are known by name.
                    Some(_) if &**request == "tslib" => Target::Missing,
                    Some(module) => Target::Module(*module),
                    None => Target::Missing,
                }
            });
            let targets = targets.collect();
            self.modules[index].targets = targets;
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
        self.note_frameworks();
        self.connect_templates(files, &app, by_path);
        self.set_aside();
    }

    fn note_frameworks(&mut self) {
        let packed: FxHashSet<u32> =
            self.modules.iter().filter_map(|module| module.packed.as_ref().map(|(chunk, _)| *chunk)).collect();
        for (index, module) in (0..).zip(&mut self.modules) {
            let is_file = module.packed.is_none() && module.route.is_none() && !module.script.is_empty();
            if is_file && self.app != Some(index) && !packed.contains(&index) {
                module.known = of_file(&self.files[module.file as usize].text);
            }
            let is_chunk = packed.contains(&index) && module.script.requests.is_empty();
            if is_chunk || module.in_package && module.packed.is_none() {
                self.libraries.insert(module.file);
            }
        }
        let has = |is_it: fn(&Known) -> bool| self.modules.iter().filter_map(|module| module.known.as_ref()).any(is_it);
        self.is_uni3 = has(|known| matches!(known, Known::Uni3 { .. }));
        self.vendor_asks = self.modules.iter().any(|module| {
            let text = &self.files[module.file as usize].text;
            // miniauth's client asks only after a tap.
            matches!(module.known, Some(Known::Uni3 { .. }))
                && platform::names_scope(text)
                && !text.contains("miniauth")
        });
        // The app creates the prototype that all Vue pages inherit from.
        let is_vue = self.is_uni3 || has(|known| matches!(known, Known::Uni { .. } | Known::Vue));
        let own = self.modules.iter().filter(|module| !module.in_package);
        self.shares_globals = is_vue || own.into_iter().any(|module| module.script.writes_globals);
        let is_library = |module: &Module| {
            module.in_package || self.is_in_library(Place { file: module.file, range: range_of(&module.script) })
        };
        self.library_modules =
            (0..).zip(&self.modules).filter(|(_, module)| is_library(module)).map(|(index, _)| index).collect();
    }

    /// The modules that bundlers have packed, by id.
    fn packed_modules(&self) -> FxHashMap<Name, Vec<u32>> {
        let mut packed: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        for (index, module) in (0..).zip(&self.modules) {
            if let Some((_, id)) = &module.packed {
                packed.entry(id.clone()).or_default().push(index);
            }
        }
        packed
    }

    /// Of several modules with the same id, the one nearest to the file, which belongs to the same build.
    fn packed_for<'m>(&self, modules: &'m [u32], file: u32) -> Option<&'m u32> {
        let own = &self.files[file as usize].path;
        modules.iter().max_by_key(|module| {
            let path = &self.files[self.modules[**module as usize].file as usize].path;
            let common = own.bytes().zip(path.bytes()).take_while(|(one, other)| one == other).count();
            (common, path == own)
        })
    }

    /// The scripts in the folders, or under the names, that `workers` in `app.json` lists.
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
            let file = self.templates[index].file;
            for from in sources {
                match self.template_path(&path, &from).and_then(|path| by_name.get(&path)) {
                    Some(source) => self.templates[index].sources.push((from, *source)),
                    None => self.absent.push((file, from)),
                }
            }
            for (name, from) in imports {
                match resolve(files, &self.root, &path, &relative(&from)) {
                    Some(found) => self.templates[index].imports.extend(by_path.get(&found).map(|of| (name, *of))),
                    None => self.absent.push((file, from)),
                }
            }
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
                    continue;
                }
                // A component may be a template alone.
                let is_template = self.template_path(&path, component).is_some_and(|path| by_name.contains_key(&path));
                if !is_template && uses(&self.templates[index].template.elements, tag) {
                    self.absent.push((file, component.clone()));
                }
            }
            let module = &mut self.modules[owner as usize];
            module.template = Some(index as u32);
            module.components = components;
        }
    }
}

impl Project {
    /// The file that `<import src="...">` refers to.
    fn template_path(&self, from: &str, source: &str) -> Option<String> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = match source.strip_prefix('/') {
            Some(absolute) => join(&self.root, absolute)?,
            None => join(folder, source)?,
        };
        Some(if path.ends_with(".axml") { path } else { format!("{path}.axml") })
    }
}

/// The text of a packed module.
fn source_of<'t>(text: &'t str, script: &Script) -> &'t str {
    let range = range_of(script);
    text.get(range.start as usize..range.end as usize).unwrap_or_default()
}

fn range_of(script: &Script) -> Range {
    script.functions.first().map(|top| top.range).unwrap_or_default()
}

/// Parts of paths that are not the app's own: folders of libraries, webpack's own modules, and the modules it leaves out.
const NOT_OWN: &[&str] = &["node_modules/", "uni_modules/", "(webpack)", "(ignored)"];

/// Whether a bundled file is the app's own, by its path.
fn is_own_to_app(path: &str) -> bool {
    !NOT_OWN.iter().any(|part| path.contains(part))
}

fn relative(path: &str) -> String {
    if path.starts_with('/') || path.starts_with('.') { path.to_owned() } else { format!("./{path}") }
}

/// Whether one of the elements, or of those inside them, has that tag.
fn uses(elements: &[Element], tag: &str) -> bool {
    elements.iter().any(|element| element.tag == tag || uses(&element.children, tag))
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
