//! `miniauth backup` and `miniauth restore`: copies of the SQLite database.

use crate::{
    command::{self, CliError},
    stores::{self, OpenStores},
};
use miniauth_server::store;
use serde::Serialize;
use std::path::PathBuf;

/// The command line of `backup`.
#[derive(clap::Args)]
#[command(
    after_help = "The server may run and write meanwhile; the copy is the database as it stood when it began. key_file is no part of it: keep that \
                  apart, for without it sealed tokens and phone numbers cannot be opened again. For PostgreSQL use its own tools \
                  (docs/production.md). Sessions in Redis need no backup: who lost one logs in again silently."
)]
pub(crate) struct Backup {
    #[command(flatten)]
    stores: OpenStores,
    /// The copy: a new file, which its owner alone can read.
    #[arg(value_name = "FILE")]
    copy: PathBuf,
}

/// The command line of `restore`.
#[derive(clap::Args)]
#[command(
    after_help = "Stop the server first. The database of before is kept beside it (.before-restore). Before the server starts again, `miniauth \
                  erasures apply` erases whom the copy has back; afterwards `miniauth reconcile` asks the platform who took the consent back."
)]
pub(crate) struct Restore {
    #[command(flatten)]
    stores: OpenStores,
    /// The copy, as `backup` made it.
    #[arg(value_name = "FILE")]
    copy: PathBuf,
}

#[derive(Serialize)]
struct BackedUp<'a> {
    file: &'a PathBuf,
    bytes: u64,
}

#[derive(Serialize)]
struct Restored {
    before: Option<PathBuf>,
}

/// Copies, and tells how much.
pub(crate) fn back_up(arguments: &Backup) -> Result<(), CliError> {
    let Backup { stores: settings, copy: file } = arguments;
    let database = stores::existing(settings.database()?)?;
    let bytes = store::back_up(&database, file).map_err(CliError::running)?;
    if settings.json {
        return command::json(&BackedUp { file, bytes });
    }
    command::line(&format!("copied {bytes} bytes to {}, and read them through: the copy is whole", file.display()))
}

/// Puts the copy in place, and tells where the database of before is.
pub(crate) fn restore(arguments: &Restore) -> Result<(), CliError> {
    let before = store::restore(&arguments.copy, &arguments.stores.database()?).map_err(CliError::running)?;
    if arguments.stores.json {
        return command::json(&Restored { before });
    }
    if let Some(before) = before {
        command::line(&format!("the database of before is {}", before.display()))?;
    }
    command::line("restored. Next: `miniauth erasures apply`, then start the server, then `miniauth reconcile`")
}
