//! `miniauth serve`.

pub(crate) mod config;
pub(crate) mod gateway;
#[cfg(test)]
mod tests;

use crate::{
    command::{self, CliError},
    settings::{self, SettingsError, Values},
};
use miniauth_server::{Server, Tls};
use std::{io, iter, path::PathBuf};

/// The command line; everything else is a setting.
#[derive(clap::Args)]
#[command(after_help = settings::help())]
pub(crate) struct Arguments {
    /// The configuration file (TOML); without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
}

/// Runs the server until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let mut error = SettingsError::default();
    let values = Values::read(arguments.config.as_deref(), |name| std::env::var_os(name), &mut error);
    let loaded = config::load(&values, error).map_err(CliError::Settings)?;
    command::start_logging(loaded.log_format, loaded.log);
    for warning in &values.warnings {
        tracing::warn!("{warning}");
    }
    tokio::runtime::Runtime::new().map_err(CliError::running)?.block_on(serve(loaded.serving))
}

async fn serve(serving: config::Serving) -> Result<(), CliError> {
    let stop = command::stop_requested().map_err(CliError::running)?;
    let config = &serving.config;
    for gateway in iter::once(&config.gateway).chain(&config.further_apps) {
        tracing::info!(database = %config.database, app_id = %gateway.app_id(), "starting");
        if !gateway.is_vouched_for() {
            tracing::warn!(app_id = %gateway.app_id(), "{}", gateway::not_vouched_for());
        }
    }
    let tls = serving.config.tls.clone();
    if tls.is_none() && !serving.listen.ip().is_loopback() {
        tracing::warn!("without TLS: a proxy in front must encrypt, for codes and sessions go over this connection");
    }
    let server = Server::open(serving.config).await.map_err(CliError::running)?;
    let listener = command::bind(serving.listen, "listen (MINIAUTH_LISTEN)").await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    tls.map(reload_on_request).transpose().map_err(CliError::running)?;
    command::announce("server", scheme, listener.local_addr().map_err(CliError::running)?);
    server.serve(listener, stop).await;
    Ok(())
}

/// Reads a renewed certificate whenever SIGHUP comes. Taken over at once: by itself, SIGHUP would end the program.
#[cfg(unix)]
fn reload_on_request(tls: Tls) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hang_up.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the TLS certificate was read again"),
                Err(error) => tracing::error!(%error, "the TLS certificate of before stays in use"),
            }
        }
    });
    Ok(())
}

/// There is no such signal here.
#[cfg(not(unix))]
fn reload_on_request(_: Tls) -> io::Result<()> {
    Ok(())
}
