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
        /// The folder in which a mini-program's app.json is, instead of the example; of a framework's app, what it is built to
        #[arg(long, value_name = "FOLDER", conflicts_with = "once")]
        app: Option<PathBuf>,
        /// A server of that mini-program, and who answers for it here: `https://api.shop.example=http://127.0.0.1:3000`
        #[arg(long, value_name = "URL=LOCAL", requires = "app")]
        map: Vec<String>,
        /// Instead of serving, drive the example through the whole flow in a browser without a window
        #[arg(long, conflicts_with = "port")]
        once: bool,
        /// The simulator's port; the server gets the next one, the sandbox the one after
        #[arg(long, default_value_t = 8700, value_parser = clap::value_parser!(u16).range(1..=i64::from(dev::LAST_FIRST_PORT)))]
        port: u16,
        /// Where the keys and the database are kept
        #[arg(long, default_value = ".miniauth", conflicts_with = "once")]
        state_dir: PathBuf,
        /// How the platform differs from what its documents say, such as close:10,json:json_or_text (see platform/README.md)
        #[arg(long, value_name = "PROFILE", default_value = "", hide_default_value = true, conflicts_with = "once")]
        profile: Profile,
    },
    /// Build the npm package in pkg/ and print the sizes
    Build {
        /// Build only what tests in one engine need, and do not optimise it: for mutation testing
        #[arg(long)]
        quick: bool,
    },
    /// Run every test of every part; the last line counts them
    Test {
        /// Also run the proofs that take long
        #[arg(long)]
        long: bool,
        /// A seed that draws the same combinations of profiles again, or the profiles themselves, with semicolons between
        #[arg(long, value_name = "SEED|LIST")]
        profiles: Option<String>,
    },
    /// Measure against peers; prints one table and keeps it in bench/results
    Bench {
        /// What to measure
        area: bench::Area,
    },
    /// Build what is released, with checksums, into target/dist: the binary's archive, the npm packages and the crates
    Dist {
        /// Build the binary for this target too; `x86_64-pc-windows-gnu` needs Debian's gcc-mingw-w64-x86-64
        #[arg(long = "target", value_name = "TRIPLE")]
        targets: Vec<String>,
    },
    /// Check format and style of the Rust and JavaScript code
    Lint,
    /// Look after what is known of the platform
    Platform {
        #[command(subcommand)]
        command: platform::Command,
    },
}

fn main() -> ExitCode {
    run(Arguments::parse().command).unwrap_or_else(|error| {
        // One line, from what was wanted to what stood in the way.
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
