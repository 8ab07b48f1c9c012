//! Rate limits for each address and each session, and the client's address behind proxies.
//!
//! Each instance counts for itself: behind a proxy that spreads requests evenly over three instances, a client gets
//! three times the limit.

use crate::{config::Limits, crypto::SessionHash, failed_logins::FailedLogins};
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    nanos::Nanos,
    state::StateStore,
};
use hashlink::LruCache;
use ipnet::IpNet;
use parking_lot::Mutex;
use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

/// The rate limits of a server.
pub(crate) struct Rates {
    pub(crate) address: AddressRate,
    pub(crate) session: Rate,
    /// Messages to the path of the platform's messages, by address.
    pub(crate) messages: AddressRate,
    pub(crate) failed_logins: FailedLogins,
    /// Introspections by back-end, and failed authentications of back-ends by address.
    pub(crate) introspections: Rate,
    pub(crate) failed_introspections: FailedLogins,
    /// Forward-auth requests, by the proxy's address.
    pub(crate) forward_auths: AddressRate,
    warned: AtomicBool,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            address: AddressRate::per_minute(limits.requests_per_minute_per_address),
            session: Rate::per_minute(limits.requests_per_minute_per_session),
            messages: AddressRate::per_minute(limits.platform_messages_per_minute_per_address),
            failed_logins: FailedLogins::new(limits.failed_logins_per_minute_per_address),
            introspections: Rate::per_minute(limits.introspections_per_minute_per_backend),
            failed_introspections: FailedLogins::new(limits.failed_introspections_per_minute_per_address),
            forward_auths: AddressRate::per_minute(limits.forward_auths_per_minute_per_address),
            warned: AtomicBool::new(false),
        }
    }

    /// Warns once: the operator must know, but any client can send the header.
    pub(crate) fn warn_of_unknown_proxy(&self) {
        if !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                "a request names a proxy that is not trusted: if the server is behind a proxy, set trusted_proxies; otherwise all of \
                 its clients count as one address"
            );
        }
    }

    /// Warns once if there is a limit that cannot be applied.
    pub(crate) fn warn_of_missing_address(&self) {
        if self.address.networks.0.is_some() && !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                "requests come without their clients' addresses, so the limit per address does not apply: serve with \
                 into_make_service_with_connect_info::<SocketAddr>()"
            );
        }
    }
}

/// Counts the requests of each address, by [`network`] and by [`site`].
pub(crate) struct AddressRate {
    networks: Rate,
    sites: Rate,
}

/// How many times the limit of a /64 network applies to a whole /48, which may be a mobile network with many phones.
const NETWORKS_OF_A_SITE: NonZeroU32 = NonZeroU32::new(16).unwrap();

impl AddressRate {
    /// `None`: no limit.
    pub(crate) fn per_minute(requests: Option<NonZeroU32>) -> Self {
        let of_a_site = requests.map(|requests| requests.saturating_mul(NETWORKS_OF_A_SITE));
        Self { networks: Rate::per_minute(requests), sites: Rate::per_minute(of_a_site) }
    }

    /// Counts a request from an address.
    pub(crate) fn count(&self, address: IpAddr) -> Result<(), Duration> {
        self.networks.count(network(address))?;
        site(address).map_or(Ok(()), |site| self.sites.count(site))
    }
}

/// Returns what counts as one address: an IPv4 address, or an IPv6 /64 network, because a subscriber has all of it.
pub(crate) fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & (!0 << 64),
    }
}

/// Returns the IPv6 /48 network, which a whole site has.
pub(crate) fn site(address: IpAddr) -> Option<u128> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(address.to_bits() & (!0 << 80)),
    }
}

/// Counts the requests of each key. A key may use its whole minute's quota at once, and regains it evenly.
pub(crate) struct Rate(Option<RateLimiter<u128, Table, MonotonicClock>>);

