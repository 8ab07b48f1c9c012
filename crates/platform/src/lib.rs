//! Facts about the platform, read from the data files in `platform/`; the README there describes them.
//!
//! For the checker, the sandbox, the gateway client and tests. The WebAssembly module must stay small and does not link this crate; a
//! test compares its constants with the data.

pub mod behaviours;
pub mod calls;
pub mod components;
pub mod gateway;
pub mod lifecycle;

pub use behaviours::{Profile, UnknownProfileError, behaviours};
pub use calls::calls;
pub use components::components;
pub use gateway::gateway;
pub use lifecycle::{config, lifecycle};

use serde::Deserialize;
use std::fmt;

/// Defines a function that reads a data file once. The files are part of this crate, and a test reads each.
macro_rules! data {
    ($(#[doc = $doc:literal])+ $name:ident: $type:ty, $file:literal) => {
        $(#[doc = $doc])+
        ///
        /// # Panics
        /// When the file does not fit the types: then this crate's own tests fail.
        pub fn $name() -> &'static $type {
            static READ: std::sync::LazyLock<$type> = std::sync::LazyLock::new(|| {
                serde_json::from_str(include_str!(concat!("../data/", $file)))
                    .unwrap_or_else(|error| panic!(concat!("platform/", $file, ": {}"), error))
            });
            &READ
        }
    };
}
use data;

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The platform's documents say so.
    Documented,
    /// The published typings say so.
    Typings,
    /// Seen in the platform's own code, in answers, or by a probe on a device.
    Observed,
    /// Sources contradict each other; each reading is a profile.
    Conflict,
    /// No source settles it.
    Assumed,
}

impl Status {
    /// All values, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Documented, Self::Typings, Self::Observed, Self::Conflict, Self::Assumed];

    /// Returns its name in the data files.
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

/// How an entry is known, and its sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fact {
    /// How it is known.
    pub status: Status,
    /// Short references, explained in `platform/README.md`.
    pub source: Vec<String>,
}
