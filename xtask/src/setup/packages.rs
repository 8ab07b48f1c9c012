//! What comes from the system's packages, installed where this process may.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::process;

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
