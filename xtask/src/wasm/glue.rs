//! Making wasm-bindgen's glue fit for a mini-program, whose page logic lacks what the glue takes for granted.
//!
//! Every change is asserted: when a new wasm-bindgen writes something else, the build stops here instead of a phone.

use anyhow::{Result, bail, ensure};

/// Shadows the names that the glue uses at its top level. They must not be looked up on the platform: most mini-program
/// engines have no `TextDecoder`, and the compiler of page logic forbids `globalThis`.
const IMPORT: &str = "import { TextDecoder, TextEncoder, globalThis as globalObject } from '../src/stand-ins.js';\n";

/// A change of the glue, needed where the glue holds `part`.
struct Patch {
    part: &'static str,
    from: &'static str,
    to: &'static str,
}

/// js-sys looks for the global object under four names and in a function made from a string; here it is always the
/// stand-in, whose lack of `queueMicrotask` makes wasm-bindgen-futures use promises. A bare `toString` is inherited from the
/// global object. When memory grows, wasm2js leaves the old buffer attached: a view is stale when its buffer is another one.
const PATCHES: [Patch; 9] = [
    Patch {
        part: "__wbg_static_accessor_GLOBAL_THIS_",
        from: "typeof globalThis === 'undefined' ? undefined : globalThis",
        to: "globalObject",
    },
    Patch {
        part: "__wbg_static_accessor_GLOBAL_",
        from: "typeof global === 'undefined' ? undefined : global;",
        to: "undefined;",
    },
    Patch {
        part: "__wbg_static_accessor_SELF_",
        from: "typeof self === 'undefined' ? undefined : self",
        to: "undefined",
    },
    Patch {
        part: "__wbg_static_accessor_WINDOW_",
        from: "typeof window === 'undefined' ? undefined : window",
        to: "undefined",
    },
    Patch {
        part: "__wbg_new_no_args_",
        from: "new Function(getStringFromWasm0(arg0, arg1))",
        to: "() => globalObject",
    },
    Patch { part: "__wbg_queueMicrotask_", from: "    queueMicrotask(", to: "    globalObject.queueMicrotask(" },
    Patch {
        part: "function debugString(",
        from: " = toString.call(val)",
        to: " = Object.prototype.toString.call(val)",
    },
    Patch {
        part: "Memory0",
        from: "cachedUint8ArrayMemory0.byteLength === 0",
        to: "cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer",
    },
    Patch {
        part: "Memory0",
        from: "cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && \
               cachedDataViewMemory0.buffer !== wasm.memory.buffer)",
        to: "cachedDataViewMemory0.buffer !== wasm.memory.buffer",
    },
];

/// The views of memory that are patched: another one would go stale.
const VIEWS: [&str; 2] = ["let cachedDataViewMemory0 = ", "let cachedUint8ArrayMemory0 = "];

/// What must not be left in the glue as a free name.
const FORBIDDEN: [&str; 14] = [
    "Buffer",
    "URL",
    "WebAssembly",
    "crypto",
    "document",
    "eval",
    "fetch",
    "global",
    "globalThis",
    "new Function",
    "process",
    "queueMicrotask",
    "self",
    "window",
];

/// The glue for a mini-program, to be written beside `src` as `generated/miniauth_bg.js`.
pub(super) fn adapt(glue: &str) -> Result<String> {
    for class in ["TextDecoder", "TextEncoder"] {
        ensure!(
            glue.contains(&format!("new {class}(")),
            "the glue of wasm-bindgen constructs no {class}: adapt the stand-ins' import in xtask/src/wasm/glue.rs"
        );
    }
    let mut adapted = glue.to_owned();
    for Patch { part, from, to } in PATCHES {
        if !adapted.contains(part) {
            continue;
        }
        ensure!(
            adapted.matches(from).count() == 1,
            "the glue of wasm-bindgen holds `{part}`, but not exactly one `{from}`: adapt xtask/src/wasm/glue.rs"
        );
        adapted = adapted.replace(from, to);
    }
    let views: Vec<_> =
        adapted.lines().filter(|line| line.starts_with("let cached") && line.contains("Memory")).collect();
    ensure!(
        views.len() == VIEWS.len() && VIEWS.iter().all(|known| views.iter().any(|view| view.starts_with(known))),
        "the glue of wasm-bindgen keeps other views of memory: adapt xtask/src/wasm/glue.rs"
    );
    if let Some(name) = FORBIDDEN.into_iter().find(|name| mentions_freely(&adapted, name)) {
        bail!("the glue of wasm-bindgen uses `{name}`, which a mini-program lacks: adapt xtask/src/wasm/glue.rs");
    }
    Ok(format!("{IMPORT}{adapted}"))
}

