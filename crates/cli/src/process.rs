//! What the commands that serve have in common: the listening socket and the line that says so, logs, and the signals that end
//! them. Logs go to standard error, so that standard output has only what other programs read.

use crate::command::CliError;
use std::{
    future::Future,
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Listens, or says why not and what to do. Port 0 takes a free one.
pub(crate) async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there; stop it".to_owned(),
            io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege".to_owned(),
            _ => error.to_string(),
        };
        CliError::Running(format!("cannot listen on {address}: {cause}, or choose another address with {setting}"))
    })
}

/// Prints the one line on standard output that other programs wait for.
pub(crate) fn announce(what: &str, scheme: &str, address: SocketAddr) {
    // Whoever started the program may not be reading: that is no reason to stop.
    let _: io::Result<()> = writeln!(io::stdout().lock(), "{what} listening on {scheme}://{address}");
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// Starts logging. Called once, before anything is logged.
pub(crate) fn start_logging(format: LogFormat, filter: EnvFilter) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    match format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// Takes over SIGINT and SIGTERM (Ctrl-C elsewhere); the future is ready when one of them comes.
///
/// Taken over at once, not at the first poll: a signal between "listening" and that poll must not kill the program.
#[cfg(unix)]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Takes over Ctrl-C; the future is ready when it comes.
#[cfg(not(unix))]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::info!("stopping");
        }
    })
}
