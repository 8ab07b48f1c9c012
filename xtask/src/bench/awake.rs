//! Keeps the processors from sleeping while something is measured.
//!
//! To wake one takes a virtual machine some microseconds, the more the longer it has slept. They would count as the measured
//! program's own, and more of them the slower it is, since then the other side has slept longer.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};

/// How long waking may take at most, in microseconds, as long as the file stays open: a 32-bit number (Linux, "PM QoS").
const LATENCY: &str = "/dev/cpu_dma_latency";

/// The processors, as long as this lives.
pub(crate) struct Processors(Result<File, io::Error>);

impl Processors {
    /// Asks the kernel, which only listens to root.
    pub(crate) fn keep_awake() -> Self {
        Self(OpenOptions::new().write(true).open(LATENCY).and_then(|mut file| {
            file.write_all(&0_i32.to_ne_bytes())?;
            Ok(file)
        }))
    }
}

impl fmt::Display for Processors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(_) => formatter.write_str("kept awake"),
            Err(fault) => write!(formatter, "may sleep, and waking them is counted ({LATENCY}: {fault})"),
        }
    }
}