/// The declarations of the adapted glue: what wasm-bindgen declares, but for a symbol that ES2018 lacks, and what starts it.
pub(super) fn declarations(types: &str) -> String {
    let types: String =
        types.lines().filter(|line| !line.contains("[Symbol.dispose]")).map(|line| format!("{line}\n")).collect();
    format!(
        "{types}\n/** Gives the glue the exports of the instantiated module. */\n\
         export function __wbg_set_wasm(exports: object): void;\n"
    )
}

/// Whether `name` stands in the code as an identifier of its own: not a property, not a part of a longer name, not in a comment.
fn mentions_freely(code: &str, name: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
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
export function __wbg_queueMicrotask_1e85(arg0) {
    const ret = arg0.queueMicrotask;
    return ret;
}
export function __wbg_queueMicrotask_4a1a(arg0) {
    queueMicrotask(arg0);
}
export function __wbg_new_no_args_7dba(arg0, arg1) {
    const ret = new Function(getStringFromWasm0(arg0, arg1));
}
export function __wbg_static_accessor_GLOBAL_THIS_003e() {
    const ret = typeof globalThis === 'undefined' ? undefined : globalThis;
}
export function __wbg_static_accessor_GLOBAL_e429() {
    const ret = typeof global === 'undefined' ? undefined : global;
}
export function __wbg_static_accessor_SELF_53bb() {
    const ret = typeof self === 'undefined' ? undefined : self;
}
export function __wbg_static_accessor_WINDOW_b5e0() {
    const ret = typeof window === 'undefined' ? undefined : window;
}
function debugString(val) {
    const toStringOutput = toString.call(val); // the window of a debugger
}
let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
}
let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
}
let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const cachedTextEncoder = new TextEncoder();
";

    #[test]
    fn platform_names_are_shadowed_or_gone() {
        let adapted = adapt(GLUE).unwrap();
        assert!(adapted.starts_with("import { TextDecoder, TextEncoder, "));
        assert!(adapted.contains("const ret = globalObject;"));
        assert!(adapted.contains("    globalObject.queueMicrotask(arg0);"));
        assert!(adapted.contains("arg0.queueMicrotask;"));
        assert!(adapted.contains("const ret = () => globalObject;"));
        assert!(adapted.contains("Object.prototype.toString.call(val)"));
        assert_eq!(adapted.matches("const ret = undefined;").count(), 3);
    }

    #[test]
    fn a_part_that_the_module_does_without_needs_no_patch() {
        let at = GLUE.find("function debugString").unwrap();
        let end = GLUE.find("let cachedDataViewMemory0").unwrap();
        let glue = [&GLUE[..at], &GLUE[end..]].concat();
        assert!(adapt(&glue).is_ok());
    }

    #[test]
    fn views_are_compared_with_the_present_memory() {
        let adapted = adapt(GLUE).unwrap();
        assert!(
            adapted
                .contains("cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer)")
        );
        assert!(
            adapted.contains("cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer !== wasm.memory.buffer)")
        );
        let error = adapt(&format!("{GLUE}let cachedInt32ArrayMemory0 = null;\n")).unwrap_err().to_string();
        assert!(error.contains("views of memory"), "{error}");
    }

    #[test]
    fn a_part_that_changed_stops_the_build() {
        let glue = GLUE.replace("toString.call(val)", "String(val)");
        let error = adapt(&glue).unwrap_err().to_string();
        assert!(error.contains("`function debugString(`"), "{error}");
    }

    #[test]
    fn a_new_use_of_a_platform_name_stops_the_build() {
        let glue = format!("{GLUE}const bytes = await fetch(path);\n");
        let error = adapt(&glue).unwrap_err().to_string();
        assert!(error.contains("uses `fetch`"), "{error}");
    }

    #[test]
    fn declarations_keep_to_es2018() {
        let types = declarations("export class Client {\n    free(): void;\n    [Symbol.dispose](): void;\n}\n");
        assert!(types.starts_with("export class Client {\n    free(): void;\n}\n"));
        assert!(types.contains("export function __wbg_set_wasm("));
    }

    #[test]
    fn glue_without_a_decoder_is_not_what_this_was_written_for() {
        let glue = GLUE.replace("new TextDecoder(", "makeDecoder(");
        assert!(adapt(&glue).unwrap_err().to_string().contains("TextDecoder"));
    }
}
