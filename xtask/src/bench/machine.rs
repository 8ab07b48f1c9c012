//! The machine that measured, and what else it did.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::process;
use crate::project::Project;

/// Processes that ran or wanted to, on average over one, five and fifteen minutes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load([f64; 3]);

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, five, fifteen] = self.0;
        write!(formatter, "{one:.2} {five:.2} {fifteen:.2} (1, 5, 15 minutes)")
    }
}

/// What the kernel says now.
pub(crate) fn load() -> Result<Load> {
    let text = fs::read_to_string("/proc/loadavg").context("this system does not tell its load")?;
    let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
    let mut next = || numbers.next().context("/proc/loadavg holds fewer than three numbers");
    Ok(Load([next()?, next()?, next()?]))
}

/// Processor and cores.
pub(crate) fn describe() -> Result<String> {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    Ok(format!("{}, {} cores", model.unwrap_or("a processor").trim(), available_parallelism()?))
}

/// The commit that was measured, with a plus sign when files differ from it.
pub(crate) fn commit(project: &Project) -> Result<String> {
    let git = |arguments: &[&str]| process::output(Command::new("git").current_dir(project.root()).args(arguments));
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results"])?.is_empty();
    Ok(format!("{}{}", commit.trim(), if changed { "+" } else { "" }))
}
