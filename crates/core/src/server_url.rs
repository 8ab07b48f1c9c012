//! The URLs that the session may be sent to.

use crate::text::{joined, split_before};

/// The URL of the app's server: an origin and a path prefix.
///
/// It is `https`, or `http` on loopback; in development also `http` in a private network. It has no user name, query or
/// fragment.
///
/// ```
/// use miniauth_core::server_url::ServerUrl;
/// let server = ServerUrl::parse("https://api.shop.example/login/", false).unwrap();
/// assert_eq!(server.endpoint("auth"), "https://api.shop.example/login/auth");
/// assert!(server.covers("https://API.shop.example/login/member?x=1"));
/// assert!(!server.covers("https://api.shop.example/login-other"));
/// assert!(!server.covers("https://api.shop.example.evil.example/login/"));
/// assert!(ServerUrl::parse("http://api.shop.example", false).is_err());
/// assert!(ServerUrl::parse("http://192.168.1.5:8701", true).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    origin: String,
    prefix: String,
    in_development: bool,
}

impl ServerUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`MalformedServerUrl`] if it is not of the form above.
    pub fn parse(text: &str, in_development: bool) -> Result<Self, MalformedServerUrl> {
        let Parts { origin, path, rest } = split(text, in_development).ok_or(MalformedServerUrl)?;
        if !rest.is_empty() {
            return Err(MalformedServerUrl);
        }
        let mut prefix = path;
        while let Some(shorter) = prefix.strip_suffix('/') {
            prefix = shorter;
        }
        Ok(Self { origin, prefix: prefix.to_owned(), in_development })
    }

    /// Returns the URL of an endpoint of this server.
    pub fn endpoint(&self, name: &str) -> String {
        joined(&[&self.origin, &self.prefix, "/", name])
    }

    /// Returns whether a request to `url` goes to this server and may carry the session. An ambiguous URL does not.
    pub fn covers(&self, url: &str) -> bool {
        split(url, self.in_development).is_some_and(|Parts { origin, path, .. }| {
            origin == self.origin
                && path
                    .strip_prefix(self.prefix.as_str())
                    .is_some_and(|below| below.is_empty() || below.starts_with('/'))
        })
    }
}

/// The text is not a URL like `https://host[:port][/path]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "server must be an https URL without query, such as https://api.example.com (or http for localhost, 127.0.0.1 and \
     [::1], and with debug: true for private addresses)"
)]
pub struct MalformedServerUrl;

struct Parts<'url> {
    origin: String,
    path: &'url str,
    rest: &'url str,
}

/// Strict on purpose: refuses every URL that two parsers could read differently.
fn split(url: &str, in_development: bool) -> Option<Parts<'_>> {
    let (scheme, standard_port) = [("https://", ":443"), ("http://", ":80")]
        .into_iter()
        .find(|(scheme, _)| url.get(..scheme.len()).is_some_and(|given| given.eq_ignore_ascii_case(scheme)))?;
    let (authority, tail) = split_before(url.get(scheme.len()..)?, b"/?#");
    let (path, rest) = split_before(tail, b"?#");
    let authority = authority.to_ascii_lowercase();
    let port = port_of(&authority);
    let host = authority.strip_suffix(port)?;
    let host_plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'[' | b']' | b':'));
    let port_plain = port.strip_prefix(':').is_none_or(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse().is_ok_and(|port: u32| port <= 65_535)
    });
    let allowed = standard_port == ":443"
        || matches!(host, "127.0.0.1" | "[::1]" | "localhost")
        || (in_development && is_private(host));
    let path_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !path.as_bytes().split(|byte| *byte == b'/').any(is_dot_segment);
    if !(host_plain && port_plain && allowed && path_plain) {
        return None;
    }
    let origin = joined(&[scheme, host, if port == standard_port { "" } else { port }]);
    Some(Parts { origin, path, rest })
}

/// Returns whether a host is an IPv4 address in a private network (RFC 1918).
fn is_private(host: &str) -> bool {
    let host = host.as_bytes();
    host.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && match host {
            [b'1', b'7', b'2', b'.', first, second, b'.', ..] => {
                matches!((first, second), (b'1', b'6'..) | (b'2', _) | (b'3', b'0' | b'1'))
            }
            _ => host.starts_with(b"10.") || host.starts_with(b"192.168."),
        }
}

