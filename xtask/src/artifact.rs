//! Building with cargo, and asking it where it put the result.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// A file that cargo made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Artifact {
    pub(crate) file: PathBuf,
    fresh: bool,
}

impl Artifact {
    /// Whether cargo had anything to do, in words.
    pub(crate) fn outcome(&self) -> &'static str {
        if self.fresh { "unchanged" } else { "compiled" }
    }
}

/// Runs a `cargo build` and returns what it made of the target `name`, of the kind and ending asked for.
pub(crate) fn build(command: &mut Command, name: &str, kind: &str, ending: &str) -> Result<Artifact> {
    command.args(["--message-format", "json-render-diagnostics"]);
    let messages = process::run_for_stdout(command)?;
    find_artifact(&String::from_utf8_lossy(&messages), name, kind, ending)
        .with_context(|| format!("cargo built no {kind} `{name}`"))
}

fn find_artifact(messages: &str, name: &str, kind: &str, ending: &str) -> Option<Artifact> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == name)
        .filter(|message| {
            let kinds = message["target"]["kind"].as_array();
            kinds.is_some_and(|kinds| kinds.iter().any(|found| found == kind))
        })
        .find_map(|message| {
            let files = message["filenames"].as_array()?.iter().filter_map(|file| file.as_str().map(PathBuf::from));
            let file = files.into_iter().find(|file| file.extension().unwrap_or_default() == ending)?;
            Some(Artifact { file, fresh: message["fresh"] == true })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_asked_for_is_found_among_others() {
        let messages = r#"
{"reason":"compiler-artifact","target":{"name":"miniauth","kind":["bin"]},"filenames":["/t/debug/miniauth"],"fresh":true}
{"reason":"compiler-artifact","target":{"name":"serde","kind":["lib"]},"filenames":["/t/libserde.rlib"]}
{"reason":"compiler-artifact","target":{"name":"miniauth","kind":["cdylib","rlib"]},"filenames":["/t/libminiauth.rlib","/t/miniauth.wasm"],"fresh":false}
{"reason":"build-finished","success":true}
"#;
        let find = |kind, ending| find_artifact(messages, "miniauth", kind, ending);
        let made = |file: &str, fresh| Some(Artifact { file: file.into(), fresh });
        assert_eq!(find("cdylib", "wasm"), made("/t/miniauth.wasm", false));
        assert_eq!(find("bin", ""), made("/t/debug/miniauth", true));
        assert_eq!(find("bin", "exe"), None);
    }
}
