//! How large the package is, as stored and as sent.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Prints a line for each file: its size, and its size after gzip at the strongest level, in bytes.
pub(super) fn print<'a>(files: impl IntoIterator<Item = (&'a str, &'a Path)>) -> Result<()> {
    println!("{:<28} {:>10} {:>10}", "size in bytes", "raw", "gzip");
    for (name, file) in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        println!("{name:<28} {:>10} {:>10}", bytes.len(), gzipped(&bytes)?);
    }
    Ok(())
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_compressed_away() {
        assert!(gzipped(&[b'a'; 10_000]).unwrap() < 100);
    }
}
