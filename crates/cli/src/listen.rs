//! The listening socket and the line that says so.

use crate::error::CliError;
use std::{
    io::{self, Write as _},
    net::SocketAddr,
};
use tokio::net::TcpListener;

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
