//! The one place where this module reads the clock and the random source.

use miniauth_core::{time::Timestamp, wire::LoginId};

/// The phone's clock.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now().max(0.0) as u64)
}

/// From 0 to 1, to spread what many phones would do at the same moment.
#[allow(clippy::disallowed_methods)]
pub(crate) fn jitter() -> f64 {
    js_sys::Math::random()
}

/// A name for one attempt to log in. Page logic has no strong random source; a replay key needs none.
#[allow(clippy::disallowed_methods)]
pub(crate) fn login_id() -> LoginId {
    let digits = (0..24).map(|_| char::from_digit((js_sys::Math::random() * 36.0) as u32 % 36, 36).unwrap_or('0'));
    LoginId::parse(digits.collect::<String>()).unwrap_or_else(|_| unreachable!("24 digits and letters fit"))
}
