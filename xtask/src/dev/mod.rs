//! The whole way on this machine: sandbox, server, simulator and the example.

mod foreground;
mod ports;

pub(crate) use ports::LAST_FIRST_PORT;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use miniauth_platform::Profile;

use crate::project::Project;
use crate::steps::Steps;
use crate::{binary, setup, wasm};

/// Sets up, builds, and serves until it is told to end; keys and database are kept in the folder `state`, and the platform
/// behaves as `profile` says.
pub(crate) fn serve(project: &Project, port: u16, state: &Path, profile: &Profile) -> Result<ExitCode> {
    ports::require_free(port)?;
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + binary::STEPS + 1);
    setup::prepare(project, &mut steps)?;
    wasm::build(project, &mut steps)?;
    let binary = binary::build_local(project, &mut steps)?;
    steps.start("Sandbox, server and simulator");
    let mut command = project.node();
    command
        .arg("simulator/dev.mjs")
        .arg("--binary")
        .arg(binary)
        .arg("--state-dir")
        .arg(state)
        .args(["--app", "example-miniapp"])
        .args(["--port", &port.to_string()])
        .args(["--profile", &profile.to_string()]);
    foreground::run(&mut command)
}

/// Sets up, builds, and drives the example through the whole flow in a browser that nobody sees.
pub(crate) fn once(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + binary::STEPS + 2);
    setup::prepare(project, &mut steps)?;
    wasm::build(project, &mut steps)?;
    let binary = binary::build_local(project, &mut steps)?;
    let browser = setup::ensure_browser(&mut steps)?;
    steps.start("The whole flow");
    let mut command = project.node();
    command
        .arg("tests/flow/once.mjs")
        .arg("--binary")
        .arg(binary)
        .args(["--output", ".miniauth/once"])
        .env("CHROMIUM", browser);
    foreground::run(&mut command)
}
