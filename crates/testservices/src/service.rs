//! Processes: programs that run to their end, and servers with their folder, their port, and their end.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long a server may take until it answers, and until it has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether it does.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ends the server and removes its folder as soon as its input ends, which is when the process that started it is gone.
const GUARD: &str = r#"cat >/dev/null; kill -QUIT "$1"; sleep 1; kill -KILL "$1"; rm -rf "$2""#;

/// How much of a server's log goes into an error, in bytes.
const LOG_TAIL: usize = 2_000;

/// Runs a program that must succeed, and gives what it printed.
///
/// # Errors
///
/// When it cannot be run, or fails: with what it printed as errors.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A server process that may come and go; the folder and the port stay.
#[derive(Debug)]
pub(crate) struct Service {
    name: &'static str,
    folder: TempDir,
    port: u16,
    at_once: Signal,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    server: Child,
    guard: Child,
}

impl Service {
    /// Makes the folder and finds a free port; starts nothing. `at_once` is the signal that ends the server without delay.
    pub(crate) fn new(name: &'static str, at_once: Signal) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("miniauth-").tempdir().context("cannot make a temporary folder")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
        let port = listener.local_addr()?.port();
        Ok(Self { name, folder, port, at_once, running: None })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The id of the process while it runs.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.server.id())
    }

    /// Starts the server and waits until `answers` says yes. A server that ends by itself meanwhile is started again: the
    /// processes of one that was killed may hold its files for a moment.
    pub(crate) fn start(&mut self, command: impl Fn(&Self) -> Command, answers: impl Fn(u16) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let mut running = self.spawn(command(self))?;
            while Instant::now() < deadline && running.server.try_wait()?.is_none() {
                if answers(self.port) {
                    self.running = Some(running);
                    return Ok(());
                }
                thread::sleep(LOOK_EVERY);
            }
            end(running, Signal::KILL)?;
            thread::sleep(LOOK_EVERY * 10);
        }
        bail!("{} did not start within {} s: {}", self.name, PATIENCE.as_secs(), self.log_tail())
    }

    fn spawn(&self, mut command: Command) -> Result<Running> {
        let log = File::create(self.log_path())?;
        let server = command
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", self.name))?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &server.id().to_string()])
            .arg(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run sh")?;
        Ok(Running { server, guard })
    }

    /// Sends the signal and waits until the process has ended; nothing when it does not run.
    pub(crate) fn end(&mut self, signal: Signal) -> Result<()> {
        self.running.take().map_or(Ok(()), |running| end(running, signal))
    }

    fn log_path(&self) -> PathBuf {
        self.folder().join("log")
    }

    fn log_tail(&self) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_TAIL)..]).trim().to_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Err(error) = self.end(self.at_once) {
            eprintln!("{} was not ended: {error:#}", self.name);
        }
    }
}

/// The guard goes first: nothing else may signal a process id that is about to be free.
fn end(Running { mut server, mut guard }: Running, signal: Signal) -> Result<()> {
    guard.kill()?;
    guard.wait()?;
    if server.try_wait()?.is_some() {
        return Ok(());
    }
    send(&server, signal)?;
    let deadline = Instant::now() + PATIENCE;
    while server.try_wait()?.is_none() {
        if Instant::now() > deadline {
            server.kill()?;
            server.wait()?;
            bail!("it did not end within {} s and was killed", PATIENCE.as_secs());
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

fn send(server: &Child, signal: Signal) -> io::Result<()> {
    Ok(kill_process(Pid::from_child(server), signal)?)
}
