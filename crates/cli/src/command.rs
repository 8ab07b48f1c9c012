//! What the commands have in common: why they end without having done their work, what they read, and what they print for other
//! programs.

use crate::settings::SettingsError;
#[cfg(any(feature = "check", feature = "migrate"))]
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use secrecy::SecretString;
use serde::Serialize;
use std::{
    error::Error,
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    process::ExitCode,
};

/// Printed as `miniauth: …`.
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
    /// An error with all that is behind it.
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

/// Most that is read, in bytes.
const MAXIMUM: u64 = 1024 * 1024;

/// Reads a file; `-` is standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        io::stdin().lock().take(MAXIMUM + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAXIMUM + 1).read_to_end(&mut bytes))
    };
    match outcome {
        Ok(length) if length as u64 > MAXIMUM => {
            Err(CliError::Arguments(format!("{} is larger than {} KiB", path.display(), MAXIMUM / 1024)))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(CliError::Arguments(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// Reads a key's or a certificate's file.
pub(crate) fn key_text(path: &Path) -> Result<SecretString, CliError> {
    let unreadable = |error: &str| CliError::Arguments(format!("{} cannot be read: {error}", path.display()));
    String::from_utf8(bytes(path)?).map(SecretString::from).map_err(|_| unreadable("it is not text"))
}

/// Prints a JSON document on standard output.
pub(crate) fn json(document: &impl Serialize) -> Result<(), CliError> {
    line(&serde_json::to_string_pretty(document).map_err(CliError::running)?)
}

/// Prints a line on standard output.
pub(crate) fn line(text: &str) -> Result<(), CliError> {
    writeln!(io::stdout().lock(), "{text}").map_err(CliError::running)
}

/// A bar on standard error, if that is a terminal.
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
