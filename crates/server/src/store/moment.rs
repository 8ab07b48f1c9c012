//! Timestamps as the databases keep them: signed 64-bit milliseconds.

use miniauth_core::time::Timestamp;

pub(super) fn to_stored(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn from_stored(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}
