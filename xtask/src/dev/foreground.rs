//! Running a program in the foreground: signals reach it, and its exit code is ours.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long the program may take to end after SIGINT before it is told by SIGTERM, in case the first did not reach it.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often to look whether the program ended.
const INTERVAL: Duration = Duration::from_millis(50);

/// Runs `command` to its end.
///
/// A terminal's Ctrl-C goes to the whole foreground group: the program gets it without our doing, and this process only has
/// to outlive it. SIGTERM comes to this process alone and is handed on.
pub(super) fn run(command: &mut Command) -> Result<ExitCode> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot run `{program}`"))?;
    let mut interrupted: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(exit_code(status));
        }
        for signal in signals.pending() {
            if signal == SIGINT {
                interrupted.get_or_insert_with(Instant::now);
            } else {
                terminate(&child)?;
            }
        }
        if interrupted.is_some_and(|since| since.elapsed() > PATIENCE) {
            interrupted = None;
            terminate(&child)?;
        }
        thread::sleep(INTERVAL);
    }
}

/// The child was not waited for yet, so that its process id cannot be another's by now.
fn terminate(child: &Child) -> Result<()> {
    Ok(kill_process(Pid::from_child(child), Signal::TERM)?)
}

/// A program that a signal ended counts as a shell counts it: 128 and the signal's number.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// A signal comes to the whole process, and so to every test that runs just then.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    fn run_shell(script: &str) -> ExitCode {
        let _alone = ONE_AT_A_TIME.lock().unwrap();
        run(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn the_exit_code_is_handed_on() {
        assert_eq!(run_shell("exit 7"), ExitCode::from(7));
        assert_eq!(run_shell("kill -9 $$"), ExitCode::from(137));
    }

    #[test]
    fn a_request_to_end_reaches_the_program() {
        let own = std::process::id();
        let script = format!("trap 'exit 5' TERM; kill -TERM {own}; while :; do sleep 0.01; done");
        assert_eq!(run_shell(&script), ExitCode::from(5));
    }

    #[test]
    fn a_program_that_an_interrupt_did_not_reach_is_told_later() {
        let own = std::process::id();
        let script = format!("trap 'exit 6' TERM; kill -INT {own}; while :; do sleep 0.01; done");
        assert_eq!(run_shell(&script), ExitCode::from(6));
    }
}
