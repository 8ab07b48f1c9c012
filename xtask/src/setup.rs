//! Installs what the build and the tests need.

use crate::{
    process::{self, Steps},
    project::Project,
    stamp::Stamp,
};
use anyhow::{Context as _, Result, bail};
use miniauth_testservices::{POSTGRES_BIN, REDIS_SERVER, postgres_bin, redis_server};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// How many steps [`prepare`] announces.
pub(crate) const STEPS: usize = 2;

/// Checks the tools and installs what a build needs: Rust's WebAssembly target and the npm packages in the lock files.
pub(crate) fn prepare(project: &Project, steps: &mut Steps) -> Result<()> {
    ensure_tools(project, steps)?;
    ensure_npm_packages(project, steps)
}

/// Checks the tools and installs Rust's WebAssembly target.
pub(crate) fn ensure_tools(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("Tools");
    step.done(require_tools(project)?);
    Ok(())
}

pub(crate) fn ensure_npm_packages(project: &Project, steps: &mut Steps) -> Result<()> {
    let step = steps.start("npm packages");
    let installed = install_npm_packages(&project.path("."))? | install_npm_packages(&project.path("example-miniapp"))?;
    step.done(if installed { "installed from the lock files" } else { "as the lock files say" });
    Ok(())
}

/// Runs `npm ci` in `folder`, unless it is up to date with the lock file; returns whether it ran.
fn install_npm_packages(folder: &Path) -> Result<bool> {
    let modules = folder.join("node_modules");
    // npm writes this file last, so an interrupted installation does not count.
    let installed = modules.join(".package-lock.json");
    // Uses cached packages without asking the registry, and fails soon without a network.
    let network = ["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    Stamp::new(modules.join(".miniauth.stamp"), vec![folder.join("package-lock.json")], vec![installed]).refresh(|| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).args(network);
        process::run(&mut npm)
    })
}

/// The oldest supported Node, as major and minor version: ESLint 10 requires it.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// The advice about Node.
const GET_NODE: &str = "install Node.js 20.19 or newer, which brings npm along (https://nodejs.org)";

/// The module's compilation target.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Fails with advice if a tool is missing or too old; adds a missing WebAssembly target; returns the versions.
fn require_tools(project: &Project) -> Result<String> {
    let node = process::output(Command::new("node").arg("--version"))
        .with_context(|| format!("node is missing or broken: {GET_NODE}"))?;
    let node = node.trim();
    require_node(node)?;
    if find("npm").is_none() {
        bail!("npm is missing: {GET_NODE}");
    }
    let rustc = process::output(Command::new("rustc").current_dir(project.root()).arg("--version"))?;
    ensure_wasm_target(project)?;
    Ok(format!("{}, node {}", rustc.split(" (").next().unwrap_or_default(), node.trim_start_matches('v')))
}

fn require_node(version: &str) -> Result<()> {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST_NODE => Ok(()),
        _ => bail!("node {version} is too old: {GET_NODE}"),
    }
}

/// Looks for the target in the toolchain's folder instead of asking rustup: a distribution's Rust may have it without rustup.
fn ensure_wasm_target(project: &Project) -> Result<()> {
    let mut print = Command::new("rustc");
    print.current_dir(project.root()).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if Path::new(process::output(&mut print)?.trim()).is_dir() {
        return Ok(());
    }
    process::output(Command::new("rustup").arg("--version")).with_context(|| {
        format!("rustup is missing, and this Rust lacks the target {WASM_TARGET}: install rustup (https://rustup.rs)")
    })?;
    process::run(Command::new("rustup").current_dir(project.root()).args(["target", "add", WASM_TARGET]))
}

