//! `miniauth serve`: runs the server.

pub(crate) mod config;
pub(crate) mod gateway;
#[cfg(test)]
mod tests;
mod warnings;

use crate::{
    command::{self, CliError, HangUps, LogLevel},
    settings::{self, SettingsError, Values},
};
use miniauth_server::{Server, Tls, Traces};
use std::{
    iter,
    path::{Path, PathBuf},
};

/// The command line; everything else is a setting.
#[derive(clap::Args)]
#[command(after_help = settings::help())]
pub(crate) struct Arguments {
    /// The configuration file (TOML); without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
}

/// Runs the server until a signal stops it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    command::run(async {
        // First, so that no signal during the start is lost or ends the program.
        let stop = command::stop_requested().map_err(CliError::running)?;
        let hang_ups = HangUps::take_over().map_err(CliError::running)?;
        let mut error = SettingsError::default();
        let values = Values::read(arguments.config.as_deref(), |name| std::env::var_os(name), &mut error);
        let loaded = config::load(&values, error).map_err(CliError::Settings)?;
        let traces = loaded.traces.as_ref().map(|(collector, percent)| Traces::to(collector, *percent));
        let traces = traces.transpose().map_err(CliError::running)?;
        let level = command::start_logging(loaded.log_format, loaded.log, traces.as_ref());
        for warning in values.warnings.iter().chain(&loaded.warnings) {
            tracing::warn!("{warning}");
        }
        let reloadable = Reloadable { config: arguments.config.clone(), tls: loaded.serving.config.tls.clone(), level };
        tokio::spawn(reloadable.reload_on_request(hang_ups));
        let served = serve(loaded.serving, stop).await;
        if let Some(traces) = traces {
            traces.end().await;
        }
        served
    })
}

async fn serve(serving: config::Serving, stop: impl Future<Output = ()>) -> Result<(), CliError> {
    let config = &serving.config;
    for gateway in iter::once(&config.gateway).chain(&config.further_apps) {
        tracing::info!(database = %config.database, app_id = %gateway.app_id(), "starting");
        if !gateway.is_vouched_for() {
            tracing::warn!(app_id = %gateway.app_id(), "{}", gateway::not_vouched_for());
        }
    }
    if let Some(Err(error)) = config.database.file().map(command::keep_out_of_git) {
        tracing::warn!(%error, "cannot make git ignore .miniauth, which holds keys and members");
    }
    let is_encrypted = config.tls.is_some();
    if !is_encrypted && !serving.listen.ip().is_loopback() {
        tracing::warn!(
            "without TLS: a proxy in front must encrypt, because this connection carries codes and sessions"
        );
    }
    let server = Server::open(serving.config).await.map_err(CliError::running)?;
    let listener = command::bind(serving.listen, "listen (MINIAUTH_LISTEN)").await?;
    let operators = match serving.metrics_listen {
        Some(address) => Some(command::bind(address, "metrics_listen (MINIAUTH_METRICS_LISTEN)").await?),
        None => None,
    };
    let scheme = if is_encrypted { "https" } else { "http" };
    command::announce("server", scheme, listener.local_addr().map_err(CliError::running)?);
    if let Some(operators) = operators {
        command::announce("metrics", "http", operators.local_addr().map_err(CliError::running)?);
        server.serve_apart(listener, operators, stop).await;
    } else {
        server.serve(listener, stop).await;
    }
    Ok(())
}

/// What SIGHUP reloads while the server runs: the TLS certificate and the log level.
struct Reloadable {
    config: Option<PathBuf>,
    tls: Option<Tls>,
    level: LogLevel,
}

impl Reloadable {
    /// Reloads at every SIGHUP.
    async fn reload_on_request(self, mut hang_ups: HangUps) {
        loop {
            hang_ups.next().await;
            if self.tls.is_none() && self.config.is_none() {
                tracing::info!("nothing to reload: no TLS certificate and no configuration file");
            }
            if let Some(tls) = &self.tls {
                match tls.reload() {
                    Ok(()) => tracing::info!("reloaded the TLS certificate"),
                    Err(error) => {
                        tracing::error!(%error, "cannot reload the TLS certificate; the old one stays in use")
                    }
                }
            }
            if let Some(file) = &self.config {
                match self.read_level(file) {
                    Ok(()) => {
                        tracing::info!("reloaded the log level; other settings take effect at the next start")
                    }
                    Err(error) => tracing::error!(%error, "cannot reload the log level; the old one stays"),
                }
            }
        }
    }

    fn read_level(&self, file: &Path) -> Result<(), CliError> {
        let mut error = SettingsError::default();
        let values = Values::read(Some(file), |name| std::env::var_os(name), &mut error);
        let filter = config::log(&values, error).map_err(CliError::Settings)?;
        self.level.set(filter).map_err(CliError::running)
    }
}
