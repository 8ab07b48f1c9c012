//! The project's folders and tools.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// The folders that the commands work in.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Asks cargo for the workspace and its target folder, which a user's configuration may move.
    pub(crate) fn locate() -> Result<Self> {
        let mut command = cargo_program();
        command.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        let answer: Value = serde_json::from_str(&process::output(&mut command)?)
            .context("`cargo metadata` did not answer with JSON")?;
        let folder = |key: &str| {
            answer[key].as_str().map(PathBuf::from).with_context(|| format!("`cargo metadata` did not say `{key}`"))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// Returns the workspace's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of a file or folder in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Returns a path in cargo's target folder.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Returns the folder for files that these commands keep between runs.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target("xtask")
    }

    /// Returns the path of an installed npm package's program, given its path in `node_modules`.
    pub(crate) fn npm_program(&self, relative: &str) -> PathBuf {
        self.root.join("node_modules").join(relative)
    }

    /// Prepares cargo, run in the workspace.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo_program();
        command.current_dir(&self.root);
        process::keep_cargo_progress(&mut command);
        command
    }

    /// Prepares Node, run in the workspace.
    pub(crate) fn node(&self) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.root);
        command
    }
}

/// Prepares the cargo that runs this program, which sets `CARGO`.
fn cargo_program() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