/// Finds a program on the search path.
fn find(name: &str) -> Option<PathBuf> {
    // Debian's nginx is in a folder that is not in a user's path.
    let path = env::var_os("PATH")?;
    let mut folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.find_map(|folder| Some(folder.join(name)).filter(|file| is_executable(file)))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// How to check whether a package is installed.
#[derive(Clone, Copy)]
enum Sign {
    /// By a program, however that was installed.
    Program(&'static str),
    /// By a Python module, however that was installed.
    PythonModule(&'static str),
    /// By the package itself.
    Package,
}

/// Installs missing Debian packages; without the right to do so, says what to install.
fn ensure_packages(packages: impl IntoIterator<Item = (&'static str, Sign)>) -> Result<()> {
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
    let _policy = NoServices::declare(Path::new("/usr/sbin/policy-rc.d"))?;
    process::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// Keeps packages from starting their services until it is dropped: Debian runs this program first to ask. An existing program is kept.
struct NoServices<'path>(Option<&'path Path>);

impl<'path> NoServices<'path> {
    fn declare(program: &'path Path) -> Result<Self> {
        if program.exists() || !program.parent().is_some_and(Path::is_dir) {
            return Ok(Self(None));
        }
        // Exit code 101 means "not allowed".
        fs::write(program, "#!/bin/sh\nexit 101\n").with_context(|| format!("cannot write {}", program.display()))?;
        fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
        Ok(Self(Some(program)))
    }
}

impl Drop for NoServices<'_> {
    fn drop(&mut self) {
        let Some(program) = self.0 else { return };
        if let Err(error) = fs::remove_file(program) {
            eprintln!("{} keeps services from starting, and could not be removed: {error}", program.display());
        }
    }
}

const NGINX: (&str, Sign) = ("nginx", Sign::Program("nginx"));

const PACKAGES: [(&str, Sign); 9] = [
    ("chromium", Sign::Program("chromium")),
    ("libjavascriptcoregtk-4.0-bin", Sign::Program("jsc")),
    ("curl", Sign::Program("curl")),
    ("openssl", Sign::Program("openssl")),
    NGINX,
    ("prometheus", Sign::Program("promtool")),
    ("python3-venv", Sign::PythonModule("ensurepip")),
    ("fonts-noto-cjk", Sign::Package),
    ("fonts-noto-color-emoji", Sign::Package),
];

/// The additional packages for `--long`: for the back-ends in other languages.
const LONG_PACKAGES: [(&str, Sign); 2] =
    [("openjdk-17-jdk-headless", Sign::Program("javac")), ("golang-go", Sign::Program("go"))];

/// Finds or installs the tools of other languages.
pub(crate) fn ensure_languages(steps: &mut Steps) -> Result<()> {
    let step = steps.start("Java and Go");
    ensure_packages(LONG_PACKAGES)?;
    step.done("found");
    Ok(())
}

/// Finds or installs nginx.
pub(crate) fn ensure_nginx(steps: &mut Steps) -> Result<()> {
    let step = steps.start("nginx");
    ensure_packages([NGINX])?;
    step.done("found");
    Ok(())
}

/// Finds Chromium or installs it. `CHROMIUM` may name another one.
pub(crate) fn ensure_browser(steps: &mut Steps) -> Result<PathBuf> {
    let step = steps.start("Browser");
    let chosen = chosen_browser()?;
    let wanted = PACKAGES.iter().filter(|(package, _)| chosen.is_none() || *package != "chromium");
    ensure_packages(wanted.copied())?;
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

/// The paths of the servers' programs.
pub(crate) struct Services {
    postgres_bin: PathBuf,
    redis_server: PathBuf,
}

impl Services {
    /// Passes the paths to a program by its environment.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env(POSTGRES_BIN, &self.postgres_bin).env(REDIS_SERVER, &self.redis_server);
    }
}

/// Finds or installs PostgreSQL and Redis; starts neither.
pub(crate) fn ensure_services(steps: &mut Steps) -> Result<Services> {
    let step = steps.start("PostgreSQL and Redis");
    // If a variable points to the wrong place, installing would not help.
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
    fn node_must_be_new_enough() {
        assert!(require_node("v20.19.0").is_ok());
        assert!(require_node("v24.1.0").is_ok());
        for old in ["v18.20.0", "v20.9.0", "unknown"] {
            let error = require_node(old).unwrap_err().to_string();
            assert!(error.starts_with(&format!("node {old} is too old: install")));
        }
    }

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
