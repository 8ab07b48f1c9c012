//! Short names for what the module imports and exports.
//!
//! wasm-bindgen's names hold hashes, which no compression makes smaller, and stand in the module and in the glue. Only the
//! two have to agree.

use std::{cmp::Reverse, mem};

use anyhow::{Result, ensure};
use wasm_bindgen_cli_support::Output;

/// A name of wasm-bindgen's, and what it becomes.
pub(super) struct Renamed {
    from: String,
    to: String,
}

/// What has a new name in the module.
#[derive(Default)]
pub(super) struct Names {
    imports: Vec<Renamed>,
    exports: Vec<Renamed>,
}

impl Names {
    /// Gives the module's imports and exports short names, and leaves out the exports that the glue does not use. Memory
    /// keeps its name, for the package's own code uses it too.
    pub(super) fn shorten(output: &mut Output, glue: &str) -> Self {
        let module = output.wasm_mut();
        let unused: Vec<_> = module
            .exports
            .iter()
            .filter(|export| !glue.contains(&format!("wasm.{}", export.name)))
            .map(|export| export.id())
            .collect();
        unused.into_iter().for_each(|id| module.exports.delete(id));
        let mut names = Self::default();
        for import in module.imports.iter_mut() {
            names.imports.push(rename(&mut import.name, names.imports.len()));
        }
        for export in module.exports.iter_mut().filter(|export| export.name != "memory") {
            names.exports.push(rename(&mut export.name, names.exports.len()));
        }
        names
    }

    /// The glue with these names: its functions keep theirs, and are exported under the short ones.
    pub(super) fn apply(&self, glue: &str) -> Result<String> {
        let mut glue = glue.to_owned();
        for Renamed { from, .. } in &self.imports {
            let (exported, local) = (format!("export function {from}("), format!("function {from}("));
            ensure!(
                glue.matches(&exported).count() == 1,
                "the glue of wasm-bindgen exports no function {from}: adapt xtask/src/wasm/names.rs"
            );
            glue = glue.replace(&exported, &local);
        }
        // Longer names first: one may begin with another.
        let mut exports: Vec<_> = self.exports.iter().collect();
        exports.sort_by_key(|renamed| Reverse(renamed.from.len()));
        for Renamed { from, to } in exports {
            glue = glue.replace(&format!("wasm.{from}"), &format!("wasm.{to}"));
        }
        let list: Vec<_> = self.imports.iter().map(|Renamed { from, to }| format!("{from} as {to}")).collect();
        Ok(format!("{glue}export {{ {} }};\n", list.join(", ")))
    }
}

fn rename(name: &mut String, index: usize) -> Renamed {
    let from = mem::replace(name, short(index));
    Renamed { from, to: name.clone() }
}

/// a, b, …, z, aa, ba, …
fn short(index: usize) -> String {
    let mut name = String::new();
    let mut rest = index + 1;
    while rest > 0 {
        name.push(char::from(b'a' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn renamed(from: &str, to: &str) -> Renamed {
        Renamed { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn names_are_short_and_differ() {
        assert_eq!([short(0), short(25), short(26)], ["a", "z", "aa"]);
        let names: HashSet<_> = (0..700).map(short).collect();
        assert_eq!(names.len(), 700);
        assert!(names.iter().all(|name| name.len() <= 2));
    }

    #[test]
    fn the_glue_follows() {
        let names = Names {
            imports: vec![renamed("__wbg_get_1", "a")],
            exports: vec![renamed("go", "a"), renamed("go_2", "b")],
        };
        let glue = "export function __wbg_get_1(arg0) {\n    wasm.go(wasm.go_2, wasm.memory);\n}\n";
        assert_eq!(
            names.apply(glue).unwrap(),
            "function __wbg_get_1(arg0) {\n    wasm.a(wasm.b, wasm.memory);\n}\nexport { __wbg_get_1 as a };\n"
        );
    }

    #[test]
    fn an_import_that_the_glue_does_not_export_stops_the_build() {
        let names = Names { imports: vec![renamed("__wbg_get_1", "a")], exports: Vec::new() };
        assert!(names.apply("export const __wbg_get_1 = 1;\n").is_err());
    }
}
