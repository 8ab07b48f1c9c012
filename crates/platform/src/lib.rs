//! What is known of the platform, read from the data files in `platform/`, whose README describes them.
//!
//! For the checker, the sandbox, the gateway client and tests. The WebAssembly module must stay small and does not link
//! this; a test holds its own constants to the data.

pub mod behaviours;
pub mod calls;
pub mod components;
mod fact;
pub mod gateway;
pub mod lifecycle;

pub use behaviours::{Profile, UnknownProfileError, behaviours};
pub use calls::calls;
pub use components::components;
pub use fact::{Fact, Status};
pub use gateway::gateway;
pub use lifecycle::{config, lifecycle};

/// Reads one of the data files, once. They are part of this crate, and a test reads each.
macro_rules! data {
    ($(#[doc = $doc:literal])+ $name:ident: $type:ty, $file:literal) => {
        $(#[doc = $doc])+
        ///
        /// # Panics
        /// When the file does not fit the types: then this crate's own tests fail.
        pub fn $name() -> &'static $type {
            static READ: std::sync::LazyLock<$type> = std::sync::LazyLock::new(|| {
                serde_json::from_str(include_str!(concat!("../../../platform/", $file)))
                    .unwrap_or_else(|error| panic!(concat!("platform/", $file, ": {}"), error))
            });
            &READ
        }
    };
}
use data;
