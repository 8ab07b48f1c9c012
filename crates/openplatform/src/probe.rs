//! What a gateway says to a call that it must refuse.

use crate::{
    error::{Failure, GatewayError},
    http::AboutAnswer,
    node::Fields,
};
use miniauth_core::time::Timestamp;

/// The outcome of [`Gateway::probe`](crate::Gateway::probe).
#[derive(Debug)]
pub struct Probe {
    /// `Ok` when the platform took the call for the app's own and signed its refusal of the made-up code.
    pub outcome: Result<(), GatewayError>,
    /// The gateway's own time, to the second, where it says so.
    pub gateway_time: Option<Timestamp>,
}

impl Probe {
    pub(crate) fn new(about: AboutAnswer, outcome: Result<Fields, Failure>) -> Self {
        let gateway_time = about.date.as_deref().and_then(http_date);
        let outcome = match outcome {
            Err(Failure::Rejected(rejection)) if rejection.sub_code() == Some("isv.code-invalid") => Ok(()),
            Err(failure) => Err(GatewayError::new(failure, about.trace_id)),
            Ok(_) => Err(GatewayError::new(Failure::Unusable("it took a made-up auth code for good"), about.trace_id)),
        };
        Self { outcome, gateway_time }
    }
}

/// The time that a `Date` header gives.
fn http_date(text: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_seconds(since_epoch.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_time_is_read_from_its_header() {
        assert_eq!(http_date("Sat, 21 Nov 2026 03:04:16 GMT"), Some(Timestamp::from_seconds(1_795_230_256)));
        assert_eq!(http_date("yesterday"), None);
    }
}
