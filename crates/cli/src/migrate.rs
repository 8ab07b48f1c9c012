//! `miniauth migrate`: moves all data to another database.

use crate::{
    command::{self, CliError},
    stores::By,
};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use miniauth_server::{
    DatabaseUrl,
    store::transfer::{Moved, Transfer},
};

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Stop the servers first: otherwise their writes during the move are lost. Members, grants with their sealed \
                  tokens, active sessions, consents and claims of codes move unchanged, so users stay logged in; the server \
                  needs the same key file afterwards. At the end the command reads every row on both sides, and fails unless \
                  they agree. Sessions in Redis are not touched and stay valid."
)]
pub(crate) struct Arguments {
    /// The database to move from, such as sqlite://.miniauth/miniauth.db.
    #[arg(long, value_name = "URL", env = "MINIAUTH_MIGRATE_FROM", hide_env_values = true, value_parser = DatabaseUrl::parse)]
    from: DatabaseUrl,
    /// The empty database to move to, such as postgres://user:password@host/database.
    #[arg(long, value_name = "URL", env = "MINIAUTH_MIGRATE_TO", hide_env_values = true, value_parser = DatabaseUrl::parse)]
    to: DatabaseUrl,
    /// Continues an interrupted move: keeps the rows that are already there.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    by: By,
}

/// Moves everything and prints the counts.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let moved = command::run(transfer(arguments))?;
    command::line(&described(&moved))
}

async fn transfer(arguments: &Arguments) -> Result<Vec<Moved>, CliError> {
    let transfer =
        Transfer::open(&arguments.from, &arguments.to, SystemClock.now()).await.map_err(CliError::running)?;
    let bar = command::progress_bar("{msg:13} [{bar:40}] {human_pos}/{human_len} rows, {eta} left");
    let moved = transfer
        .run(arguments.resume, &arguments.by.actor(), |progress| {
            bar.set_message(progress.table);
            bar.set_length(progress.all);
            bar.set_position(progress.done);
        })
        .await;
    bar.finish_and_clear();
    transfer.close().await;
    moved.map_err(CliError::running)
}

fn described(moved: &[Moved]) -> String {
    let mut text = "moved, and compared on both sides:".to_owned();
    for Moved { table, rows } in moved {
        text.push_str(&format!("\n  {table:13} {rows:>9}"));
    }
    text
}
