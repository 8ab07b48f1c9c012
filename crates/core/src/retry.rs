//! Which requests are sent again when the network fails, and when.

/// How often a request is sent again.
pub const MAXIMUM_RETRIES: u32 = 2;

/// The wait before the first retry, in milliseconds, before jitter; it doubles for the second.
const FIRST_WAIT_MILLIS: f64 = 300.0;

/// How long to wait before retry number `retry` (0 for the first), in milliseconds; `None` when it must not be sent again.
///
/// Only methods that HTTP calls idempotent are sent again: a `POST` may have arrived although no answer did. `jitter` is a
/// random number from 0 to 1, which spreads the retries of many phones over half to all of the wait.
///
/// ```
/// use miniauth_core::retry::wait_before;
/// assert_eq!(wait_before("GET", 0, 1.0), Some(300.0));
/// assert_eq!(wait_before("GET", 1, 0.0), Some(300.0));
/// assert_eq!(wait_before("GET", 2, 0.5), None);
/// assert_eq!(wait_before("POST", 0, 0.5), None);
/// ```
pub fn wait_before(method: &str, retry: u32, jitter: f64) -> Option<f64> {
    let idempotent = matches!(method, "GET" | "PUT" | "DELETE");
    (idempotent && retry < MAXIMUM_RETRIES).then(|| {
        let wait = if retry == 0 { FIRST_WAIT_MILLIS } else { 2.0 * FIRST_WAIT_MILLIS };
        wait * (0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    })
}
