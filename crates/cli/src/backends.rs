//! `miniauth backends`: which back-ends may introspect sessions (`POST /introspect`).

use crate::{
    command::{self, CliError},
    stores::{By, OpenStores, moment},
};
use clap::Subcommand;
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_server::{
    BackendSecret,
    store::{Backend, BackendClaims, BackendName, Stores},
};
use serde::Serialize;
use std::time::Duration;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Servers that run take note of it within ten seconds. A secret is printed once, on standard output; the database has its \
                  hash alone."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists the back-ends, and what they are told.
    List {
        #[command(flatten)]
        stores: OpenStores,
    },
    /// Adds a back-end and prints its secret.
    Add {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// The name with which it says who it is: letters, digits, - . and _.
        name: BackendName,
        /// What it is told of a user beside the subject: member (nickname, avatar and the like), phone (the number in full) and ids (the
        /// platform's user_id, open_id and union_id), separated by commas.
        #[arg(long, default_value = "")]
        claims: BackendClaims,
        /// The only app whose sessions it may ask about.
        #[arg(long, value_name = "ID")]
        app_id: Option<String>,
    },
    /// Gives a back-end another secret and prints it.
    Rotate {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// Its name.
        name: BackendName,
        /// How long the secret of before is good beside the new one, so that the back-end can be restarted meanwhile.
        #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=604_800))]
        grace_seconds: u64,
    },
    /// Removes a back-end.
    Remove {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// Its name.
        name: BackendName,
    },
}

/// What is printed as JSON where a secret was made.
#[derive(Serialize)]
struct Made<'a> {
    name: &'a BackendName,
    secret: &'a str,
}

/// Changes the back-ends, or lists them.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let now = SystemClock.now();
    match &arguments.action {
        Action::List { stores } => {
            let backends = stores.with(async |stores: &Stores| stores.backends().await)?;
            if stores.json {
                return command::json(&backends);
            }
            backends.iter().try_for_each(|backend| command::line(&told(backend)))
        }
        Action::Add { stores, by, name, claims, app_id } => {
            let backend = Backend { name: name.clone(), claims: *claims, app_id: app_id.clone(), changed_at: now };
            let add = async |stores: &Stores| stores.add_backend(backend, &by.actor(), &SystemRandom).await;
            let added = stores.with(add)?;
            let exists = || format!("there is a back-end {} already: rotate its secret, or remove it", name.as_str());
            print(stores, name, &added.ok_or_else(|| CliError::Running(exists()))?)
        }
        Action::Rotate { stores, by, name, grace_seconds } => {
            let grace = Duration::from_secs(*grace_seconds);
            let rotate =
                async |stores: &Stores| stores.rotate_backend(name, grace, &by.actor(), now, &SystemRandom).await;
            print(stores, name, &stores.with(rotate)?.ok_or_else(|| unknown(name))?)
        }
        Action::Remove { stores, by, name } => {
            match stores.with(async |stores: &Stores| stores.remove_backend(name, &by.actor(), now).await)? {
                true => Ok(()),
                false => Err(unknown(name)),
            }
        }
    }
}

fn unknown(name: &BackendName) -> CliError {
    CliError::Running(format!(
        "there is no back-end {}: `miniauth backends list` names those that there are",
        name.as_str()
    ))
}

/// Alone on its line, so that it can be piped to where it is kept.
fn print(stores: &OpenStores, name: &BackendName, secret: &BackendSecret) -> Result<(), CliError> {
    let secret = secret.expose();
    if stores.json { command::json(&Made { name, secret }) } else { command::line(secret) }
}

fn told(backend: &Backend) -> String {
    let Backend { name, claims, app_id, changed_at } = backend;
    let claims = if *claims == BackendClaims::default() { "the subject alone".to_owned() } else { claims.to_string() };
    let app = app_id.as_deref().unwrap_or("every app");
    format!("{}: {claims}; {app}; secret of {}", name.as_str(), moment(*changed_at))
}
