//! The signals that end the program in an orderly way.

use std::{future::Future, io};

/// Takes over SIGINT and SIGTERM (Ctrl-C elsewhere); the future is ready when one of them comes.
///
/// Taken over at once, not at the first poll: a signal between "listening" and that poll must not kill the program.
#[cfg(unix)]
pub(crate) fn requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
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
pub(crate) fn requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::info!("stopping");
        }
    })
}
