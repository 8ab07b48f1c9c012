//! Adapts wasm-bindgen's glue to a mini-program, whose page logic lacks globals that the glue expects.
//!
//! An import shadows the names of the platform; two lines are changed. If a new wasm-bindgen writes different glue, the build fails here
//! instead of the app on a phone.

use anyhow::{Result, bail, ensure};

/// The import of functions that `src/` calls by name, and of replacements for the platform's: most engines of page logic have no
/// `TextDecoder`, and a bare `toString` is inherited from the global object.
const IMPORT: &str = "import { Slot, TextDecoder, TextEncoder, Timer, bytesOf, callPlatform, codeNumber, displayInfo, \
                      errorNumber, failureOf, flattened, hasLetter, innermost, joined, originalOf, outcome, ownRequest, \
                      parsed, phoneRequest, platformOptions, rejected, responseIn, runTask, taskFailed, toString, \
                      waitFor, wordsOf, writtenForms } from '../src/glue.js';\n";

/// The two changed lines. When memory grows, wasm2js leaves the old buffer attached with its old length, so a stale view looks fresh. A
/// view is stale if its buffer differs from the memory's.
const VIEWS: [(&str, &str); 2] = [
    ("cachedUint8ArrayMemory0.byteLength === 0", "cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer"),
    (
        "cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && \
         cachedDataViewMemory0.buffer !== wasm.memory.buffer)",
        "cachedDataViewMemory0.buffer !== wasm.memory.buffer",
    ),
];

/// Names that the glue must not use as global variables. Page logic forbids `Function`, which makes code from text; its compiler forbids
/// `globalThis`.
const FORBIDDEN: [&str; 14] = [
    "Buffer",
    "Function",
    "URL",
    "WebAssembly",
    "crypto",
    "document",
    "eval",
    "fetch",
    "global",
    "globalThis",
    "process",
    "queueMicrotask",
    "self",
    "window",
];

/// Adapts the glue; the result becomes `generated/miniauth_bg.js` beside `src`.
pub(super) fn adapt(glue: &str) -> Result<String> {
    let views = glue.lines().filter(|line| line.starts_with("let cached") && line.contains("Memory")).count();
    ensure!(views == VIEWS.len(), "wasm-bindgen's glue now has {views} views of memory: adapt xtask/src/wasm/glue.rs");
    let mut adapted = glue.to_owned();
    for (from, to) in VIEWS {
        ensure!(
            adapted.matches(from).count() == 1,
            "wasm-bindgen's glue does not contain `{from}` exactly once: adapt xtask/src/wasm/glue.rs"
        );
        adapted = adapted.replace(from, to);
    }
    if let Some(name) = FORBIDDEN.into_iter().find(|name| mentions_freely(&adapted, name)) {
        bail!("wasm-bindgen's glue uses `{name}`, which a mini-program lacks: adapt xtask/src/wasm/glue.rs");
    }
    Ok(format!("{IMPORT}{adapted}"))
}

/// Adapts the glue's declarations: removes a symbol that ES2018 lacks, and adds the function that starts the glue.
pub(super) fn declarations(types: &str) -> String {
    let types: String =
        types.lines().filter(|line| !line.contains("[Symbol.dispose]")).map(|line| format!("{line}\n")).collect();
    format!(
        "{types}\n/** Passes the exports of the instantiated module to the glue. */\n\
         export function __wbg_set_wasm(exports: object): void;\n"
    )
}

/// Whether the code uses `name` as an identifier: not as a property, part of a longer name, in a string or in a comment.
fn mentions_freely(code: &str, name: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '\'' | '"');
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .filter(|line| !line.trim_start().starts_with('*'))
        .any(|line| {
            line.match_indices(name).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + name.len()..].chars().next();
                !before.is_some_and(|c| in_name(c) || c == '.') && !after.is_some_and(in_name)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relevant parts of wasm-bindgen 0.2.130's output.
    const GLUE: &str = "\
export function __wbg_instanceof_Function_1e85(arg0) { // a Function
    return arg0.Function || 'Function';
}
let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
}
let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
}
";

    #[test]
    fn views_are_compared_with_the_present_memory() {
        let adapted = adapt(GLUE).unwrap();
        for view in ["cachedUint8ArrayMemory0", "cachedDataViewMemory0"] {
            assert!(
                adapted.contains(&format!("{view} === null || {view}.buffer !== wasm.memory.buffer)")),
                "{adapted}"
            );
        }
        let error = adapt(&format!("{GLUE}let cachedInt32ArrayMemory0 = null;\n")).unwrap_err().to_string();
        assert!(error.contains("3 views of memory"), "{error}");
    }

    #[test]
    fn a_view_that_is_checked_in_another_way_stops_the_build() {
        let glue = GLUE.replace("byteLength === 0", "length === 0");
        let error = adapt(&glue).unwrap_err().to_string();
        assert!(error.contains("`cachedUint8ArrayMemory0.byteLength === 0`"), "{error}");
    }

    #[test]
    fn a_new_use_of_a_platform_name_stops_the_build() {
        for code in ["const bytes = load(fetch(path));", "const ret = new Function(text);"] {
            let error = adapt(&format!("{GLUE}{code}\n")).unwrap_err().to_string();
            assert!(error.contains("which a mini-program lacks"), "{error}");
        }
    }

    #[test]
    fn declarations_keep_to_es2018() {
        let types = declarations("export class Client {\n    free(): void;\n    [Symbol.dispose](): void;\n}\n");
        assert!(types.starts_with("export class Client {\n    free(): void;\n}\n"));
        assert!(types.contains("export function __wbg_set_wasm("));
    }
}
