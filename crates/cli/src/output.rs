//! What a command prints for other programs.

use crate::error::CliError;
#[cfg(any(feature = "check", feature = "migrate"))]
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::{self, Write as _};

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
