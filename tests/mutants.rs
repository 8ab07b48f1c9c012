//! Runs the package's JavaScript tests for cargo-mutants (docs/mutation-testing.md), which can only call `cargo test`.

use std::{env, process::Command};

#[test]
fn the_package_does_what_its_tests_say() {
    let cargo = env::var_os("CARGO").expect("cargo runs this");
    run(Command::new(cargo).args(["run", "--quiet", "--package", "xtask", "--", "build", "--quick"]));
    run(Command::new("node").arg("tests/bare/support/until-failure.mjs").env("MINIAUTH_UNPACKED", "1"));
}

fn run(command: &mut Command) {
    let status = command.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("it can be run");
    assert!(status.success(), "{command:?}: {status}");
}
