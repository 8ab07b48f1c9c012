//! How large the package is, as stored and as sent.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

/// What `pkg/dist/wasm.js`, the WebAssembly host with everything that it needs, may weigh: its bytes after gzip.
///
/// An app carries these bytes, and is evaluated with them at its start.
const BUDGET: usize = 68_800;

/// The file that the budget is about.
const BUDGETED: &str = "wasm.js";

/// Prints a line for each file: its size, and its size after gzip at the strongest level, in bytes.
pub(super) fn print(files: &[(String, PathBuf)]) -> Result<()> {
    println!("{:<28} {:>10} {:>10}", "size in bytes", "raw", "gzip");
    for (name, file) in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        println!("{name:<28} {:>10} {:>10}", bytes.len(), gzipped(&bytes)?);
    }
    Ok(())
}

/// Fails when the WebAssembly host weighs more than it may.
pub(super) fn check(files: &[(String, PathBuf)]) -> Result<()> {
    for (_, file) in files.iter().filter(|(name, _)| name == BUDGETED) {
        ensure_within(gzipped(&fs::read(file)?)?)?;
    }
    Ok(())
}

fn ensure_within(size: usize) -> Result<()> {
    ensure!(
        size <= BUDGET,
        "{BUDGETED} weighs {size} bytes after gzip, its budget is {BUDGET}: make it smaller, or raise BUDGET in \
         xtask/src/wasm/sizes.rs with a reason"
    );
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

    #[test]
    fn one_byte_over_the_budget_stops_the_build() {
        assert!(ensure_within(BUDGET).is_ok());
        assert!(ensure_within(BUDGET + 1).unwrap_err().to_string().contains("its budget is"));
    }
}
