//! The database servers that tests start, from the system's packages.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use miniauth_testservices::{POSTGRES_BIN, REDIS_SERVER, postgres_bin, redis_server};

use super::packages::install;
use crate::steps::Steps;

/// Where the servers' programs are.
pub(crate) struct Services {
    postgres_bin: PathBuf,
    redis_server: PathBuf,
}

impl Services {
    /// Tells a program that is about to start where they are.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env(POSTGRES_BIN, &self.postgres_bin).env(REDIS_SERVER, &self.redis_server);
    }
}

/// Finds PostgreSQL and Redis, or installs them where this process may; starts neither.
pub(crate) fn ensure_services(steps: &mut Steps) -> Result<Services> {
    let step = steps.start("PostgreSQL and Redis");
    // A variable that names the wrong place is an error that no installation mends.
    let mut missing = Vec::new();
    if env::var_os(POSTGRES_BIN).is_none() && postgres_bin().is_err() {
        missing.push("postgresql");
    }
    if env::var_os(REDIS_SERVER).is_none() && redis_server().is_err() {
        missing.push("redis-server");
    }
    if !missing.is_empty() {
        install(&missing)?;
    }
    let services = Services { postgres_bin: postgres_bin()?, redis_server: redis_server()? };
    step.done(format!("{}, {}", services.postgres_bin.display(), services.redis_server.display()));
    Ok(services)
}
