//! Which file a `require`, an `import` or a component's path means.

use super::files::Files;

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
