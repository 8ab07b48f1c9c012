//! The command `miniauth`: `serve` is the server, `sandbox` a local open platform to try it with.

mod check;
mod failure;
mod listen;
mod logging;
mod sandbox;
mod serve;
mod stop;

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
    Check(check::Arguments),
    /// Runs a local open platform with test users, for development without an account.
    Sandbox(sandbox::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => return check::run(&arguments),
        Command::Sandbox(arguments) => sandbox::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("miniauth: {failure}");
            failure.exit_code()
        }
    }
}
