//! What a command reads: a file, or standard input.

use crate::error::CliError;
use secrecy::SecretString;
use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

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