/// Returns the port with its colon, or nothing.
fn port_of(authority: &str) -> &str {
    let (in_brackets, after) = split_before(authority, b"]");
    split_before(if after.is_empty() { in_brackets } else { after }, b":").1
}

/// Returns whether a segment is `.` or `..`, also with percent-encoded dots.
fn is_dot_segment(segment: &[u8]) -> bool {
    let without_dot = |segment: &[u8]| match segment {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest.len()),
        _ => None,
    };
    match without_dot(segment) {
        Some(0) => true,
        Some(left) => segment.get(segment.len() - left..).and_then(without_dot) == Some(0),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_origin_and_prefix_are_covered() {
        let server = ServerUrl::parse("https://a.example/v1", false).unwrap();
        for url in ["https://a.example/v1", "HTTPS://A.example:443/v1/x", "https://a.example/v1?x#y"] {
            assert!(server.covers(url), "{url}");
        }
        for url in [
            "https://a.example",
            "https://a.example/v10",
            "https://a.example/",
            "http://a.example/v1",
            "https://a.example:444/v1",
            "https://a.example@b.example/v1",
            "https://a.example\\.b.example/v1",
            "https://a.example/v1/../admin",
            "https://a.example/v1/..\\admin",
            "https://a.example/v1/a b",
            "https://a.example/v1/会员",
            "https://a.example/v1/%2E%2e/admin",
            "//a.example/v1",
            "/v1",
            "https:///v1",
            "https://a.example:port/v1",
            "https://a.example:+443/v1",
            "https://a.example:",
            "https://a.example:65979/v1",
            " https://a.example/v1",
        ] {
            assert!(!server.covers(url), "{url}");
        }
    }

    #[test]
    fn endpoints_are_below_the_prefix() {
        for (server, endpoint) in [
            ("https://a.example", "https://a.example/login"),
            ("HTTPS://A.example:443/v1//", "https://a.example/v1/login"),
            ("https://a.example:8443/v1", "https://a.example:8443/v1/login"),
        ] {
            assert_eq!(ServerUrl::parse(server, false).unwrap().endpoint("login"), endpoint);
        }
    }

    #[test]
    fn a_port_is_a_number_of_16_bits() {
        assert!(ServerUrl::parse("https://a.example:65535", false).is_ok());
        for port in ["", "port", "+443", "65536", "4294967296"] {
            assert!(ServerUrl::parse(&["https://a.example:", port].concat(), false).is_err(), "{port}");
        }
    }

    #[test]
    fn http_is_for_the_loopback() {
        for url in ["http://127.0.0.1:8701", "http://localhost:8701/", "http://[::1]:8701"] {
            assert!(ServerUrl::parse(url, false).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.1.example", "http://0.0.0.0", "ftp://a.example", "https://a.example?x", "", "a"] {
            assert!(ServerUrl::parse(url, false).is_err(), "{url}");
        }
    }

    #[test]
    fn hosts_that_parsers_read_differently_are_refused() {
        for host in ["", "user@a.example", "a b.example", "会员.example", "a.example%2f", "a_b.example", "a.example\\x"]
        {
            assert!(ServerUrl::parse(&["https://", host].concat(), false).is_err(), "{host}");
        }
    }

    #[test]
    fn http_in_a_private_network_is_for_development() {
        for host in ["10.0.0.1", "192.168.1.5:8701", "172.16.0.1", "172.31.255.255"] {
            let url = ["http://", host, "/login"].concat();
            assert!(ServerUrl::parse(&url, false).is_err(), "{url}");
            assert!(ServerUrl::parse(&url, true).unwrap().covers(&[&url, "/x"].concat()), "{url}");
        }
        for host in ["172.32.0.1", "172.15.0.1", "192.169.0.1", "8.8.8.8", "10.0.0.1.example", "a.example"] {
            assert!(ServerUrl::parse(&["http://", host].concat(), true).is_err(), "{host}");
        }
    }
}
