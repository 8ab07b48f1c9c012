//! The browser that the tests drive, with the fonts that a Chinese page needs; WebKit's JavaScript engine; and the tools that check
//! our work from outside.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

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
