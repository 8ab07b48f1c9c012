//! What the tests drive and start: the browser, with the fonts that a Chinese page needs; WebKit's JavaScript engine; the tools
//! that check our work from outside; and the database servers.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use miniauth_testservices::{POSTGRES_BIN, REDIS_SERVER, postgres_bin, redis_server};

use super::packages::{self, Sign, find};
use crate::steps::Steps;

const PACKAGES: [(&str, Sign); 7] = [
    ("chromium", Sign::Program("chromium")),
    ("libjavascriptcoregtk-4.0-bin", Sign::Program("jsc")),
    ("curl", Sign::Program("curl")),
    ("openssl", Sign::Program("openssl")),
    ("python3-venv", Sign::PythonModule("ensurepip")),
    ("fonts-noto-cjk", Sign::Package),
    ("fonts-noto-color-emoji", Sign::Package),
];

/// Finds Chromium (`CHROMIUM` names another one), or installs it where this process may; else says what to install.
pub(crate) fn ensure_browser(steps: &mut Steps) -> Result<PathBuf> {
    let step = steps.start("Browser");
    let chosen = chosen_browser()?;
    let wanted = PACKAGES.iter().filter(|(package, _)| chosen.is_none() || *package != "chromium");
    packages::ensure(wanted.copied())?;
    let Some(browser) = chosen.or_else(|| find("chromium")) else {
        bail!("chromium is missing: install it, or set CHROMIUM to the path of a Chromium");
    };
    step.done(browser.display());
    Ok(browser)
}

fn chosen_browser() -> Result<Option<PathBuf>> {
    match env::var_os("CHROMIUM").map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => bail!("CHROMIUM is {}, and there is no such file", path.display()),
        None => Ok(None),
    }
}

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
        packages::install(&missing)?;
    }
    let services = Services { postgres_bin: postgres_bin()?, redis_server: redis_server()? };
    step.done(format!("{}, {}", services.postgres_bin.display(), services.redis_server.display()));
    Ok(services)
}
