//! Limits the failed logins per address: each invented code costs a call of the gateway, and a row in the database.

use hashlink::LruCache;
use parking_lot::Mutex;
use std::{
    iter,
    net::IpAddr,
    num::NonZeroU32,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// The most networks that are tracked, about 4 MB. When the table is full, the least recently seen one is dropped.
const MOST_NETWORKS: usize = 64 * 1024;

/// How many times the limit of a /64 network applies to a whole /48.
const NETWORKS_OF_A_SITE: u32 = 16;

pub(crate) struct FailedLogins {
    /// Per minute; `None`: no limit.
    most: Option<NonZeroU32>,
    networks: Mutex<LruCache<u128, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl FailedLogins {
    pub(crate) fn new(most: Option<NonZeroU32>) -> Self {
        Self { most, networks: Mutex::new(LruCache::new(MOST_NETWORKS)) }
    }

    /// Returns how long to wait if too many logins failed.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Duration> {
        let mut networks = self.networks.lock();
        for (network, most) in self.networks_of(address) {
            let Some(failures) = networks.get(&network) else { continue };
            let left = MINUTE.saturating_sub(failures.since.elapsed());
            if failures.count >= most && !left.is_zero() {
                return Err(left);
            }
        }
        Ok(())
    }

    pub(crate) fn count(&self, address: IpAddr) {
        let mut networks = self.networks.lock();
        for (network, _) in self.networks_of(address) {
            let known = networks.get(&network).copied().filter(|failures| failures.since.elapsed() < MINUTE);
            let mut failures = known.unwrap_or_else(|| Failures { since: Instant::now(), count: 0 });
            failures.count = failures.count.saturating_add(1);
            networks.insert(network, failures);
        }
    }

    /// Returns the networks that an address counts for, each with its limit.
    fn networks_of(&self, address: IpAddr) -> impl Iterator<Item = (u128, u32)> {
        let (network, site) = match address.to_canonical() {
            IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), None),
            // Plus one, to distinguish a site from its first network, which has the same bits.
            IpAddr::V6(address) => (address.to_bits() & (!0 << 64), Some((address.to_bits() & (!0 << 80)) + 1)),
        };
        let most = self.most.map_or(u32::MAX, NonZeroU32::get);
        iter::once((network, most)).chain(site.map(|site| (site, most.saturating_mul(NETWORKS_OF_A_SITE))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_own_number_and_a_site_sixteen_times_as_many() {
        let failed = FailedLogins::new(NonZeroU32::new(2));
        for _ in 0..2 {
            assert_eq!(failed.check(address("192.0.2.1")), Ok(()));
            failed.count(address("192.0.2.1"));
        }
        let wait = failed.check(address("::ffff:192.0.2.1")).unwrap_err();
        assert!(wait > Duration::from_secs(58) && wait <= MINUTE, "{wait:?}");
        assert_eq!(failed.check(address("192.0.2.2")), Ok(()));
        for network in 0..16 {
            for host in 1..=2 {
                let address = address(&format!("2001:db8:0:{network:x}::{host}"));
                assert_eq!(failed.check(address), Ok(()), "{address}");
                failed.count(address);
            }
        }
        assert!(failed.check(address("2001:db8:0:ff::1")).is_err(), "another network of the same site");
        assert_eq!(failed.check(address("2001:db8:1::1")), Ok(()));
    }

    #[test]
    fn without_a_limit_any_number_fails() {
        let failed = FailedLogins::new(None);
        (0..1_000).for_each(|_| failed.count(address("2001:db8::1")));
        assert_eq!(failed.check(address("2001:db8::1")), Ok(()));
    }
}
