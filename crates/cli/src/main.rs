//! The command `miniauth`: `serve` runs the server, `sandbox` a local open platform to try it with; the others administer the server's
//! data and diagnose faults.

mod audit;
mod backends;
#[cfg(feature = "sqlite")]
mod backup;
#[cfg(feature = "check")]
mod check;
mod command;
mod doctor;
mod erasures;
mod keys;
mod members;
#[cfg(feature = "migrate")]
mod migrate;
mod reconcile;
mod sandbox;
mod serve;
mod sessions;
mod settings;
mod sign;
mod stores;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Login and user information for Alipay mini-programs.
#[derive(Parser)]
#[command(name = "miniauth", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server that exchanges auth codes and keeps sessions and members.
    Serve(serve::Arguments),
    /// Checks a mini-program's own pages: consent only on a tap, display information stays on the page.
    #[cfg(feature = "check")]
    Check(check::Arguments),
    /// Moves everything from one database to another, for example from SQLite to PostgreSQL.
    #[cfg(feature = "migrate")]
    Migrate(migrate::Arguments),
    /// Manages the back-ends that may introspect sessions.
    Backends(backends::Arguments),
    /// Lists or rotates the keys that sign tokens for back-ends.
    Keys(keys::Arguments),
    /// Copies the SQLite database while the server runs, and verifies the copy.
    #[cfg(feature = "sqlite")]
    Backup(backup::Backup),
    /// Replaces the SQLite database with a backup.
    #[cfg(feature = "sqlite")]
    Restore(backup::Restore),
    /// Repeats erasures in a restored database, from the erasure journal.
    Erasures(erasures::Arguments),
    /// Finds a user; shows, exports or erases the data about one.
    Members(members::Arguments),
    /// Lists or ends the active sessions of a user.
    Sessions(sessions::Arguments),
    /// Lists who did what to which user, and when.
    Audit(audit::Arguments),
    /// Asks the platform who withdrew consent, and applies withdrawals that the server missed, for example during an outage.
    Reconcile(reconcile::Arguments),
    /// Runs a local open platform with test users, for development without an account.
    Sandbox(sandbox::Arguments),
    /// Signs the parameters of a request, and shows the signed string.
    Sign(sign::Arguments),
    /// Verifies an answer of the gateway, or says why it does not verify.
    Verify(verify::Arguments),
    /// Tests the server's gateway settings against the platform, and says what to change.
    Doctor(doctor::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "check")]
        Command::Check(arguments) => return check::run(&arguments),
        #[cfg(feature = "migrate")]
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Backends(arguments) => backends::run(&arguments),
        Command::Keys(arguments) => keys::run(&arguments),
        #[cfg(feature = "sqlite")]
        Command::Backup(arguments) => backup::back_up(&arguments),
        #[cfg(feature = "sqlite")]
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Erasures(arguments) => erasures::run(&arguments),
        Command::Members(arguments) => members::run(&arguments),
        Command::Sessions(arguments) => sessions::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Reconcile(arguments) => reconcile::run(&arguments),
        Command::Sandbox(arguments) => sandbox::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("miniauth: {error}");
            error.exit_code()
        }
    }
}
