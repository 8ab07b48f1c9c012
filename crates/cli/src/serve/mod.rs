//! `miniauth serve`.

mod fault;
pub(crate) mod gateway;
mod key_file;
mod limits;
mod load;
mod reload;
mod settings;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use fault::Faults;

use crate::{failure::Failure, listen, logging, stop};
use miniauth_server::Server;
use std::{iter, path::PathBuf};
use values::Values;

/// The command line; everything else is a setting.
#[derive(clap::Args)]
#[command(after_help = settings::help())]
pub(crate) struct Arguments {
    /// The configuration file (TOML); without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
}

/// Runs the server until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut faults = Faults::default();
    let values = Values::read(arguments.config.as_deref(), |name| std::env::var_os(name), &mut faults);
    let loaded = load::load(&values, faults).map_err(Failure::Configuration)?;
    logging::start(loaded.log_format, loaded.log);
    tokio::runtime::Runtime::new().map_err(Failure::running)?.block_on(serve(loaded.serving))
}

async fn serve(serving: load::Serving) -> Result<(), Failure> {
    let stop = stop::requested().map_err(Failure::running)?;
    let config = &serving.config;
    for gateway in iter::once(&config.gateway).chain(&config.further_apps) {
        tracing::info!(database = %config.database, app_id = %gateway.app_id(), "starting");
    }
    let tls = serving.config.tls.clone();
    if tls.is_none() && !serving.listen.ip().is_loopback() {
        tracing::warn!("without TLS: a proxy in front must encrypt, for codes and sessions go over this connection");
    }
    let server = Server::open(serving.config).await.map_err(Failure::running)?;
    let listener = listen::bind(serving.listen, "listen (MINIAUTH_LISTEN)").await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let _reloading = tls.map(reload::on_request).transpose().map_err(Failure::running)?;
    listen::announce("server", scheme, listener.local_addr().map_err(Failure::running)?);
    server.serve(listener, stop).await.map_err(Failure::running)
}
