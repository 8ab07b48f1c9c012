//! PostgreSQL.

use std::ops::{Deref, DerefMut};
use std::os::unix::{fs::chown, process::CommandExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use rustix::process::{Signal, geteuid};

use crate::programs;
use crate::service::{Service, output};

/// The superuser of a server that lives for one test, and the database that `initdb` makes.
const USER: &str = "miniauth";
const FIRST_DATABASE: &str = "postgres";

/// The data folder's name in the server's folder.
const DATA: &str = "data";

/// The user `nobody` and its group: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A PostgreSQL server of its own: loopback only, no password, everything in a temporary folder.
pub struct Postgres {
    service: Service,
    bin: PathBuf,
}

impl Postgres {
    /// Makes a new database cluster and starts a server on it that writes as durably as in production.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is missing, or does not start: with what it logged.
    pub fn start() -> Result<Self> {
        Self::start_with("fsync=on")
    }

    /// Like [`start`](Self::start), but the server never waits for the disk: faster, and as good as long as the machine
    /// itself keeps running.
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
            // Connections for several pools at once, and a quarter of a small server's memory, as the manual advises.
            for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", fsync] {
                server.args(["-c", setting]);
            }
            server.args(["-c", "shared_buffers=1GB"]);
            Ok(server)
        };
        // It listens before it has recovered, and lets nobody in until then.
        let ready = bin.join("pg_isready");
        let answers = move |port: u16| {
            output(Command::new(&ready).args(["--quiet", "--host=127.0.0.1", "--port", &port.to_string()])).is_ok()
        };
        // INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
        let service = Service::start(Signal::INT, answers, command)?;
        Ok(Self { service, bin })
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
        let mut createdb = Command::new(self.bin.join("createdb"));
        output(createdb.args(["--host=127.0.0.1", "--username", USER, "--port", &self.port().to_string(), name]))?;
        Ok(self.database_url(name))
    }

    /// Where PostgreSQL's own client is, of the same version as the server.
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
