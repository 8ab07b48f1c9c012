//! Ties the files together: requests to scripts, pages and components to templates.

use super::{
    Project, Target,
    files::{AppManifest, Files, join, read_app, read_components, resolve},
};
use crate::{platform, templates::Element};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

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
