//! Progress output, as numbered steps with their duration, and child processes, with one clear line when they fail.

use anyhow::{Context as _, Result, bail};
pub(crate) use miniauth_testservices::output;
use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Read, Write as _},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// How long a program may be silent before a line says that it is still running.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How much of a program's error output is kept to explain its failure, in bytes.
const TAIL: usize = 16 * 1024;

/// Texts that npm, cargo, rustup and apt print when they cannot reach their servers.
const NETWORK_FAILURES: [&str; 12] = [
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ENOTFOUND",
    "ETIMEDOUT",
    "Could not resolve host",
    "Could not connect to server",
    "Temporary failure resolving",
    "could not download file",
    "failed to download from",
    "download of config.json failed",
];

/// Runs a program that must succeed, and shows its output.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let (status, errors) = watch(command, |_| {})?;
    if status.success() {
        return Ok(());
    }
    let name = describe(command);
    let errors = String::from_utf8_lossy(&errors);
    if let Some(sign) = NETWORK_FAILURES.iter().find(|sign| errors.contains(**sign)) {
        bail!(
            "no network: `{name}` could not reach its server ({sign}); connect to the internet, or set the proxy, and run this again"
        );
    }
    bail!("`{name}` failed ({status}); its output is above");
}

/// Runs a program and returns whether it succeeded. Shows its standard output, and passes it to `read` as it arrives.
pub(crate) fn run_and_read(command: &mut Command, read: impl FnMut(&[u8])) -> Result<bool> {
    Ok(watch(command, read)?.0.success())
}

enum Piece {
    Output(Vec<u8>),
    Error(Vec<u8>),
}

/// Shows both streams, and regularly says that a silent program still runs; also returns the end of the error output.
fn watch(command: &mut Command, mut read: impl FnMut(&[u8])) -> Result<(ExitStatus, Vec<u8>)> {
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run `{}`", describe(command)))?;
    let (sender, pieces) = channel();
    forward(child.stdout.take(), sender.clone(), Piece::Output);
    forward(child.stderr.take(), sender, Piece::Error);

    let mut errors = Vec::new();
    loop {
        match pieces.recv_timeout(HEARTBEAT) {
            Ok(Piece::Output(bytes)) => {
                read(&bytes);
                io::stdout().write_all(&bytes)?;
            }
            Ok(Piece::Error(bytes)) => {
                io::stderr().write_all(&bytes)?;
                errors.extend_from_slice(&bytes);
                errors.drain(..errors.len().saturating_sub(TAIL));
            }
            Err(RecvTimeoutError::Timeout) => {
                let clear = if io::stderr().is_terminal() { "\r\x1b[K" } else { "" };
                eprintln!("{clear}      still running after {} s", start.elapsed().as_secs());
            }
            // Both streams ended.
            Err(RecvTimeoutError::Disconnected) => return Ok((child.wait()?, errors)),
        }
    }
}

fn forward<R: Read + Send + 'static>(stream: Option<R>, sender: Sender<Piece>, piece: fn(Vec<u8>) -> Piece) {
    let Some(mut stream) = stream else { return };
    thread::spawn(move || {
        let mut buffer = [0; 8 * 1024];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            if sender.send(piece(buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}

/// Keeps cargo's progress bar and colours, which it turns off for a pipe, when standard error is a terminal.
pub(crate) fn keep_cargo_progress(command: &mut Command) {
    if io::stderr().is_terminal() {
        command
            .env("CARGO_TERM_COLOR", "always")
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "80");
    }
}

/// Returns the program and its first arguments, as a person would type them.
fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()];
    words.extend(command.get_args().take(3).map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// A sequence of a known number of steps.
pub(crate) struct Steps {
    total: usize,
    started: usize,
    begin: Instant,
}

impl Steps {
    /// Starts the sequence; prints nothing yet.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, started: 0, begin: Instant::now() }
    }

    /// Announces the next step.
    pub(crate) fn start(&mut self, what: impl Display) -> Step {
        self.started += 1;
        println!("[{}/{}] {what}", self.started, self.total);
        Step(Instant::now())
    }

    /// Returns the time since [`new`](Self::new).
    pub(crate) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }
}

/// An announced step.
pub(crate) struct Step(Instant);

impl Step {
    /// Prints the step's result and duration.
    pub(crate) fn done(self, result: impl Display) {
        println!("      {result} ({})", seconds(self.0.elapsed()));
    }
}

/// Formats a duration: in tenths of a second, from a minute on in whole seconds.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn standard_output_is_handed_over_whole() {
        let mut bytes = Vec::new();
        assert!(run_and_read(&mut shell("printf 'a\\nb'"), |piece| bytes.extend_from_slice(piece)).unwrap());
        assert_eq!(bytes, b"a\nb");
    }

    #[test]
    fn a_failure_names_the_program_and_its_status() {
        let error = run(&mut shell("exit 3")).unwrap_err().to_string();
        assert!(error.contains("`sh -c exit 3` failed"), "{error}");
        assert!(error.contains("3"), "{error}");
    }

    #[test]
    fn a_network_failure_says_so() {
        let script = "echo 'npm error code ENOTFOUND' >&2; exit 1";
        let error = run(&mut shell(script)).unwrap_err().to_string();
        assert!(error.starts_with("no network: "), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("miniauth-no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "cannot run `miniauth-no-such-program`");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(1_249)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
