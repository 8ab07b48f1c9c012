//! Limits the connections per address, so that one client cannot take all of a server's.

use crate::{
    config::Limits,
    observation::Metrics,
    rate::{TrustedProxies, network, site},
};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// How many times the limit of a /64 network applies to a whole /48: by default, half of all connections.
const NETWORKS_OF_A_SITE: usize = 4;

/// The open connections by address. Trusted proxies are not counted, because many clients come through each.
pub(crate) struct Peers {
    limit: usize,
    proxies: TrustedProxies,
    metrics: Arc<Metrics>,
    /// By network, and by site.
    open: Mutex<[HashMap<u128, usize>; 2]>,
    warned: AtomicBool,
}

impl Peers {
    pub(crate) fn new(limits: &Limits, proxies: TrustedProxies, metrics: Arc<Metrics>) -> Arc<Self> {
        let (limit, open, warned) = (limits.connections_of_an_address(), Mutex::default(), AtomicBool::default());
        Arc::new(Self { limit, proxies, metrics, open, warned })
    }

    /// Counts a connection until the returned guard is dropped; `None` if its address has reached the limit.
    pub(crate) fn count(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let address = address.to_canonical();
        if self.proxies.trusts(address) {
            return Some(self.counted([None; 2]));
        }
        let keys = [Some(network(address)), site(address)];
        let mut open = self.open.lock();
        let is_full = open.iter().zip(keys).zip([1, NETWORKS_OF_A_SITE]).any(|((open, key), times)| {
            key.is_some_and(|key| open.get(&key).is_some_and(|&count| count >= self.limit.saturating_mul(times)))
        });
        if is_full {
            drop(open);
            self.refuse();
            return None;
        }
        for (open, key) in open.iter_mut().zip(keys) {
            if let Some(key) = key {
                *open.entry(key).or_default() += 1;
            }
        }
        drop(open);
        Some(self.counted(keys))
    }

    fn counted(self: &Arc<Self>, keys: [Option<u128>; 2]) -> Counted {
        self.metrics.connection_opened();
        Counted { peers: Arc::clone(self), keys }
    }

    /// Refuses a connection. Warns the operator once; metrics count the rest.
    fn refuse(&self) {
        self.metrics.connection_refused();
        if !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                limit = self.limit,
                "an address has reached its limit of connections (max_connections_per_address), and further ones are closed: if it \
                 is your proxy, set trusted_proxies"
            );
        }
    }
}

/// A counted connection. Dropping this subtracts it.
pub(crate) struct Counted {
    peers: Arc<Peers>,
    keys: [Option<u128>; 2],
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.peers.metrics.connection_closed();
        for (open, key) in self.peers.open.lock().iter_mut().zip(self.keys) {
            let Some(key) = key else { continue };
            if let Some(count) = open.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    open.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroUsize;

    fn peers(connections: usize, per_address: Option<usize>) -> Arc<Peers> {
        let connections_per_address = per_address.and_then(NonZeroUsize::new);
        let limits = Limits { connections, connections_per_address, ..Limits::default() };
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let proxies = TrustedProxies { networks, ..TrustedProxies::default() };
        Peers::new(&limits, proxies, Arc::default())
    }

    /// Returns as many connections as the peer gets of 1,000.
    fn taken(peers: &Arc<Peers>, address: impl Fn(u16) -> String) -> Vec<Counted> {
        (0..1_000).filter_map(|number| peers.count(address(number).parse().unwrap())).collect()
    }

    #[test]
    fn an_address_has_an_eighth_of_all_unless_it_is_said_otherwise() {
        assert_eq!(taken(&peers(160, None), |_| "192.0.2.1".to_owned()).len(), 20);
        assert_eq!(taken(&peers(160, Some(30)), |_| "192.0.2.1".to_owned()).len(), 30);
        assert_eq!(taken(&peers(1, None), |_| "192.0.2.1".to_owned()).len(), 1);
    }

    #[test]
    fn closed_connections_free_their_place_and_leave_no_entry() {
        let peers = peers(160, None);
        let mut open = taken(&peers, |_| "192.0.2.1".to_owned());
        assert!(peers.count("::ffff:192.0.2.1".parse().unwrap()).is_none(), "the same address");
        assert!(peers.count("192.0.2.2".parse().unwrap()).is_some(), "another");
        open.pop();
        open.push(peers.count("192.0.2.1".parse().unwrap()).unwrap());
        assert!(peers.count("192.0.2.1".parse().unwrap()).is_none());
        drop(open);
        assert!(peers.open.lock().iter().all(HashMap::is_empty));
    }

    #[test]
    fn ipv6_counts_by_network_and_by_site() {
        let peers = peers(160, None);
        assert_eq!(taken(&peers, |host| format!("2001:db8::{host:x}")).len(), 20);
        assert_eq!(taken(&peers, |network| format!("2001:db8:1:{network:x}::1")).len(), 80, "half of all");
    }

    #[test]
    fn a_trusted_proxy_has_no_connection_limit() {
        assert_eq!(taken(&peers(160, None), |_| "10.1.2.3".to_owned()).len(), 1_000);
    }
}
