//! A Redis server for tests.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::ops::{Deref, DerefMut};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::programs;
use crate::service::Service;

/// A separate Redis server: loopback only, with an append-only file that is flushed every second, in a temporary folder.
pub struct Redis(Service);

impl Redis {
    /// Starts an empty server.
    ///
    /// # Errors
    ///
    /// If Redis is missing or does not start; then with its log.
    pub fn start() -> Result<Self> {
        let program = programs::redis_server()?;
        let command = |_: &_, port: u16| {
            let mut server = Command::new(program);
            server.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir", "."]);
            // No snapshots beside the append-only file.
            server.args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]);
            Ok(server)
        };
        Service::start(Signal::TERM, |port| answers(port).unwrap_or(false), command).map(Self)
    }

    /// Returns the address of the first database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port())
    }
}

impl Deref for Redis {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.0
    }
}

impl DerefMut for Redis {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.0
    }
}

/// Whether it answers. While it still loads its file, it answers with an error.
fn answers(port: u16) -> io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(Duration::from_secs(1)))?;
    connection.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    connection.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}
