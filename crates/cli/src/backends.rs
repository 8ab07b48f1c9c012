//! `miniauth backends`: manages the back-ends that may introspect sessions (`POST /introspect`).

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
    after_help = "Running servers notice a change within ten seconds. A secret is printed once, on standard output; the database keeps only its \
                  hash."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists the back-ends and their claims.
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
        /// The name with which it authenticates: letters, digits, - . and _.
        name: BackendName,
        /// What it learns about a user besides the subject: member (nickname, avatar and the like), phone (the full number) and ids (the
        /// platform's user_id, open_id and union_id), separated by commas.
        #[arg(long, default_value = "")]
        claims: BackendClaims,
        /// Restricts it to sessions of this app.
        #[arg(long, value_name = "ID")]
        app_id: Option<String>,
    },
    /// Gives a back-end a new secret and prints it.
    Rotate {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// Its name.
        name: BackendName,
        /// How long the old secret stays valid beside the new one, for example until the back-end has restarted.
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

/// A new secret, as JSON.
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
            backends.iter().try_for_each(|backend| command::line(&described(backend)))
        }
        Action::Add { stores, by, name, claims, app_id } => {
            let backend = Backend { name: name.clone(), claims: *claims, app_id: app_id.clone(), changed_at: now };
            let add = async |stores: &Stores| stores.add_backend(backend, &by.actor(), &SystemRandom).await;
            let added = stores.with(add)?;
            let exists = || format!("a back-end {} already exists: rotate its secret, or remove it", name.as_str());
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
    CliError::Running(format!("there is no back-end {}: `miniauth backends list` shows all of them", name.as_str()))
}

/// Prints the secret alone on its line, ready to be piped into a file.
fn print(stores: &OpenStores, name: &BackendName, secret: &BackendSecret) -> Result<(), CliError> {
    let secret = secret.expose();
    if stores.json { command::json(&Made { name, secret }) } else { command::line(secret) }
}

fn described(backend: &Backend) -> String {
    let Backend { name, claims, app_id, changed_at } = backend;
    let claims = if *claims == BackendClaims::default() { "only the subject".to_owned() } else { claims.to_string() };
    let app = app_id.as_deref().unwrap_or("every app");
    format!("{}: {claims}; {app}; secret set at {}", name.as_str(), moment(*changed_at))
}
