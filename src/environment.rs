//! The only place where this module reads the clock and the random source.

use crate::values::whole;
use miniauth_core::{time::Timestamp, wire::LoginId};

/// Returns the phone's time.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(whole(js_sys::Date::now()))
}

/// Returns a number from 0 to 1, to spread what many phones would do at the same moment.
#[allow(clippy::disallowed_methods)]
pub(crate) fn jitter() -> f64 {
    js_sys::Math::random()
}

/// Returns an id for one attempt to log in. Page logic has no strong random source; a replay key needs none.
#[allow(clippy::disallowed_methods)]
pub(crate) fn login_id() -> Option<LoginId> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let letter = |_| char::from(LETTERS[whole(js_sys::Math::random() * 32.0) as usize % 32]);
    LoginId::parse((0..24).map(letter).collect::<String>()).ok()
}
