//! What the commands share: errors and exit codes, reading files, printing for other programs. For those that serve: the listening socket
//! and its announcement, logs, and signals. Logs go to standard error; standard output carries only what other programs read.

use crate::settings::SettingsError;
use miniauth_openplatform::ContentKey;
use miniauth_server::Traces;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::{
    error::Error,
    ffi::OsStr,
    fs,
    future::Future,
    io::{self, IsTerminal as _, Read as _, Write as _},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};
use tokio::net::TcpListener;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, reload, util::SubscriberInitExt as _};

#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

#[cfg(any(feature = "check", feature = "migrate"))]
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Why a command failed; printed as `miniauth: …`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The settings cannot be used: exit code 2, like a wrong command line.
    #[error("{0}")]
    Settings(SettingsError),
    /// An argument cannot be used: exit code 2.
    #[error("{0}")]
    Arguments(String),
    /// Anything else: exit code 1.
    #[error("{0}")]
    Running(String),
}

impl CliError {
    /// An error with its chain of causes.
    pub(crate) fn running(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Some errors quote their source already.
            if !text.contains(&cause_text) {
                text = format!("{text}: {cause_text}");
            }
            source = cause.source();
        }
        Self::Running(text)
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) | Self::Arguments(_) => ExitCode::from(2),
            Self::Running(_) => ExitCode::from(1),
        }
    }
}

/// The largest input that is read, in bytes.
const MAXIMUM: u64 = 1024 * 1024;

/// Reads a file; `-` is standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        io::stdin().lock().take(MAXIMUM + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAXIMUM + 1).read_to_end(&mut bytes))
    };
    let bytes = outcome.and_then(|_| within_bounds(bytes));
    bytes.map_err(|error| CliError::Arguments(format!("{} cannot be read: {error}", path.display())))
}

fn within_bounds(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > MAXIMUM {
        return Err(io::Error::other(format!("it is larger than {} KiB", MAXIMUM / 1024)));
    }
    Ok(bytes)
}

/// Reads a small text file.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAXIMUM + 1).read_to_end(&mut bytes)?;
    String::from_utf8(within_bounds(bytes)?).map_err(|_| io::Error::other("it is not text"))
}

/// Reads the file of a key or a certificate.
pub(crate) fn key_text(path: &Path) -> Result<SecretString, CliError> {
    let unreadable = |error: &str| CliError::Arguments(format!("{} cannot be read: {error}", path.display()));
    String::from_utf8(bytes(path)?).map(SecretString::from).map_err(|_| unreadable("it is not text"))
}

/// Creates a file that only its owner can read; fails if it exists.
pub(crate) fn new_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// If `path` is inside a folder `.miniauth`, creates that folder and makes git ignore its content: keys and members.
pub(crate) fn keep_out_of_git(path: &Path) -> io::Result<()> {
    let Some(folder) = path.ancestors().find(|folder| folder.file_name() == Some(OsStr::new(".miniauth"))) else {
        return Ok(());
    };
    fs::create_dir_all(folder)?;
    match fs::File::create_new(folder.join(".gitignore")) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Runs a command's asynchronous work. A file at the size limit then fails the write, as on a full disk; otherwise the signal would end
/// the program.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::running)?;
    runtime.block_on(async {
        #[cfg(unix)]
        let _taken_over = signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map_err(CliError::running)?;
        work.await
    })
}

/// Reads the app's content key from a file.
pub(crate) fn content_key(path: &Path) -> Result<ContentKey, CliError> {
    let key = ContentKey::parse(key_text(path)?.expose_secret());
    key.map_err(|error| CliError::Arguments(format!("{}: {error}", path.display())))
}

/// Prints a JSON document on standard output.
pub(crate) fn json(document: &impl Serialize) -> Result<(), CliError> {
    line(&serde_json::to_string_pretty(document).map_err(CliError::running)?)
}

/// Prints a line on standard output.
pub(crate) fn line(text: &str) -> Result<(), CliError> {
    writeln!(io::stdout().lock(), "{text}").map_err(CliError::running)
}

/// Makes a progress bar on standard error, hidden unless that is a terminal.
#[cfg(any(feature = "check", feature = "migrate"))]
pub(crate) fn progress_bar(template: &str) -> ProgressBar {
    let target = if io::IsTerminal::is_terminal(&io::stderr()) {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    ProgressStyle::with_template(template).map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}

/// Listens on an address; the error says why that failed and what to do. Port 0 takes a free port.
pub(crate) async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there; stop it".to_owned(),
            io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege".to_owned(),
            _ => error.to_string(),
        };
        CliError::Running(format!("cannot listen on {address}: {cause}, or choose another address with {setting}"))
    })
}

/// Prints the line on standard output that other programs wait for.
pub(crate) fn announce(what: &str, scheme: &str, address: SocketAddr) {
    // The program goes on even if nobody reads its output.
    let _: io::Result<()> = writeln!(io::stdout().lock(), "{what} listening on {scheme}://{address}");
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// Changes the log level while the program runs.
pub(crate) struct LogLevel(Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl LogLevel {
    pub(crate) fn set(&self, filter: EnvFilter) -> Result<(), reload::Error> {
        self.0(filter)
    }
}

/// Starts logging and tracing. Called once, before anything is logged. A log line that cannot be written is dropped: the disk may be
/// full.
pub(crate) fn start_logging(format: LogFormat, filter: EnvFilter, traces: Option<&Traces>) -> LogLevel {
    let (filter, handle) = reload::Layer::new(filter);
    let lines = fmt::layer().with_writer(io::stderr).with_target(false).log_internal_errors(false);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(traces.map(Traces::layer)).with(lines.with_filter(filter)).init();
    LogLevel(Box::new(move |filter| handle.reload(filter)))
}

/// Handles SIGINT and SIGTERM (Ctrl-C elsewhere); the future is ready when one arrives.
///
/// The handlers are installed at once, not at the first poll: a signal before that poll must not kill the program.
#[cfg(unix)]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Handles Ctrl-C; the future is ready when it is pressed.
#[cfg(not(unix))]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::info!("stopping");
        }
    })
}

/// Receives SIGHUP, which would otherwise end the program. Elsewhere there is no such signal.
pub(crate) struct HangUps(#[cfg(unix)] tokio::signal::unix::Signal);

impl HangUps {
    #[cfg(unix)]
    pub(crate) fn take_over() -> io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    #[cfg(not(unix))]
    pub(crate) fn take_over() -> io::Result<Self> {
        Ok(Self())
    }

    /// Waits for the next SIGHUP.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        self.0.recv().await;
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        std::future::pending().await
    }
}
