//! Where a fact comes from.

use serde::Deserialize;
use std::fmt;

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The platform's documents say so.
    Documented,
    /// The published typings say so.
    Typings,
    /// Seen: in the platform's own code, in answers, or by a probe on a device.
    Observed,
    /// Sources contradict each other; each reading is a profile.
    Conflict,
    /// No source settles it.
    Assumed,
}

impl Status {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Documented, Self::Typings, Self::Observed, Self::Conflict, Self::Assumed];

    /// As the data files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Typings => "typings",
            Self::Observed => "observed",
            Self::Conflict => "conflict",
            Self::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How an entry is known, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fact {
    /// How it is known.
    pub status: Status,
    /// Short references, explained in `platform/README.md`.
    pub source: Vec<String>,
}