impl Rate {
    /// `None`: no limit.
    pub(crate) fn per_minute(requests: Option<NonZeroU32>) -> Self {
        Self(requests.map(|requests| RateLimiter::new(Quota::per_minute(requests), Table::new(), MonotonicClock)))
    }

    /// Counts a request of a back-end by its name.
    pub(crate) fn count_name(&self, name: &str) -> Result<(), Duration> {
        let hash = digest(&SHA256, name.as_bytes());
        self.count(hash.as_ref().first_chunk().copied().map_or(0, u128::from_be_bytes))
    }

    /// Counts a request with a session.
    pub(crate) fn count_session(&self, session: &SessionHash) -> Result<(), Duration> {
        let mut key = [0; 16];
        let length = session.as_bytes().len().min(key.len());
        key[..length].copy_from_slice(&session.as_bytes()[..length]);
        self.count(u128::from_be_bytes(key))
    }

    /// Counts a request of a key. If the quota is used up, returns how long to wait.
    fn count(&self, key: u128) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        limiter.check_key(&key).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }
}

/// The most keys that are tracked, about 5 MB.
const MOST_KEYS: usize = 64 * 1024;

/// The state of each key. When the table is full, a new key replaces the least recently used one.
///
/// So a key may regain its quota too early if very many others came in the meantime. Refusing new keys instead would
/// let an attacker who fills the table lock everyone out.
struct Table(Mutex<LruCache<u128, Nanos>>);

impl Table {
    fn new() -> Self {
        Self(Mutex::new(LruCache::new(MOST_KEYS)))
    }
}

impl StateStore for Table {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, key: &u128, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.0.lock();
        // A refused key counts as used as well.
        let (outcome, state) = decide(states.get(key).copied())?;
        states.insert(*key, state);
        Ok(outcome)
    }
}

/// The proxies whose statement of the client's address is trusted.
///
/// Each proxy appends the address of its caller to a header. What comes before was written by that caller, and counts
/// only if it is a trusted proxy too.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TrustedProxies {
    /// The proxies' networks. If empty (the default), the header is ignored.
    pub networks: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardingHeader,
}

/// The header that the trusted proxies write. Only this one is read, because a proxy passes the other on as the client
/// sent it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardingHeader {
    /// `X-Forwarded-For: client, proxy`, which most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239).
    Forwarded,
}

impl FromStr for ForwardingHeader {
    type Err = ForwardingHeaderError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err(ForwardingHeaderError),
        }
    }
}

/// The name is not that of a known forwarding header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown header: use x-forwarded-for or forwarded")]
pub struct ForwardingHeaderError;

impl TrustedProxies {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address as far as it can be trusted: the first from the right that is not a proxy. If a
    /// trusted proxy names none (for example `unknown`), returns that proxy.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return ClientAddress { address: client, proxy_unknown: headers.contains_key(self.header.name()) };
        }
        let lines: Vec<&str> =
            headers.get_all(self.header.name()).iter().map(|line| line.to_str().unwrap_or("unknown")).collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            match self.header.address(hop) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
            if !self.trusts(client) {
                break;
            }
        }
        ClientAddress { address: client, proxy_unknown: false }
    }
}

/// A client's address. It is personal data: it is counted and never logged.
pub(crate) struct ClientAddress {
    pub(crate) address: IpAddr,
    /// The request came through an untrusted proxy, or pretends to.
    pub(crate) proxy_unknown: bool,
}

impl ForwardingHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::Forwarded => FORWARDED,
        }
    }

    fn address(self, hop: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => node(hop.trim()),
            Self::Forwarded => hop.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then(|| node(value.trim_matches('"')))?
            }),
        }
    }
}

