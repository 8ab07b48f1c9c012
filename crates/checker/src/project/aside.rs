//! Files that are read because other files use them, but that are not reported on: pages that `app.json` does not name, another
//! platform's build, minified libraries.

use super::Project;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// Why a file is not reported on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aside {
    /// It belongs to a page that `app.json` does not name.
    Page,
    /// It belongs to another app: a folder with its own `app.json`, or another platform's build.
    OtherApp,
    /// It is a minified library.
    Minified,
}

/// The files that are not reported on.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct NotReported {
    /// Pages that `app.json` does not name.
    pub pages: Vec<String>,
    /// Files of other apps: in folders with their own `app.json`, or another platform's build.
    pub other_apps: Vec<String>,
    /// Minified libraries.
    pub minified: Vec<String>,
}

/// A script of at least this size, and with at least this average length of a line, was not written by hand.
const MIN_MINIFIED_BYTES: usize = 8_000;
const MAX_LINE_LENGTH: usize = 300;

/// The output folder of uni-app's editor.
const BUILDS: &str = "unpackage/";

impl Project {
    pub(super) fn set_aside(&mut self) {
        if self.named.is_empty() {
            return;
        }
        let mut aside = FxHashMap::default();
        let others: Vec<String> =
            self.files.iter().filter_map(|file| file.path.strip_suffix("app.json")).map(str::to_owned).collect();
        let root = if self.root.is_empty() { String::new() } else { format!("{}/", self.root) };
        for (index, file) in (0..).zip(&self.files) {
            let is_other = |folder: &String| {
                !root.starts_with(folder.as_str())
                    && (folder.is_empty() || folder.ends_with('/'))
                    && file.path.starts_with(folder.as_str())
            };
            let is_build = !root.contains(BUILDS) && file.path.contains(BUILDS);
            if is_build || others.iter().any(is_other) {
                aside.insert(index, Aside::OtherApp);
            }
        }
        let components: FxHashSet<u32> =
            self.modules.iter().flat_map(|module| module.components.values().copied()).collect();
        let chunks: FxHashSet<u32> =
            self.modules.iter().filter_map(|module| module.packed.as_ref().map(|(chunk, _)| *chunk)).collect();
        for (index, module) in (0..).zip(&self.modules) {
            let text = &self.files[module.file as usize].text;
            let is_known = module.route.is_some() || self.app == Some(index) || components.contains(&index);
            if is_known
                || module.in_package
                || module.packed.is_some()
                || chunks.contains(&index)
                || aside.contains_key(&module.file)
            {
                continue;
            }
            match module.template.and_then(|template| self.templates.get(template as usize)) {
                Some(template) if text.contains("Page(") && !text.contains("Component(") => {
                    aside.insert(module.file, Aside::Page);
                    aside.insert(template.file, Aside::Page);
                }
                Some(_) => {}
                None if is_minified(text) => {
                    aside.insert(module.file, Aside::Minified);
                }
                None => {}
            }
        }
        self.aside = aside;
    }

    /// Whether a rule reports findings in a file.
    pub(crate) fn is_reported_in(&self, rule: &str, file: u32) -> bool {
        match self.aside.get(&file) {
            None => true,
            // A secret is reported in every file: any file in the folder may be published.
            Some(_) if rule == "secret-in-package" => true,
            Some(Aside::Page | Aside::OtherApp) => false,
            // The app's own pages may run a minified library, so what other rules find in it concerns the app.
            Some(Aside::Minified) => !matches!(rule, "insecure-url" | "removed-api" | "unreadable-file"),
        }
    }

    /// The files that are not reported on, scripts only.
    pub(crate) fn not_reported(&self) -> NotReported {
        let mut told = NotReported::default();
        for module in self.modules.iter().filter(|module| !module.script.is_empty()) {
            let list = match self.aside.get(&module.file) {
                Some(Aside::Page) => &mut told.pages,
                Some(Aside::OtherApp) => &mut told.other_apps,
                Some(Aside::Minified) => &mut told.minified,
                None => continue,
            };
            let path = &self.files[module.file as usize].path;
            if list.last() != Some(path) {
                list.push(path.clone());
            }
        }
        told
    }
}

fn is_minified(text: &str) -> bool {
    text.len() >= MIN_MINIFIED_BYTES && text.len() / text.lines().count().max(1) >= MAX_LINE_LENGTH
}
