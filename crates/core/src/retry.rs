//! Which requests are retried after a network failure, and when.

/// The most retries of a request.
pub const MAXIMUM_RETRIES: u32 = 2;

/// The delay before the first retry, in milliseconds, before jitter; the second is twice as long.
const FIRST_WAIT_MILLIS: f64 = 300.0;

/// Returns the delay before retry number `retry` (0 for the first), in milliseconds; `None` if the request must not be
/// retried.
///
/// Only requests with an idempotent method are retried: a `POST` without an answer may have reached the server.
/// `jitter` is a random number from 0 to 1, which spreads the retries of many phones: the result is between half and
/// all of the full delay.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idempotent_requests_are_retried_twice_with_a_doubling_delay_and_jitter() {
        for method in ["GET", "PUT", "DELETE"] {
            for (jitter, waits) in [(0.0, [150.0, 300.0]), (0.5, [225.0, 450.0]), (1.0, [300.0, 600.0])] {
                let [first, second] = waits.map(Some);
                let all = [0, 1, 2, 3].map(|retry| wait_before(method, retry, jitter));
                assert_eq!(all, [first, second, None, None], "{method} {jitter}");
            }
        }
        for method in ["POST", "PATCH", "get", ""] {
            assert_eq!([0, 1, 2].map(|retry| wait_before(method, retry, 0.5)), [None; 3], "{method}");
        }
    }
}
