//! Why the program ends without having done its work.

use crate::serve::Faults;
use std::{error::Error, process::ExitCode};

/// Printed as `miniauth: …`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration has faults: exit code 2, like a wrong command line.
    #[error("{0}")]
    Configuration(Faults),
    /// An argument cannot be used: exit code 2.
    #[error("{0}")]
    Arguments(String),
    /// Anything else: exit code 1.
    #[error("{0}")]
    Running(String),
}

impl Failure {
    /// An error with all that is behind it.
    pub(crate) fn running(fault: impl Error) -> Self {
        let mut text = fault.to_string();
        let mut source = fault.source();
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
            Self::Configuration(_) | Self::Arguments(_) => ExitCode::from(2),
            Self::Running(_) => ExitCode::from(1),
        }
    }
}
