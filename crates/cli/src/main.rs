//! The command `miniauth`: `serve` is the server, `sandbox` a local open platform to try it with; the others find out
//! what is wrong.

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
    /// Moves everything from one database to another, from a file to PostgreSQL say.
    #[cfg(feature = "migrate")]
    Migrate(migrate::Arguments),
    /// Says which back-ends may introspect sessions, and what they are told.
    Backends(backends::Arguments),
    /// Lists the keys that sign tokens for back-ends, or has the servers make the next one.
    Keys(keys::Arguments),
    /// Copies the SQLite database beside a server that runs, and reads the copy through.
    #[cfg(feature = "sqlite")]
    Backup(backup::Backup),
    /// Puts a copy in the place of the SQLite database.
    #[cfg(feature = "sqlite")]
    Restore(backup::Restore),
    /// Erases again whom a restored database has back, by the journal of erasures.
    Erasures(erasures::Arguments),
    /// Finds a user; shows, exports or erases what is kept about one.
    Members(members::Arguments),
    /// Lists the living sessions of a user, or ends them.
    Sessions(sessions::Arguments),
    /// Lists who did what to which user, and when.
    Audit(audit::Arguments),
    /// Asks the platform who took the consent back, and ends what the server still keeps of it: after an outage.
    Reconcile(reconcile::Arguments),
    /// Runs a local open platform with test users, for development without an account.
    Sandbox(sandbox::Arguments),
    /// Signs the parameters of a request, and shows the string that is signed.
    Sign(sign::Arguments),
    /// Verifies an answer of the gateway, and says why it does not verify.
    Verify(verify::Arguments),
    /// Checks the server's configuration for the gateway, and says what to change.
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
