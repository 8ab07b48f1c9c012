//! `app.json`, `mini.project.json` and the `.json` of pages and components.

use serde_json::Value;
use std::collections::BTreeMap;

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
