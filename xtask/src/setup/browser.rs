//! What the tests drive besides our own programs, from the system's packages: the browser, with the fonts that a Chinese
//! page needs, and the tools that check our work from outside.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::program::find;
use crate::process;
use crate::steps::Steps;

/// How to see whether a package is there.
#[derive(Clone, Copy)]
enum Sign {
    /// A program, however it was installed.
    Program(&'static str),
    /// A module of the Python that is there, however that was installed.
    PythonModule(&'static str),
    /// The package itself.
    Package,
}

const PACKAGES: [(&str, Sign); 6] = [
    ("chromium", Sign::Program("chromium")),
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
    let missing = missing_packages(chosen.is_some());
    if !missing.is_empty() {
        install(&missing)?;
    }
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

fn missing_packages(browser_is_chosen: bool) -> Vec<&'static str> {
    let has_debian_packages = find("dpkg-query").is_some();
    PACKAGES
        .into_iter()
        .filter(|(package, sign)| match sign {
            Sign::Program(program) => find(program).is_none() && !(browser_is_chosen && *program == "chromium"),
            Sign::PythonModule(module) => !has_python_module(module),
            Sign::Package => has_debian_packages && !is_installed(package),
        })
        .map(|(package, _)| package)
        .collect()
}

fn has_python_module(module: &str) -> bool {
    process::output(Command::new("python3").args(["-c", &format!("import {module}")])).is_ok()
}

fn is_installed(package: &str) -> bool {
    let query = ["--show", "--showformat=${db:Status-Status}", package];
    process::output(Command::new("dpkg-query").args(query)).is_ok_and(|status| status == "installed")
}

fn install(packages: &[&str]) -> Result<()> {
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
    process::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}
