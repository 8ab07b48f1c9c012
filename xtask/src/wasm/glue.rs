//! Making wasm-bindgen's glue fit for a mini-program, whose page logic lacks what the glue takes for granted.
//!
//! Names of the platform are shadowed by an import; two lines are changed. When a new wasm-bindgen writes something else, the
//! build stops here instead of a phone.

use anyhow::{Result, bail, ensure};

/// What `src/` calls by name, and what shadows the platform's: most engines of page logic have no `TextDecoder`, and a bare
/// `toString` is inherited from the global object.
const IMPORT: &str = "import { Slot, TextDecoder, TextEncoder, Timer, bytesOf, callPlatform, codeNumber, displayInfo, \
                      errorNumber, failureOf, flattened, hasLetter, innermost, joined, originalOf, outcome, ownRequest, \
                      parsed, phoneRequest, platformOptions, rejected, responseIn, runTask, taskFailed, toString, \
                      waitFor, wordsOf, writtenForms } from '../src/glue.js';\n";

/// When memory grows, wasm2js leaves the old buffer attached and of its old length, so that a view of it looks fresh: it is
/// stale when its buffer is another one.
const VIEWS: [(&str, &str); 2] = [
    ("cachedUint8ArrayMemory0.byteLength === 0", "cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer"),
    (
        "cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && \
         cachedDataViewMemory0.buffer !== wasm.memory.buffer)",
        "cachedDataViewMemory0.buffer !== wasm.memory.buffer",
    ),
];

/// Names that the glue must not use as global variables. `Function` makes code from text, which page logic forbids, as its compiler
/// does `globalThis`.
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

/// The glue for a mini-program, to be written beside `src` as `generated/miniauth_bg.js`.
pub(super) fn adapt(glue: &str) -> Result<String> {
    let views = glue.lines().filter(|line| line.starts_with("let cached") && line.contains("Memory")).count();
    ensure!(
        views == VIEWS.len(),
        "the glue of wasm-bindgen keeps {views} views of memory: adapt xtask/src/wasm/glue.rs"
    );
    let mut adapted = glue.to_owned();
    for (from, to) in VIEWS {
        ensure!(
            adapted.matches(from).count() == 1,
            "the glue of wasm-bindgen holds not exactly one `{from}`: adapt xtask/src/wasm/glue.rs"
        );
        adapted = adapted.replace(from, to);
    }
    if let Some(name) = FORBIDDEN.into_iter().find(|name| mentions_freely(&adapted, name)) {
        bail!("the glue of wasm-bindgen uses `{name}`, which a mini-program lacks: adapt xtask/src/wasm/glue.rs");
    }
    Ok(format!("{IMPORT}{adapted}"))
}

/// The declarations of the adapted glue: those of wasm-bindgen without a symbol that ES2018 lacks, and the function that starts it.
pub(super) fn declarations(types: &str) -> String {
    let types: String =
        types.lines().filter(|line| !line.contains("[Symbol.dispose]")).map(|line| format!("{line}\n")).collect();
    format!(
        "{types}\n/** Gives the glue the exports of the instantiated module. */\n\
         export function __wbg_set_wasm(exports: object): void;\n"
    )
}

/// Whether the code uses `name` as an identifier: not a property, not a part of a longer name, not in a text or
/// a comment.
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

    /// The places of wasm-bindgen 0.2.130's output that matter here.
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
