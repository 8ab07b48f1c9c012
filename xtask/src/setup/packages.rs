//! What comes from the system's packages, installed where this process may: what the tests drive and start (the browser, with the
//! fonts that a Chinese page needs; WebKit's JavaScript engine; the tools that check our work from outside; the database servers).

use crate::{process, steps::Steps};
use anyhow::{Context as _, Result, bail};
use miniauth_testservices::{POSTGRES_BIN, REDIS_SERVER, postgres_bin, redis_server};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// The file that `name` stands for on the command line, if there is one.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// How to see whether a package is there.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    /// A program, however it was installed.
    Program(&'static str),
    /// A module of the Python that is there, however that was installed.
    PythonModule(&'static str),
    /// The package itself.
    Package,
}

/// Installs those of Debian's packages that are missing; where this process may not, says what to install.
pub(super) fn ensure(packages: impl IntoIterator<Item = (&'static str, Sign)>) -> Result<()> {
    let has_debian_packages = find("dpkg-query").is_some();
    let missing: Vec<_> = packages
        .into_iter()
        .filter(|(package, sign)| match sign {
            Sign::Program(program) => find(program).is_none(),
            Sign::PythonModule(module) => !has_python_module(module),
            Sign::Package => has_debian_packages && !is_installed(package),
        })
        .map(|(package, _)| package)
        .collect();
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

fn has_python_module(module: &str) -> bool {
    process::output(Command::new("python3").args(["-c", &format!("import {module}")])).is_ok()
}

fn is_installed(package: &str) -> bool {
    let query = ["--show", "--showformat=${db:Status-Status}", package];
    process::output(Command::new("dpkg-query").args(query)).is_ok_and(|status| status == "installed")
}

pub(super) fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if find("apt-get").is_none() {
        bail!("the tests need {list}: install them with this system's package manager");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("the tests need {list}: run `sudo apt-get install {list}`");
    }
    println!("      installing {list}");
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::run(apt().arg("update"))?;
    let _policy = NoServices::declare(Path::new("/usr/sbin/policy-rc.d"))?;
    process::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// While this lives, packages may be installed but start no service: Debian asks this program first. A system that has
/// one keeps it.
struct NoServices<'path>(Option<&'path Path>);

impl<'path> NoServices<'path> {
    fn declare(program: &'path Path) -> Result<Self> {
        if program.exists() || !program.parent().is_some_and(Path::is_dir) {
            return Ok(Self(None));
        }
        // 101 is "not allowed".
        fs::write(program, "#!/bin/sh\nexit 101\n").with_context(|| format!("cannot write {}", program.display()))?;
        fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
        Ok(Self(Some(program)))
    }
}

impl Drop for NoServices<'_> {
    fn drop(&mut self) {
        let Some(program) = self.0 else { return };
        if let Err(error) = fs::remove_file(program) {
            eprintln!("{} keeps services from being started, and could not be removed: {error}", program.display());
        }
    }
}

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
    ensure(wanted.copied())?;
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
        install(&missing)?;
    }
    let services = Services { postgres_bin: postgres_bin()?, redis_server: redis_server()? };
    step.done(format!("{}, {}", services.postgres_bin.display(), services.redis_server.display()));
    Ok(services)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path_only_when_they_can_run() {
        assert!(find("sh").is_some());
        assert!(find("miniauth-no-such-program").is_none());
        assert!(!is_executable(Path::new("/etc/passwd")));
    }

    #[test]
    fn services_are_held_back_only_while_packages_are_installed() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("policy-rc.d");
        let policy = NoServices::declare(&program).unwrap();
        assert_eq!(Command::new(&program).status().unwrap().code(), Some(101));
        drop(policy);
        assert!(!program.exists());
    }

    #[test]
    fn the_systems_own_policy_stays() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("policy-rc.d");
        fs::write(&program, "the system's").unwrap();
        drop(NoServices::declare(&program).unwrap());
        assert_eq!(fs::read_to_string(&program).unwrap(), "the system's");
    }
}
