//! Building with cargo, and asking it where it put the result.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// Runs a `cargo build` and returns the file that it made of the target `name`, of the kind and ending asked for.
pub(crate) fn build(command: &mut Command, name: &str, kind: &str, ending: &str) -> Result<PathBuf> {
    command.args(["--message-format", "json-render-diagnostics"]);
    let messages = process::run_for_stdout(command)?;
    find_artifact(&String::from_utf8_lossy(&messages), name, kind, ending)
        .with_context(|| format!("cargo built no {kind} `{name}`"))
}

fn find_artifact(messages: &str, name: &str, kind: &str, ending: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["target"]["name"] == name)
        .filter(|message| {
            let kinds = message["target"]["kind"].as_array();
            kinds.is_some_and(|kinds| kinds.iter().any(|found| found == kind))
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().unwrap_or_default() == ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_asked_for_is_found_among_others() {
        let messages = r#"
{"reason":"compiler-artifact","target":{"name":"miniauth","kind":["bin"]},"filenames":["/t/debug/miniauth"]}
{"reason":"compiler-artifact","target":{"name":"serde","kind":["lib"]},"filenames":["/t/libserde.rlib"]}
{"reason":"compiler-artifact","target":{"name":"miniauth","kind":["cdylib","rlib"]},"filenames":["/t/libminiauth.rlib","/t/miniauth.wasm"]}
{"reason":"build-finished","success":true}
"#;
        let find = |kind, ending| find_artifact(messages, "miniauth", kind, ending);
        assert_eq!(find("cdylib", "wasm"), Some("/t/miniauth.wasm".into()));
        assert_eq!(find("bin", ""), Some("/t/debug/miniauth".into()));
        assert_eq!(find("bin", "exe"), None);
    }
}
