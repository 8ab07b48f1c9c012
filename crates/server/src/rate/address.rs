//! Whose request it is, when proxies lie between.

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The proxies whose word about the client's address is taken.
///
/// Each of them adds the address that it was called from at the end of a header; what stands before that was written by
/// who called it, and counts only if that is one of them too.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TrustedProxies {
    /// The networks in which the proxies are. With none, which is the default, the header is not looked at.
    pub networks: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardingHeader,
}

/// In which header the trusted proxies write. Only one of them counts: a proxy passes the other on as the client sent it.
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

/// The name is not one of a header in which proxies name their clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a header that is known here: it is x-forwarded-for or forwarded")]
pub struct ForwardingHeaderError;

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who is at the other end, as far as that can be trusted: the first address from the right that is none of the
    /// proxies. Where a trusted proxy names none (`unknown`, say), the proxy itself.
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

/// The address of a client. It is personal: it is counted and never written down.
pub(crate) struct ClientAddress {
    pub(crate) address: IpAddr,
    /// The request came through a proxy that is not among the trusted ones, or pretends that it did.
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

/// An address with or without port, IPv6 with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

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
        assert_eq!(of("192.0.2.9", &["198.51.100.1"]), "192.0.2.9 (proxy unknown)", "the client's own word");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(of("::ffff:10.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(
            of("10.0.0.1", &["198.51.100.1, 203.0.113.5"]),
            "203.0.113.5",
            "the first one is the client's own word"
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
