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
    after_help = "The server may run and write meanwhile; the copy is the database as it stood when it began. key_file is no part of it: keep that \
                  apart, for without it sealed tokens and phone numbers cannot be opened again. For PostgreSQL use its own tools \
                  (docs/production.md). Sessions in Redis need no backup: who lost one logs in again silently."
)]
pub(crate) struct Backup {
    #[command(flatten)]
    stores: OpenStores,
    #[command(flatten)]
    by: By,
    /// The copy: a new file, which its owner alone can read.
    #[arg(value_name = "FILE")]
    copy: PathBuf,
}

/// The command line of `restore`.
#[derive(clap::Args)]
#[command(
    after_help = "Stop the server first. The database of before is kept beside it (.before-restore), and its audit goes on in the copy. Before the server starts again, `miniauth \
                  erasures apply` erases whom the copy has back; afterwards `miniauth reconcile` asks the platform who took the consent back."
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

/// Copies, and tells how much.
pub(crate) fn back_up(arguments: &Backup) -> Result<(), CliError> {
    let Backup { stores: settings, by, copy: file } = arguments;
    let database = stores::existing(settings.database()?)?;
    let copied = store::back_up(&database, file, &by.actor(), SystemClock.now());
    let store::BackedUp { bytes, not_noted, .. } = copied.map_err(CliError::running)?;
    if let Some(why) = not_noted {
        eprintln!("miniauth: the copy is not in the audit: {why}");
    }
    if settings.json {
        return command::json(&BackedUp { file, bytes });
    }
    command::line(&format!("copied {bytes} bytes to {}, and read them through: the copy is whole", file.display()))
}

/// Puts the copy in place, and tells where the database of before is.
pub(crate) fn restore(arguments: &Restore) -> Result<(), CliError> {
    let Restore { stores, by, copy } = arguments;
    let restored = store::restore(copy, &stores.database()?, &by.actor(), SystemClock.now());
    let store::Restored { before, not_noted, .. } = restored.map_err(CliError::running)?;
    if let Some(why) = not_noted {
        eprintln!("miniauth: the audit is not whole: {why}");
    }
    if stores.json {
        return command::json(&Restored { before });
    }
    if let Some(before) = before {
        command::line(&format!("the database of before is {}", before.display()))?;
    }
    command::line("restored. Next: `miniauth erasures apply`, then start the server, then `miniauth reconcile`")
}