/// Parses an address with or without a port, and IPv6 with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn each_address_has_its_own_count_and_ipv6_counts_by_network() {
        let rate = AddressRate::per_minute(NonZeroU32::new(2));
        let count = |address: &str| rate.count(address.parse().unwrap());
        assert!(count("192.0.2.1").is_ok() && count("::ffff:192.0.2.1").is_ok());
        let wait = count("192.0.2.1").unwrap_err();
        assert!(wait > Duration::from_secs(28) && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(count("192.0.2.2").is_ok());
        assert!(count("2001:db8::1").is_ok() && count("2001:db8::ffff:2").is_ok() && count("2001:db8::3").is_err());
        assert!(count("2001:db8:0:1::1").is_ok());
    }

    #[test]
    fn a_site_that_takes_ever_new_networks_is_limited_as_a_whole_and_its_neighbour_is_not() {
        let rate = AddressRate::per_minute(NonZeroU32::new(2));
        let count = |site: u32, network: u32| rate.count(format!("2001:db8:{site:x}:{network:x}::1").parse().unwrap());
        let allowed = (0..1_000).filter(|&network| count(1, network).is_ok()).count();
        assert_eq!(allowed, 32, "of 1,000 networks, each of which may send 2");
        assert!(count(2, 0).is_ok());
    }

    #[test]
    fn without_a_limit_nothing_is_refused() {
        let rate = AddressRate::per_minute(None);
        assert!((0..10_000).all(|_| rate.count([127, 0, 0, 1].into()).is_ok()));
    }

    fn visit(table: &Table, key: u128) -> Option<Nanos> {
        table.measure_and_replace(&key, |known| Ok::<_, ()>((known, Nanos::new(1)))).unwrap()
    }

    #[test]
    fn the_table_is_bounded() {
        let table = Table::new();
        for key in 0..200_000 {
            visit(&table, key);
            visit(&table, 7);
        }
        assert_eq!(visit(&table, 7), Some(Nanos::new(1)), "a key in use is never forgotten");
        assert_eq!(visit(&table, 8), None, "one of long ago is");
        assert_eq!(table.0.lock().len(), MOST_KEYS);
    }

    fn client(header: ForwardingHeader, peer: &str, lines: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8"].iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header.name(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let found = TrustedProxies { networks, header }.client(peer.parse().unwrap(), &headers);
        format!("{}{}", found.address, if found.proxy_unknown { " (proxy unknown)" } else { "" })
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let of = |peer, lines: &[&str]| client(ForwardingHeader::XForwardedFor, peer, lines);
        assert_eq!(of("192.0.2.9", &[]), "192.0.2.9");
        assert_eq!(of("192.0.2.9", &["198.51.100.1"]), "192.0.2.9 (proxy unknown)", "the client's own claim");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(of("::ffff:10.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(
            of("10.0.0.1", &["198.51.100.1, 203.0.113.5"]),
            "203.0.113.5",
            "the first one is the client's own claim"
        );
        assert_eq!(of("10.0.0.1", &["198.51.100.1, 203.0.113.5, 10.0.0.2"]), "203.0.113.5", "through two proxies");
        assert_eq!(of("10.0.0.1", &["198.51.100.1", "203.0.113.5", "10.0.0.2"]), "203.0.113.5", "in several lines");
        assert_eq!(of("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3", "only proxies: the farthest");
        assert_eq!(of("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &["203.0.113.5:4711"]), "203.0.113.5");
        assert_eq!(of("fd00::1", &["[2001:db8::5]:4711, [fd00::2]"]), "2001:db8::5");
        assert_eq!(of("10.0.0.1", &["", " , "]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let of = |peer, lines: &[&str]| client(ForwardingHeader::Forwarded, peer, lines);
        assert_eq!(of("10.0.0.1", &["for=198.51.100.1, For=203.0.113.5;proto=https"]), "203.0.113.5");
        assert_eq!(of("10.0.0.1", &[r#"proto=https;for="[2001:db8::5]:4711""#, "for=10.0.0.2"]), "2001:db8::5");
        assert_eq!(of("10.0.0.1", &["for=198.51.100.1, for=_hidden"]), "10.0.0.1");
        assert_eq!(of("192.0.2.9", &["for=198.51.100.1"]), "192.0.2.9 (proxy unknown)");
    }
}
