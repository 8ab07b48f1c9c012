//! PostgreSQL.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::programs;
use crate::service::{Service, output};
use crate::service_user::ServiceUser;

/// The superuser of a server that lives for one test, and the database that `initdb` makes.
const USER: &str = "miniauth";
const FIRST_DATABASE: &str = "postgres";

/// Enough for several pools at once.
const CONNECTIONS: &str = "300";

/// A quarter of a small server's memory, as PostgreSQL's manual advises; it is taken as it fills.
const BUFFERS: &str = "1GB";

/// The data folder's name in the server's folder.
const DATA: &str = "data";

/// Version 3.0 of the protocol, and the kind of the message that lets a client in.
const PROTOCOL: u32 = 0x0003_0000;
const AUTHENTICATED: u8 = b'R';

/// A PostgreSQL server of its own: loopback only, no password, everything in a temporary folder.
#[derive(Debug)]
pub struct Postgres {
    service: Service,
    bin: PathBuf,
    user: Option<ServiceUser>,
    fsync: bool,
}

impl Postgres {
    /// Makes a new database cluster and starts a server on it that writes as durably as in production.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is missing, or does not start: with what it logged.
    pub fn start() -> Result<Self> {
        Self::start_with(true)
    }

    /// Like [`start`](Self::start), but the server never waits for the disk: faster, and as good as long as the machine
    /// itself keeps running.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub fn start_without_fsync() -> Result<Self> {
        Self::start_with(false)
    }

    fn start_with(fsync: bool) -> Result<Self> {
        let service = Service::new("PostgreSQL", Signal::QUIT)?;
        let mut postgres = Self { service, bin: programs::postgres_bin()?, user: ServiceUser::for_postgres()?, fsync };
        if let Some(user) = postgres.user {
            user.take(postgres.service.folder())?;
        }
        postgres.make_cluster()?;
        postgres.launch()?;
        Ok(postgres)
    }

    /// The address of the database that is there from the start.
    #[must_use]
    pub fn url(&self) -> String {
        self.database_url(FIRST_DATABASE)
    }

    /// Makes an empty database and returns its address, so that tests can share a server. The name is letters and digits.
    ///
    /// # Errors
    ///
    /// When the server does not run, or there is a database of that name.
    pub fn new_database(&self, name: &str) -> Result<String> {
        let mut createdb = self.program("createdb");
        createdb.args(["--host=127.0.0.1", "--username", USER, "--port", &self.service.port().to_string(), name]);
        output(&mut createdb)?;
        Ok(self.database_url(name))
    }

    /// Ends the server as an administrator would: connections are closed, everything is written.
    ///
    /// # Errors
    ///
    /// When it does not end within half a minute.
    pub fn stop(&mut self) -> Result<()> {
        // INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
        self.service.end(Signal::INT)
    }

    /// Kills the server: what it had not written is recovered from its journal at the next start.
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

    /// The id of the server's first process while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.service.process_id()
    }

    /// Where PostgreSQL's own client is, of the same version as the server.
    #[must_use]
    pub fn psql(&self) -> PathBuf {
        self.bin.join("psql")
    }

    fn database_url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.service.port())
    }

    fn make_cluster(&self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args([
            "--username",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
            DATA,
        ]);
        output(&mut initdb).map(drop)
    }

    fn launch(&mut self) -> Result<()> {
        let Self { service, bin, user, fsync } = self;
        let fsync = if *fsync { "on" } else { "off" };
        let command = |service: &Service| {
            let mut server = program(service, bin, *user, "postgres");
            server.args(["-D", DATA, "-p", &service.port().to_string()]);
            for (setting, value) in [
                ("listen_addresses", "127.0.0.1"),
                ("unix_socket_directories", ""),
                ("max_connections", CONNECTIONS),
                ("fsync", fsync),
                ("shared_buffers", BUFFERS),
            ] {
                server.args(["-c", &format!("{setting}={value}")]);
            }
            server
        };
        service.start(command, |port| lets_in(port).unwrap_or(false))
    }

    fn program(&self, name: &str) -> Command {
        program(&self.service, &self.bin, self.user, name)
    }
}

fn program(service: &Service, bin: &Path, user: Option<ServiceUser>, name: &str) -> Command {
    let mut command = Command::new(bin.join(name));
    command.current_dir(service.folder());
    if let Some(user) = user {
        user.run(&mut command);
    }
    command
}

/// Whether the server lets its user in. It answers on the port before it has recovered, but with an error then.
fn lets_in(port: u16) -> io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(Duration::from_secs(1)))?;
    let parameters = format!("user\0{USER}\0database\0{FIRST_DATABASE}\0\0");
    let length = 8 + parameters.len() as u32;
    connection.write_all(&[&length.to_be_bytes()[..], &PROTOCOL.to_be_bytes(), parameters.as_bytes()].concat())?;
    let mut answer = [0];
    connection.read_exact(&mut answer)?;
    Ok(answer == [AUTHENTICATED])
}
