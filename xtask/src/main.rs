//! The project's own commands, run as `cargo xtask <command>`.

mod bench;
mod binary;
mod dev;
mod dist;
mod lint;
mod platform;
mod process;
mod project;
mod setup;
mod stamp;
mod test;
mod wasm;

use process::{Steps, seconds};
use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use miniauth_platform::Profile;

use project::Project;

/// The project's own commands. Each sets up what it needs first, and skips what is up to date.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Serve the example, or another mini-program, in the browser, with a sandbox and a server on this machine
    Dev {
        /// Serve this mini-program instead of the example: the folder with app.json, or the build output of a framework
        #[arg(long, value_name = "FOLDER", conflicts_with = "once")]
        app: Option<PathBuf>,
        /// One of its servers and the local server that stands in: `https://api.shop.example=http://127.0.0.1:3000`
        #[arg(long, value_name = "URL=LOCAL", requires = "app")]
        map: Vec<String>,
        /// Instead of serving, drive the example through the whole flow in a headless browser
        #[arg(long, conflicts_with = "port")]
        once: bool,
        /// The simulator's port; the server gets the next one, the sandbox the one after
        #[arg(long, default_value_t = 8700, value_parser = clap::value_parser!(u16).range(1..=i64::from(dev::LAST_FIRST_PORT)))]
        port: u16,
        /// The folder for keys and database
        #[arg(long, default_value = ".miniauth", conflicts_with = "once")]
        state_dir: PathBuf,
        /// How the platform behaves where its documents are unclear, such as close:10,json:json_or_text (see platform/README.md)
        #[arg(long, value_name = "PROFILE", default_value = "", hide_default_value = true, conflicts_with = "once")]
        profile: Profile,
    },
    /// Build the npm package in pkg/ and print the sizes
    Build {
        /// Build only what tests in one engine need, without optimisation: for mutation testing
        #[arg(long)]
        quick: bool,
    },
    /// Run every test of every part; the last line counts them
    Test {
        /// Also run the slow tests
        #[arg(long)]
        long: bool,
        /// The seed of an earlier run, to repeat its combinations of profiles, or the combinations themselves, separated by semicolons
        #[arg(long, value_name = "SEED|LIST")]
        profiles: Option<String>,
    },
    /// Measure against peers; prints one table and writes it to bench/results
    Bench {
        /// What to measure
        area: bench::Area,
    },
    /// Build the release into target/dist, with checksums: the binary's archive, the npm packages and the crates
    Dist {
        /// Also build the binary for this target; `x86_64-pc-windows-gnu` needs Debian's gcc-mingw-w64-x86-64
        #[arg(long = "target", value_name = "TRIPLE")]
        targets: Vec<String>,
    },
    /// Check format and style of the Rust and JavaScript code
    Lint,
    /// Maintain the facts about the platform
    Platform {
        #[command(subcommand)]
        command: platform::Command,
    },
}

fn main() -> ExitCode {
    run(Arguments::parse().command).unwrap_or_else(|error| {
        // One line, from the goal to the cause.
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Subcommands) -> Result<ExitCode> {
    let project = Project::locate()?;
    match command {
        Subcommands::Dev { once: true, .. } => dev::once(&project),
        Subcommands::Dev { app, map, port, state_dir, profile, .. } => {
            let app = dev::App { folder: app, map };
            dev::serve(&project, &app, port, &state_dir, &profile)
        }
        Subcommands::Build { quick: true } => wasm::build_quickly(&project).map(|()| ExitCode::SUCCESS),
        Subcommands::Build { quick: false } => build(&project),
        Subcommands::Test { long, profiles } => test::run(&project, long, profiles),
        Subcommands::Bench { area } => bench::run(&project, area),
        Subcommands::Dist { targets } => dist::run(&project, &targets),
        Subcommands::Lint => lint::run(&project),
        Subcommands::Platform { command } => platform::run(&project, command),
    }
}

fn build(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS);
    setup::prepare(project, &mut steps)?;
    wasm::build(project, &mut steps)?;
    wasm::print_sizes(project)?;
    println!("built in {}", seconds(steps.elapsed()));
    Ok(ExitCode::SUCCESS)
}
