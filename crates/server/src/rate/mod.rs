//! How often one client may ask: a limit for each address, and one for each session.
//!
//! Each instance of the server counts for itself: behind a proxy that spreads requests evenly over three instances, a
//! client may ask three times as often.

mod address;
mod table;

pub use address::{ForwardingHeader, ForwardingHeaderError, TrustedProxies};

use crate::{config::Limits, crypto::SessionHash};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
};
use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};
use table::Table;

/// How often each client may ask.
pub(crate) struct Rates {
    pub(crate) address: Rate,
    pub(crate) session: Rate,
    warned: AtomicBool,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            address: Rate::per_minute(limits.requests_per_minute_per_address),
            session: Rate::per_minute(limits.requests_per_minute_per_session),
            warned: AtomicBool::new(false),
        }
    }

    /// Once: the operator is to know, but any client can send the header.
    pub(crate) fn warn_of_unknown_proxy(&self) {
        if !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                "a request names a proxy that is not among the trusted ones: if the server is behind a proxy, set \
                 trusted_proxies, for all of its clients count as one address"
            );
        }
    }

    /// Once, if there is a limit that cannot be kept.
    pub(crate) fn warn_of_missing_address(&self) {
        if self.address.0.is_some() && !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                "requests come without the addresses of their clients, so that there is no limit for each address: serve with \
                 into_make_service_with_connect_info::<SocketAddr>()"
            );
        }
    }
}

/// Counts the requests of each key. A key may use its whole minute at once; what it used comes back evenly.
pub(crate) struct Rate(Option<RateLimiter<u128, Table, MonotonicClock>>);

impl Rate {
    /// `None`: no limit.
    pub(crate) fn per_minute(requests: Option<NonZeroU32>) -> Self {
        Self(requests.map(|requests| {
            let quota = Quota::per_minute(requests);
            RateLimiter::new(quota, Table::new(quota.burst_size_replenished_in()), MonotonicClock)
        }))
    }

    /// Counts a request of an address. IPv6 addresses count by their first 64 bits, of which a subscriber has them all.
    pub(crate) fn count_address(&self, address: IpAddr) -> Result<(), Duration> {
        self.count(match address.to_canonical() {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => address.to_bits() & (!0 << 64),
        })
    }

    /// Counts a request with a session.
    pub(crate) fn count_session(&self, session: &SessionHash) -> Result<(), Duration> {
        let mut key = [0; 16];
        let length = session.as_bytes().len().min(key.len());
        key[..length].copy_from_slice(&session.as_bytes()[..length]);
        self.count(u128::from_be_bytes(key))
    }

    /// Gives how long to wait when the key has used up its requests.
    fn count(&self, key: u128) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        limiter.check_key(&key).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests: u32) -> Rate {
        Rate::per_minute(NonZeroU32::new(requests))
    }

    #[test]
    fn each_address_has_its_own_count_and_ipv6_counts_by_network() {
        let rate = rate(2);
        let count = |address: &str| rate.count_address(address.parse().unwrap());
        assert!(count("192.0.2.1").is_ok() && count("::ffff:192.0.2.1").is_ok());
        let wait = count("192.0.2.1").unwrap_err();
        assert!(wait > Duration::from_secs(28) && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(count("192.0.2.2").is_ok());
        assert!(count("2001:db8::1").is_ok() && count("2001:db8::ffff:2").is_ok() && count("2001:db8::3").is_err());
        assert!(count("2001:db8:0:1::1").is_ok());
    }

    #[test]
    fn without_a_limit_nothing_is_refused() {
        let rate = rate(0);
        assert!((0..10_000).all(|_| rate.count_address([127, 0, 0, 1].into()).is_ok()));
    }
}
