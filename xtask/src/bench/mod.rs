//! Runs benchmarks: builds what the scripts measure, prints one table and writes the results.

mod results;
mod table;

use crate::{
    binary,
    process::{self, Steps, seconds},
    project::Project,
    setup::{self, Services},
    wasm,
};
use results::{Processors, Results};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};
use table::Figure;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;

/// An area to measure.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Area {
    /// The package: sizes, start, calls and the guard
    Client,
    /// Signatures and logins at the gateway
    Gateway,
    /// Sessions and logins at the server
    Server,
    /// The static checks
    Checker,
}

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Gateway => "gateway",
            Self::Server => "server",
            Self::Checker => "checker",
        }
    }

    /// Returns the scripts, which write figures as bench/README.md describes.
    fn scripts(self) -> &'static [&'static str] {
        match self {
            Self::Client => &[
                "bench/client/sizes.mjs",
                "bench/client/packing.mjs",
                "bench/client/start.mjs",
                "bench/client/calls.mjs",
                "bench/client/engines.mjs",
                "bench/guard/run.mjs",
                "bench/client/rebuild.mjs",
            ],
            Self::Gateway => &["bench/gateway/run.mjs"],
            Self::Server => &["bench/server/run.mjs"],
            Self::Checker => &["bench/checker/run.mjs"],
        }
    }
}

/// The programs that the scripts need.
struct Tools {
    binary: Option<PathBuf>,
    browser: Option<PathBuf>,
    services: Option<Services>,
}

impl Tools {
    /// How many steps [`prepare`](Self::prepare) announces.
    fn steps(area: Area) -> usize {
        match area {
            Area::Client => wasm::STEPS + 1,
            Area::Gateway | Area::Checker => binary::STEPS,
            Area::Server => binary::STEPS + 2,
        }
    }

    fn prepare(area: Area, project: &Project, steps: &mut Steps) -> Result<Self> {
        let mut tools = Self { binary: None, browser: None, services: None };
        if let Area::Client = area {
            wasm::build(project, steps)?;
            tools.browser = Some(setup::ensure_browser(steps)?);
            return Ok(tools);
        }
        tools.binary = Some(binary::build_release(project, steps, None)?);
        if let Area::Server = area {
            tools.services = Some(setup::ensure_services(steps)?);
            setup::ensure_nginx(steps)?;
        }
        Ok(tools)
    }

    fn apply(&self, command: &mut Command) {
        if let Some(binary) = &self.binary {
            command.arg("--binary").arg(binary);
        }
        if let Some(browser) = &self.browser {
            command.env("CHROMIUM", browser);
        }
        if let Some(services) = &self.services {
            services.apply(command);
        }
    }
}

/// Sets up, builds, measures, prints the table and writes the results; fails if a limit was missed.
pub(crate) fn run(project: &Project, area: Area) -> Result<ExitCode> {
    let scripts = area.scripts();
    let mut steps = Steps::new(setup::STEPS + Tools::steps(area) + scripts.len());
    setup::prepare(project, &mut steps)?;
    let tools = Tools::prepare(area, project, &mut steps)?;

    let load_at_start = results::load()?;
    println!("      load before: {load_at_start}");
    let processors = Processors::keep_awake();
    println!("      processors: {processors}");
    let mut figures = Vec::new();
    for script in scripts {
        let step = steps.start(script);
        let measured = measure(project, script, &tools)?;
        step.done(format!("{} figures", measured.len()));
        figures.extend(measured);
    }
    let results = Results {
        machine: results::describe()?,
        processors: processors.to_string(),
        commit: results::commit(project)?,
        load_at_start,
        load_at_end: results::load()?,
        figures: results::grouped(figures),
    };
    println!("\n{results}");
    let files = results.write(&project.path("bench/results"), area.name())?;
    println!("written: {}; measured in {}", files.join(", "), seconds(steps.elapsed()));
    Ok(if results.missed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(project: &Project, script: &str, tools: &Tools) -> Result<Vec<Figure>> {
    let file = project.scratch().join("figures.json");
    std::fs::create_dir_all(project.scratch())?;
    let mut command = project.node();
    command.arg(Path::new(script)).arg("--json").arg(&file);
    tools.apply(&mut command);
    process::run(&mut command)?;
    let text = std::fs::read_to_string(&file).with_context(|| format!("{script} wrote no figures"))?;
    std::fs::remove_file(&file)?;
    let figures = table::read(&text).with_context(|| format!("the figures of {script}"))?;
    ensure!(!figures.is_empty(), "{script} measured nothing");
    Ok(figures)
}
