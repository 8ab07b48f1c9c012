//! `miniauth backup` and `miniauth restore`: copies of the SQLite database.

use crate::{
    command::{self, CliError},
    stores::{self, By, OpenStores},
};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use miniauth_server::store;
use serde::Serialize;
use std::path::PathBuf;

/// The command line of `backup`.
#[derive(clap::Args)]
#[command(
    after_help = "The server may keep running and writing; the copy is the database at the time when it began. It does not contain key_file: back \
                  that up separately, because nothing else opens sealed tokens and phone numbers. For PostgreSQL use its own tools \
                  (docs/production.md). Sessions in Redis need no backup: users who lose one log in again silently."
)]
pub(crate) struct Backup {
    #[command(flatten)]
    stores: OpenStores,
    #[command(flatten)]
    by: By,
    /// The copy: a new file that only its owner can read.
    #[arg(value_name = "FILE")]
    copy: PathBuf,
}

/// The command line of `restore`.
#[derive(clap::Args)]
#[command(
    after_help = "Stop the server first. The old database is kept beside the new one (.before-restore); its audit is copied into the new one. \
                  Before you start the server again, run `miniauth erasures apply`: it erases users who were erased after the backup. After \
                  the start, `miniauth reconcile` asks the platform which users have withdrawn consent."
)]
pub(crate) struct Restore {
    #[command(flatten)]
    stores: OpenStores,
    #[command(flatten)]
    by: By,
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

/// Copies the database and prints the size.
pub(crate) fn back_up(arguments: &Backup) -> Result<(), CliError> {
    let Backup { stores: settings, by, copy: file } = arguments;
    let database = stores::existing(settings.database()?)?;
    let copied = store::back_up(&database, file, &by.actor(), SystemClock.now());
    let store::BackedUp { bytes, not_noted, .. } = copied.map_err(CliError::running)?;
    if let Some(why) = not_noted {
        eprintln!("miniauth: the backup could not be recorded in the audit: {why}");
    }
    if settings.json {
        return command::json(&BackedUp { file, bytes });
    }
    command::line(&format!("copied {bytes} bytes to {} and verified the copy", file.display()))
}

/// Puts the copy in place, and prints where the old database is.
pub(crate) fn restore(arguments: &Restore) -> Result<(), CliError> {
    let Restore { stores, by, copy } = arguments;
    let restored = store::restore(copy, &stores.database()?, &by.actor(), SystemClock.now());
    let store::Restored { before, not_noted, .. } = restored.map_err(CliError::running)?;
    if let Some(why) = not_noted {
        eprintln!("miniauth: the audit is incomplete: {why}");
    }
    if stores.json {
        return command::json(&Restored { before });
    }
    if let Some(before) = before {
        command::line(&format!("the old database is {}", before.display()))?;
    }
    command::line("restored. Next: `miniauth erasures apply`, then start the server, then `miniauth reconcile`")
}
