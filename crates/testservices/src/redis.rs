//! Redis.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::programs;
use crate::service::Service;

/// A Redis server of its own: loopback only, with an append-only file that is flushed every second, in a temporary folder.
#[derive(Debug)]
pub struct Redis {
    service: Service,
    program: PathBuf,
}

impl Redis {
    /// Starts a server with no data.
    ///
    /// # Errors
    ///
    /// When Redis is missing, or does not start: with what it logged.
    pub fn start() -> Result<Self> {
        // Not SIGQUIT, which it ignores where its parents do, as in a script's background job.
        let mut redis = Self { service: Service::new("Redis", Signal::KILL)?, program: programs::redis_server()? };
        redis.launch()?;
        Ok(redis)
    }

    /// The address of the first database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.service.port())
    }

    /// Ends the server as an administrator would: everything is written.
    ///
    /// # Errors
    ///
    /// When it does not end within half a minute.
    pub fn stop(&mut self) -> Result<()> {
        self.service.end(Signal::TERM)
    }

    /// Kills the server: what it had not handed to the operating system is lost.
    ///
    /// # Errors
    ///
    /// When the process cannot be signalled.
    pub fn kill(&mut self) -> Result<()> {
        self.service.end(Signal::KILL)
    }

    /// Starts the server again where it was, after it was stopped first if it still ran.
    ///
    /// # Errors
    ///
    /// When it does not start: with what it logged.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.launch()
    }

    /// Whether the server was started and not ended since.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.service.is_running()
    }

    /// The id of the server's process while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.service.process_id()
    }

    fn launch(&mut self) -> Result<()> {
        let program = &self.program;
        let command = |service: &Service| {
            let mut server = Command::new(program);
            server.args(["--bind", "127.0.0.1", "--port", &service.port().to_string(), "--dir", "."]);
            // No snapshots beside the append-only file.
            server.args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]);
            server
        };
        self.service.start(command, |port| answers(port).unwrap_or(false))
    }
}

/// While it still reads its file, it answers with an error.
fn answers(port: u16) -> io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(Duration::from_secs(1)))?;
    connection.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    connection.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}
