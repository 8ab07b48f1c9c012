//! Runs everything on this machine: sandbox, server and simulator, with the example or another app.

use crate::{binary, process::Steps, project::Project, setup, wasm};
use std::{
    ffi::OsString,
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf, absolute},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};
use miniauth_platform::Profile;

/// The programs that listen, in the order of their ports.
const LISTENERS: [&str; 3] = ["simulator", "server", "sandbox"];

/// The highest first port that leaves room for all listeners.
pub(crate) const LAST_FIRST_PORT: u16 = u16::MAX - 2;

/// The app to serve.
pub(crate) struct App {
    /// The folder with app.json; `None` means the example.
    pub(crate) folder: Option<PathBuf>,
    /// Its servers and their local stand-ins, as `URL=LOCAL`.
    pub(crate) map: Vec<String>,
}

impl App {
    /// Returns the simulator's arguments. The example must stay within the simulator's subset; another app only gets warnings.
    fn arguments(&self) -> Result<Vec<OsString>> {
        let Some(folder) = &self.folder else {
            return Ok(["--app", "example-miniapp", "--strict"].map(OsString::from).to_vec());
        };
        // The simulator starts in the project's folder.
        let folder = absolute(folder).with_context(|| format!("cannot find {}", folder.display()))?;
        let map = self.map.iter().map(|pair| format!("--map={pair}").into());
        Ok([OsString::from("--app"), folder.into()].into_iter().chain(map).collect())
    }
}

/// Sets up, builds, and serves until it is stopped. Keys and database are in the folder `state`; the platform behaves as `profile` says.
pub(crate) fn serve(project: &Project, app: &App, port: u16, state: &Path, profile: &Profile) -> Result<ExitCode> {
    let arguments = app.arguments()?;
    require_free(port)?;
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + binary::STEPS + 1);
    let binary = build(project, &mut steps)?;
    steps.start("Sandbox, server and simulator");
    let mut command = project.node();
    command
        .arg("simulator/dev.mjs")
        .arg("--binary")
        .arg(binary)
        .arg("--state-dir")
        .arg(state)
        .args(arguments)
        .args(["--port", &port.to_string()])
        .args(["--profile", &profile.to_string()]);
    become_program(&mut command)
}

/// Sets up, builds, and drives the example through the whole flow in a headless browser.
pub(crate) fn once(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + binary::STEPS + 2);
    let binary = build(project, &mut steps)?;
    let browser = setup::ensure_browser(&mut steps)?;
    steps.start("The whole flow");
    let mut command = project.node();
    command
        .arg("tests/flow/once.mjs")
        .arg("--binary")
        .arg(binary)
        .args(["--output", ".miniauth/once"])
        .env("CHROMIUM", browser);
    become_program(&mut command)
}

/// Sets up, and builds what both commands need. Checks the tools before it compiles anything.
fn build(project: &Project, steps: &mut Steps) -> Result<PathBuf> {
    setup::ensure_tools(project, steps)?;
    binary::build_local(project, steps, |steps| {
        setup::ensure_npm_packages(project, steps)?;
        wasm::build(project, steps)
    })
}

/// Replaces this process with the program, which then handles signals and sets the exit code. Returns only if it cannot be run.
fn become_program(command: &mut Command) -> Result<ExitCode> {
    Err(command.exec()).with_context(|| format!("cannot run `{}`", command.get_program().display()))
}

/// Fails if one of the ports from `first` on is in use, before minutes are spent on building.
fn require_free(first: u16) -> Result<()> {
    for (port, listener) in (first..).zip(LISTENERS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                "port {port}, meant for the {listener}, is taken: end the program that listens there, \
                 or choose other ports with `cargo xtask dev --port N` (N, N+1 and N+2 are used)"
            ),
            Err(error) => bail!("cannot listen on port {port}, meant for the {listener}: {error}"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_app_is_named_from_where_one_is_and_not_held_to_the_subset() {
        let map = vec!["https://api.shop.example=http://127.0.0.1:3000".to_owned()];
        let arguments = App { folder: Some("shop".into()), map }.arguments().unwrap();
        let folder = absolute("shop").unwrap().into_os_string();
        let wanted = ["--app".into(), folder, "--map=https://api.shop.example=http://127.0.0.1:3000".into()];
        assert_eq!(arguments, wanted);
    }

    #[test]
    fn a_taken_port_is_named_with_who_wanted_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = require_free(port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port}, meant for the simulator, is taken")));
        drop(taken);
    }
}
