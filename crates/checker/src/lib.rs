//! Static checks of a mini-program's own pages, for the two rules that most apps break: a consent panel appears only on the
//! person's own tap, and what the page learns about the person for display never leaves it.
//!
//! [`check`] reads a project and gives a [`Report`]; `project` reads, `scripts` and `templates` parse, `flow` follows values and
//! calls, `rules` judge, `report` tells. What is followed and what is not stands in the crate's README.

pub mod config;
mod coverage;
mod flow;
mod platform;
pub mod project;
pub mod report;
pub mod rules;
pub mod scripts;
pub mod templates;

use config::Configuration;
pub use coverage::{Coverage, Framework};
use project::{Files, Project};
pub use report::{Baseline, Report};
use std::{collections::BTreeSet, io, sync::Arc, thread, time::Duration};

/// The stack of each thread: the tree of a script is walked by recursion.
const STACK_BYTES: usize = 256 << 20;

/// What is being done, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read and parsed.
    Reading,
    /// Pages are analysed.
    Analysing,
}

/// Told of the progress: the stage, what is done of it, what there is to do.
pub type Progress = Arc<dyn Fn(Stage, usize, usize) + Send + Sync>;

/// What to check, and how.
#[derive(Default, Clone)]
pub struct Options {
    /// The rules that are asked for; none means all.
    pub rules: Vec<String>,
    /// How many threads to use; none means one for each core.
    pub threads: Option<usize>,
    /// Whom to tell of the progress.
    pub progress: Option<Progress>,
    /// What the project has decided.
    pub configuration: Configuration,
    /// The findings that are known.
    pub baseline: Option<Baseline>,
    /// The files that have changed: what has nothing to do with them is left out. None means all files.
    pub changed: Option<BTreeSet<String>>,
    /// How long it may take.
    pub limits: Limits,
}

/// How long a check may take; what is not done by then is named in the report.
#[derive(Debug, Default, Clone, Copy)]
pub struct Limits {
    /// One script with all that it reaches.
    pub page: Option<Duration>,
    /// The analysis of all.
    pub whole: Option<Duration>,
}

/// Checks a project.
///
/// # Errors
/// When the project's folder cannot be read, or no thread can be started. A file that does not parse is a finding.
pub fn check(files: &dyn Files, options: &Options) -> io::Result<Report> {
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK_BYTES)
        .num_threads(options.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)))
        .build()
        .map_err(io::Error::other)?;
    let tell = |stage, done, all| {
        if let Some(progress) = &options.progress {
            progress(stage, done, all);
        }
    };
    pool.install(|| {
        let mut project = Project::read(files, &|done, all| tell(Stage::Reading, done, all))?;
        project.configuration = options.configuration.clone();
        let analysis = flow::analyse(&project, options.limits, &|done, all| tell(Stage::Analysing, done, all));
        Ok(report::build(project, &analysis, options))
    })
}
