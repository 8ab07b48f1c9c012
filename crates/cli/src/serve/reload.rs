//! A renewed certificate, without a restart.

use miniauth_server::Tls;
use std::io;
use tokio::task::AbortHandle;

/// Reads the certificate again whenever SIGHUP comes (where there are such signals), until this is dropped.
pub(super) struct Reloading(AbortHandle);

impl Drop for Reloading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Taken over at once: by itself, SIGHUP would end the program.
#[cfg(unix)]
pub(super) fn on_request(tls: Tls) -> io::Result<Reloading> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hang_up = signal(SignalKind::hangup())?;
    let task = tokio::spawn(async move {
        while hang_up.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the TLS certificate was read again"),
                Err(error) => tracing::error!(%error, "the TLS certificate of before stays in use"),
            }
        }
    });
    Ok(Reloading(task.abort_handle()))
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(super) fn on_request(_tls: Tls) -> io::Result<Reloading> {
    Ok(Reloading(tokio::spawn(async {}).abort_handle()))
}
