//! Knowing that a port is taken before minutes are spent on building.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// Who listens where, counted from the first port.
const LISTENERS: [&str; 3] = ["simulator", "server", "sandbox"];

/// The highest first port that leaves room for all listeners.
pub(crate) const LAST_FIRST_PORT: u16 = u16::MAX - 2;

/// Fails when one of the ports from `first` on is in use.
pub(super) fn require_free(first: u16) -> Result<()> {
    for (port, listener) in (first..).zip(LISTENERS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                "port {port}, meant for the {listener}, is taken: end the program that listens there, \
                 or choose other ports with `cargo xtask dev --port N` (N, N+1 and N+2 are used)"
            ),
            Err(error) => bail!("cannot listen on port {port}, meant for the {listener}: {error}"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_who_wanted_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = require_free(port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port}, meant for the simulator, is taken")));
        drop(taken);
    }
}
