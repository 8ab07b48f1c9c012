//! The machine that measured, what else it did, and whether it could sleep.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
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

/// How long waking may take at most, in microseconds, as long as the file stays open: a 32-bit number (Linux, "PM QoS").
const LATENCY: &str = "/dev/cpu_dma_latency";

/// Keeps the processors from sleeping as long as this lives.
///
/// To wake one takes a virtual machine some microseconds, the more the longer it has slept. They would count as the measured
/// program's own, and more of them the slower it is, since then the other side has slept longer.
pub(crate) struct Processors(Result<File, io::Error>);

impl Processors {
    /// Asks the kernel, which only listens to root.
    pub(crate) fn keep_awake() -> Self {
        Self(OpenOptions::new().write(true).open(LATENCY).and_then(|mut file| {
            file.write_all(&0_i32.to_ne_bytes())?;
            Ok(file)
        }))
    }
}

impl fmt::Display for Processors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(_) => formatter.write_str("kept awake"),
            Err(fault) => write!(formatter, "may sleep, and waking them is counted ({LATENCY}: {fault})"),
        }
    }
}
