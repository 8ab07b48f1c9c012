//! Time as an argument: [`Timestamp`] and [`Clock`].

use serde::{Serialize, Serializer};

/// The largest integer up to which all integers are exact in a double: 2^53 - 1. No time in a request or answer is
/// later.
pub(crate) const LARGEST: u64 = (1 << 53) - 1;

/// A time, in milliseconds since the Unix epoch. Sums and differences saturate; they never panic.
///
/// ```
/// use miniauth_core::time::Timestamp;
/// let start = Timestamp::from_seconds(1_800_000_000);
/// let end = start.plus_seconds(2);
/// assert_eq!((end.millis_since(start), start.millis_since(end)), (2_000, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// Serializes as an integer. In the WebAssembly module it is a double, which is exact for every realistic time: a
/// 64-bit integer would need `BigInt`, which some mini-program engines lack.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if cfg!(target_arch = "wasm32") {
            serializer.serialize_f64(self.0 as f64)
        } else {
            serializer.serialize_u64(self.0)
        }
    }
}

impl Timestamp {
    /// Returns the time `milliseconds` after the Unix epoch.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// Returns the time `seconds` after the Unix epoch.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Returns the milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the whole seconds since the Unix epoch.
    pub const fn as_seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// Returns the milliseconds since `earlier`; 0 if `earlier` is in fact later.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the time `milliseconds` later.
    pub const fn plus_millis(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Returns the time `seconds` later.
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        self.plus_millis(seconds.saturating_mul(1_000))
    }
}

/// Tells the time. Rules take a [`Timestamp`]; a clock is for code that runs longer than one call.
pub trait Clock: Send + Sync {
    /// Returns the present time.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_are_in_seconds_and_milliseconds() {
        let moment = Timestamp::from_seconds(1_800_000_000).plus_seconds(2).plus_millis(1_999);
        assert_eq!((moment.as_seconds(), moment.as_millis()), (1_800_000_003, 1_800_000_003_999));
        let earlier = Timestamp::from_millis(1_800_000_000_000);
        assert_eq!((moment.millis_since(earlier), earlier.millis_since(moment)), (3_999, 0));
        assert_eq!(serde_json::to_value(moment).unwrap(), 1_800_000_003_999_u64);
    }

    #[test]
    fn overflow_saturates() {
        let last = Timestamp::from_millis(u64::MAX);
        assert_eq!([Timestamp::from_seconds(u64::MAX), last.plus_millis(1), last.plus_seconds(u64::MAX)], [last; 3]);
    }
}
