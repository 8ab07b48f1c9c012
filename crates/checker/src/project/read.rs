//! One file: read, parsed as what it is, its requests resolved; and what `app.json`, `mini.project.json` and the `.json` of pages and
//! components say.

use super::files::{Files, is_script, resolve};
use crate::{
    scripts::{
        SyntaxError,
        ir::{Function, Range, Script},
        parse_script,
    },
    templates::{Template, parse_template},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Files that are neither scripts nor templates but are searched for secrets and addresses.
const OTHER_TEXTS: &[&str] = &[".json", ".pem", ".key", ".txt", ".cer", ".crt", ".env", ".acss", ".xml"];

pub(super) struct ReadFile {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) content: Content,
    pub(super) fault: Option<SyntaxError>,
}

pub(super) enum Content {
    /// A script with the files that its requests mean.
    Script(Script, Vec<Option<String>>),
    Template(Template),
    Other,
}

pub(super) fn is_wanted(path: &str) -> bool {
    is_script(path) || path.ends_with(".axml") || OTHER_TEXTS.iter().any(|ending| path.ends_with(ending))
}

impl ReadFile {
    pub(super) fn read(files: &dyn Files, root: &str, path: &str) -> Option<Self> {
        let Some(bytes) = files.read(path) else {
            // It was there a moment ago: too large, or not to be read by this user.
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
            (Content::Script(script, requests), parsed.fault)
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

/// The platform's own JSON files must be JSON; others may be whatever their tools take.
fn manifest_fault(path: &str, text: &str) -> Option<SyntaxError> {
    if path.rsplit('/').next() != Some("app.json") && path != "mini.project.json" {
        return None;
    }
    let error = serde_json::from_str::<serde_json::Value>(text).err()?;
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let start = (line_start + error.column().saturating_sub(1)).min(text.len()) as u32;
    Some(SyntaxError { message: error.to_string(), range: Range { start, end: (start + 1).min(text.len() as u32) } })
}

/// What `app.json` says.
#[derive(Debug, Default)]
pub(crate) struct AppManifest {
    /// The pages' routes, sub-packages' included.
    pub(crate) pages: Vec<String>,
    /// The routes of the tabs.
    pub(crate) tabs: Vec<String>,
    /// Components that every template knows: tag and path.
    pub(crate) components: BTreeMap<String, String>,
    /// The folders or files of the code that runs in Workers.
    pub(crate) workers: Vec<String>,
}

/// Reads `app.json`, or says what is wrong with it.
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
    // `"workers": "workers"` is what is documented; `{ "path": ... }` is what some tools write.
    let single = json["workers"].as_str().or_else(|| json["workers"]["path"].as_str());
    workers.extend(single.map(|path| path.trim_matches('/').to_owned()));
    let items = ["items", "list"].iter().filter_map(|key| json["tabBar"][*key].as_array()).flatten();
    let tabs = items.filter_map(|item| Some(item["pagePath"].as_str()?.trim_matches('/').to_owned())).collect();
    Ok(AppManifest { pages, tabs, components: components(&json), workers })
}

/// Where in the folder the mini-program lies, as `mini.project.json` says.
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
