//! Static checks of a mini-program's pages, for the two rules that most apps break: a consent panel opens only on the user's own tap, and
//! what the page learns about the user for display is not sent anywhere.
//!
//! [`check`] reads a project and returns a [`Report`]. The crate's README says what the analysis follows and what it cannot.
//!
//! | module | what it does |
//! |---|---|
//! | [`project`] | reads the app's files |
//! | [`scripts`], [`templates`] | parse JavaScript and AXML |
//! | `flow` | follows values and calls through the app |
//! | [`rules`] | decide what is a finding |
//! | [`report`] | prints findings |
//! | [`config`] | the project's configuration |

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
pub use coverage::{Coverage, Framework, Gap, GapKind};
use project::{Files, Project};
pub use report::{Baseline, Report};
use std::{collections::BTreeSet, io, sync::Arc, thread, time::Duration};

/// The stack of each thread: recursion walks a script's tree.
const STACK_BYTES: usize = 256 << 20;

/// The current stage, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading and parsing files.
    Reading,
    /// Analysing pages.
    Analysing,
}

/// Called with the progress: the stage, how much of it is done, and how much there is to do.
pub type Progress = Arc<dyn Fn(Stage, usize, usize) + Send + Sync>;

/// What to check, and how.
#[derive(Default, Clone)]
pub struct Options {
    /// The rules to check. Empty: all.
    pub rules: Vec<String>,
    /// The number of threads. `None`: one per core.
    pub threads: Option<usize>,
    /// Called with the progress.
    pub progress: Option<Progress>,
    /// The project's configuration.
    pub configuration: Configuration,
    /// Known findings, which are not reported again.
    pub baseline: Option<Baseline>,
    /// The changed files. Findings that do not concern them are left out. `None`: all files.
    pub changed: Option<BTreeSet<String>>,
    /// How long the check may take.
    pub limits: Limits,
}

/// How long a check may take. The report names what was not finished in time.
#[derive(Debug, Default, Clone, Copy)]
pub struct Limits {
    /// For one script and everything that it reaches.
    pub page: Option<Duration>,
    /// For the whole analysis.
    pub whole: Option<Duration>,
}

/// Checks a project.
///
/// # Errors
/// If the project's folder cannot be read, or no thread can be started. A file that does not parse is a finding.
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
