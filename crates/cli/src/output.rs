//! What a command prints for other programs.

use crate::error::CliError;
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
