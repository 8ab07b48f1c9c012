//! A PostgreSQL server for tests.

use std::ops::{Deref, DerefMut};
use std::os::unix::{fs::chown, process::CommandExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use rustix::process::{Signal, geteuid};

use crate::programs;
use crate::service::{Service, output};

/// The superuser of the server.
const USER: &str = "miniauth";

/// The database that `initdb` creates.
const FIRST_DATABASE: &str = "postgres";

/// The name of the data folder in the server's folder.
const DATA: &str = "data";

/// The user `nobody` and its group: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A separate PostgreSQL server: loopback only, no password, everything in a temporary folder.
pub struct Postgres {
    service: Service,
    bin: PathBuf,
}

impl Postgres {
    /// Creates a database cluster and starts a server that writes as durably as in production.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is missing or does not start; then with its log.
    pub fn start() -> Result<Self> {
        Self::start_with("fsync=on")
    }

    /// Like [`start`](Self::start), but the server never waits for the disk: faster, and safe unless the machine itself crashes.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub fn start_without_fsync() -> Result<Self> {
        Self::start_with("fsync=off")
    }

    fn start_with(fsync: &str) -> Result<Self> {
        let bin = programs::postgres_bin()?;
        let command = |folder: &Path, port: u16| {
            let program = |name| {
                let mut command = Command::new(bin.join(name));
                if geteuid().is_root() {
                    command.uid(NOBODY).gid(NOBODY);
                }
                command
            };
            if geteuid().is_root() {
                chown(folder, Some(NOBODY), Some(NOBODY)).context("cannot give PostgreSQL its folder")?;
            }
            let mut initdb = program("initdb");
            initdb.args(["--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
            output(initdb.args(["--pgdata", DATA]).current_dir(folder))?;
            let mut server = program("postgres");
            server.args(["-D", DATA, "-p", &port.to_string()]);
            // Enough connections for several pools, and a quarter of a small server's memory, as the manual advises.
            for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", fsync] {
                server.args(["-c", setting]);
            }
            server.args(["-c", "shared_buffers=1GB"]);
            Ok(server)
        };
        // It listens before it has recovered, but accepts no client until then.
        let ready = bin.join("pg_isready");
        let answers = move |port: u16| {
            output(Command::new(&ready).args(["--quiet", "--host=127.0.0.1", "--port", &port.to_string()])).is_ok()
        };
        // INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
        let service = Service::start(Signal::INT, answers, command)?;
        Ok(Self { service, bin })
    }

    /// Returns the address of the first database.
    #[must_use]
    pub fn url(&self) -> String {
        self.database_url(FIRST_DATABASE)
    }

    /// Creates an empty database and returns its address, for tests that share a server. The name has only letters and digits.
    ///
    /// # Errors
    ///
    /// If the server does not run, or the database exists.
    pub fn new_database(&self, name: &str) -> Result<String> {
        let mut createdb = Command::new(self.bin.join("createdb"));
        output(createdb.args(["--host=127.0.0.1", "--username", USER, "--port", &self.port().to_string(), name]))?;
        Ok(self.database_url(name))
    }

    /// Returns the path of `psql`, of the server's version.
    #[must_use]
    pub fn psql(&self) -> PathBuf {
        self.bin.join("psql")
    }

    fn database_url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port())
    }
}

impl Deref for Postgres {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl DerefMut for Postgres {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.service
    }
}
