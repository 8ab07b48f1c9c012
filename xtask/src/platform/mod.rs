//! `cargo xtask platform`: maintains the facts about the platform.

mod import;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use miniauth_platform::{Status, behaviours};

use crate::process;
use crate::project::Project;

/// A command on the data in `platform/`.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Regenerate the tables in the documents
    Tables,
    /// Count and list the rows of behaviours.json by status
    Rows,
    /// Import what `example-miniapp/pages/probe` found on a phone
    Import {
        /// The JSON that was copied from the probe page
        file: PathBuf,
        /// The folder with behaviours.json; by default the project's own, which also regenerates the tables in the documents
        #[arg(long, value_name = "FOLDER")]
        into: Option<PathBuf>,
    },
}

pub(crate) fn run(project: &Project, command: Command) -> Result<ExitCode> {
    match command {
        Command::Tables => tables(project),
        Command::Rows => {
            rows();
            Ok(ExitCode::SUCCESS)
        }
        Command::Import { file, into: Some(folder) } => import::run(&file, &folder.join("behaviours.json")),
        Command::Import { file, into: None } => {
            import::run(&file, &project.path("platform/behaviours.json"))?;
            tables(project)
        }
    }
}

/// Regenerates the tables of facts and of attacks, by the tests that otherwise check them.
fn tables(project: &Project) -> Result<ExitCode> {
    let arguments =
        ["test", "--quiet", "--package", "miniauth-platform", "--test", "facts", "tables_are_what_the_data_says"];
    process::run(project.cargo().args(arguments).env("MINIAUTH_RENEW", "1"))?;
    process::run(project.node().arg(project.path("tests/attacks/table.test.mjs")).env("MINIAUTH_RENEW", "1"))?;
    println!("the tables are up to date");
    Ok(ExitCode::SUCCESS)
}

fn rows() {
    let mut by_status: BTreeMap<Status, Vec<&str>> = BTreeMap::new();
    for row in &behaviours().rows {
        by_status.entry(row.fact.status).or_default().push(&row.id);
    }
    for (status, ids) in by_status {
        println!("{:3} {status}: {}", ids.len(), ids.join(", "));
    }
    println!("{:3} in total", behaviours().rows.len());
}
