//! `cargo xtask platform`: what is known of the platform, for people, and what a phone tells about it.

mod import;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use miniauth_platform::{Status, behaviours};

use crate::process;
use crate::project::Project;

/// What can be done with the data in `platform/`.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Renew the tables in the documents
    Tables,
    /// Count the rows of behaviours.json by their status, and name those of each
    Rows,
    /// Take over what `example-miniapp/pages/probe` showed on a phone
    Import {
        /// The probe's JSON, as it was copied there
        file: PathBuf,
        /// The folder with behaviours.json; without it the project's own, and then the tables in the documents are renewed
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

/// The tests that check the tables renew them when they are asked to: those of what is known of the platform, and that of what
/// the suite of attacks tried.
fn tables(project: &Project) -> Result<ExitCode> {
    let arguments =
        ["test", "--quiet", "--package", "miniauth-platform", "--test", "facts", "tables_are_what_the_data_says"];
    process::run(project.cargo().args(arguments).env("MINIAUTH_RENEW", "1"))?;
    process::run(project.node().arg(project.path("tests/attacks/table.test.mjs")).env("MINIAUTH_RENEW", "1"))?;
    println!("the tables are what the data says");
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
    println!("{:3} in all", behaviours().rows.len());
}
