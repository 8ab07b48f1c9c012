//! The results of a run, with the state of the machine: its load, and whether its processors could sleep.

use super::table::{self, Figure};
use crate::{process, project::Project};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    process::Command,
    thread::available_parallelism,
};

/// The results of a run, with machine and commit.
#[derive(Serialize)]
pub(crate) struct Results {
    pub(crate) machine: String,
    /// Whether the processors could sleep during the run.
    pub(crate) processors: String,
    pub(crate) commit: String,
    pub(crate) load_at_start: Load,
    pub(crate) load_at_end: Load,
    pub(crate) figures: Vec<Figure>,
}

/// Sorts the figures by group, in the order in which groups first appear.
pub(crate) fn grouped(mut figures: Vec<Figure>) -> Vec<Figure> {
    let groups: Vec<_> = figures.iter().map(|figure| figure.group.clone()).collect();
    figures.sort_by_key(|figure| groups.iter().position(|group| *group == figure.group));
    figures
}

impl Results {
    /// Counts the missed limits.
    pub(crate) fn missed(&self) -> usize {
        self.figures.iter().filter(|figure| figure.kept() == Some(false)).count()
    }

    /// Writes `<area>.json`, and the printed table as `<area>.txt`; returns the files' names.
    pub(crate) fn write(&self, folder: &Path, area: &str) -> Result<[String; 2]> {
        let files = [format!("{area}.json"), format!("{area}.txt")];
        let contents = [serde_json::to_string_pretty(self)?, self.to_string()];
        for (name, content) in files.iter().zip(contents) {
            fs::write(folder.join(name), content + "\n").with_context(|| format!("cannot write {name}"))?;
        }
        Ok(files)
    }
}

impl fmt::Display for Results {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", table::draw(&self.figures))?;
        let missed = self.missed();
        let wanted = self.figures.iter().filter(|figure| figure.kept().is_some()).count();
        writeln!(formatter, "{} of {wanted} limits kept", wanted - missed)?;
        writeln!(formatter, "{}, {}, commit {}", self.machine, self.processors, self.commit)?;
        write!(formatter, "load before {}, after {}", self.load_at_start, self.load_at_end)
    }
}

/// The load average: how many processes ran or waited for a processor, over one, five and fifteen minutes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load([f64; 3]);

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, five, fifteen] = self.0;
        write!(formatter, "{one:.2} {five:.2} {fifteen:.2} (1, 5, 15 minutes)")
    }
}

/// Reads the present load.
pub(crate) fn load() -> Result<Load> {
    let text = fs::read_to_string("/proc/loadavg").context("this system does not report its load")?;
    let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
    let mut next = || numbers.next().context("/proc/loadavg holds fewer than three numbers");
    Ok(Load([next()?, next()?, next()?]))
}

/// Describes the machine's processor and cores.
pub(crate) fn describe() -> Result<String> {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    Ok(format!("{}, {} cores", model.unwrap_or("a processor").trim(), available_parallelism()?))
}

/// Returns the measured commit, with a plus sign if files differ from it.
pub(crate) fn commit(project: &Project) -> Result<String> {
    let git = |arguments: &[&str]| process::output(Command::new("git").current_dir(project.root()).args(arguments));
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results"])?.is_empty();
    Ok(format!("{}{}", commit.trim(), if changed { "+" } else { "" }))
}

/// A file that limits the wake-up time of processors while it is open, in microseconds, as a 32-bit number (Linux, "PM QoS").
const LATENCY: &str = "/dev/cpu_dma_latency";

/// Keeps the processors from sleeping until this is dropped.
///
/// On a virtual machine, waking a processor takes some microseconds, and more after a longer sleep. This would count as the measured
/// program's own time. It would count most for a slow program, because the other side then sleeps longer.
pub(crate) struct Processors(Result<File, io::Error>);

impl Processors {
    /// Asks the kernel, which allows it only for root.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_together_in_the_order_in_which_they_come() {
        let figures = table::read(
            r#"[{"group":"Start (Node)","name":"a","value":1,"unit":"ms"},{"name":"b","value":1,"unit":"s"},
                {"group":"Start (Node)","name":"c","value":2,"unit":"ms"}]"#,
        );
        let names: Vec<_> = grouped(figures.unwrap()).into_iter().map(|figure| figure.name).collect();
        assert_eq!(names, ["a", "c", "b"]);
    }
}
