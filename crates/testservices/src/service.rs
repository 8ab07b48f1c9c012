//! Processes: programs that run to their end, and servers with a folder and a port.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long a server may take to answer, and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// The interval of these checks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Stops the server and deletes its folder when its standard input ends, which is when the process that started it has ended.
const GUARD: &str = r#"cat >/dev/null; kill -QUIT "$1"; sleep 1; kill -KILL "$1"; rm -rf "$2""#;

/// How much of a server's log goes into an error, in bytes.
const LOG_TAIL: usize = 2_000;

/// Runs a program that must succeed, and returns its standard output.
///
/// # Errors
///
/// If it cannot be run or fails; then with its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A server that can be stopped and started again, in the same folder and on the same port.
pub struct Service {
    folder: TempDir,
    port: u16,
    command: Command,
    answers: Box<dyn Fn(u16) -> bool + Send + Sync>,
    /// The signal with which an administrator stops the server.
    stop: Signal,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    server: Child,
    guard: Child,
}

impl Service {
    /// Creates the folder, finds a free port, starts the server with `command`, and waits until it `answers` on its port.
    pub(crate) fn start(
        stop: Signal,
        answers: impl Fn(u16) -> bool + Send + Sync + 'static,
        command: impl FnOnce(&Path, u16) -> Result<Command>,
    ) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("miniauth-").tempdir().context("cannot make a temporary folder")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let mut command = command(folder.path(), port)?;
        let log = File::create(folder.path().join("log"))?;
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut service = Self { folder, port, command, answers: Box::new(answers), stop, running: None };
        service.launch()?;
        Ok(service)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the id of the server's first process while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.server.id())
    }

    /// Stops the server as an administrator would: it writes everything first.
    ///
    /// # Errors
    ///
    /// If it does not stop within half a minute.
    pub fn stop(&mut self) -> Result<()> {
        self.end(self.stop)
    }

    /// Kills the server: data that it had not handed to the operating system is lost.
    ///
    /// # Errors
    ///
    /// If the process cannot be signalled.
    pub fn kill(&mut self) -> Result<()> {
        self.end(Signal::KILL)
    }

    /// Stops the server if it runs, and starts it again in the same place.
    ///
    /// # Errors
    ///
    /// If it does not start; then with its log.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.launch()
    }

    /// Starts the server, again and again if it exits before it answers: the processes of a killed one may hold its files for a moment.
    fn launch(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let server = self.command.spawn().with_context(|| format!("cannot run {}", self.name()))?;
            let guard = Command::new("sh")
                .args(["-c", GUARD, "guard", &server.id().to_string()])
                .arg(self.folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .context("cannot run sh")?;
            let running = self.running.insert(Running { server, guard });
            while Instant::now() < deadline && running.server.try_wait()?.is_none() {
                if (self.answers)(self.port) {
                    return Ok(());
                }
                thread::sleep(LOOK_EVERY);
            }
            self.kill()?;
            thread::sleep(LOOK_EVERY * 10);
        }
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_TAIL)..]).trim().to_owned();
        bail!("{} did not start within {} s: {log}", self.name(), PATIENCE.as_secs())
    }

    /// Sends the signal and waits for the process to end; does nothing if it does not run.
    fn end(&mut self, signal: Signal) -> Result<()> {
        let Some(Running { mut server, mut guard }) = self.running.take() else { return Ok(()) };
        // Ends the guard first: it must not signal a process id that may be reused.
        guard.kill()?;
        guard.wait()?;
        if server.try_wait()?.is_some() {
            return Ok(());
        }
        kill_process(Pid::from_child(&server), signal)?;
        let deadline = Instant::now() + PATIENCE;
        while server.try_wait()?.is_none() {
            if Instant::now() > deadline {
                server.kill()?;
                server.wait()?;
                bail!("{} did not end within {} s and was killed", self.name(), PATIENCE.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn name(&self) -> String {
        self.command.get_program().display().to_string()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{} was not stopped: {error:#}", self.name());
        }
    }
}
