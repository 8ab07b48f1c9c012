//! One file: read, parsed as what it is, its requests resolved.

use super::{
    files::Files,
    resolve::{is_script, resolve},
};
use crate::{
    scripts::{
        SyntaxError,
        ir::{Function, Range, Script},
        parse_script,
    },
    templates::{Template, parse_template},
};

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
