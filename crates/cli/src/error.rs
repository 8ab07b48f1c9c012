//! Why the program ends without having done its work.

use crate::settings::SettingsError;
use std::{error::Error, process::ExitCode};

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
