//! The settings of how much the server takes on, how long it waits and how often a client may ask.

use crate::settings::{self, Reader, Setting};
use ipnet::IpNet;
use miniauth_server::{ForwardingHeader, Limits, TrustedProxies};
use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    time::Duration,
};

/// Longer waits are typing errors: an hour.
const LONGEST_WAIT_SECONDS: u64 = 3_600;

/// `None` comes with an error.
pub(super) fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let default = Limits::default();
    let connections = count(reader, &settings::MAX_CONNECTIONS, default.connections, 1..=1_000_000);
    let requests = count(reader, &settings::MAX_REQUESTS_UNDER_WAY, default.requests, 1..=100_000);
    let header_time = seconds(reader, &settings::HEADER_TIMEOUT_SECONDS, default.header_time);
    let header_bytes =
        count(reader, &settings::MAX_HEADER_BYTES, default.header_bytes, Limits::LEAST_HEADER_BYTES..=1 << 20);
    let body_time = seconds(reader, &settings::BODY_TIMEOUT_SECONDS, default.body_time);
    let body_bytes = count(reader, &settings::MAX_BODY_BYTES, default.body_bytes, 1_024..=default.body_bytes);
    let handshake_time = seconds(reader, &settings::TLS_HANDSHAKE_TIMEOUT_SECONDS, default.handshake_time);
    let per_address = rate(reader, &settings::REQUESTS_PER_MINUTE_PER_ADDRESS, default.requests_per_minute_per_address);
    let per_session = rate(reader, &settings::REQUESTS_PER_MINUTE_PER_SESSION, default.requests_per_minute_per_session);
    let mut limits = default;
    limits.connections = connections?;
    limits.requests = requests?;
    limits.header_time = header_time?;
    limits.header_bytes = header_bytes?;
    limits.body_time = body_time?;
    limits.body_bytes = body_bytes?;
    limits.handshake_time = handshake_time?;
    limits.requests_per_minute_per_address = per_address?;
    limits.requests_per_minute_per_session = per_session?;
    Some(limits)
}

/// `None` comes with an error.
pub(super) fn proxies(reader: &mut Reader<'_>) -> Option<TrustedProxies> {
    let networks = reader.each(&settings::TRUSTED_PROXIES, |text| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{text:?} is neither an address nor a network; write it like 10.0.0.0/8 or fd00::/8"))
    });
    let header = reader.or_default(&settings::PROXY_HEADER, "x-forwarded-for", str::parse::<ForwardingHeader>);
    let mut proxies = TrustedProxies::default();
    proxies.networks = networks?;
    proxies.header = header?;
    Some(proxies)
}

fn count(reader: &mut Reader<'_>, setting: &Setting, default: usize, range: RangeInclusive<usize>) -> Option<usize> {
    reader.or_default(setting, &default.to_string(), |text| match text.parse::<NonZeroUsize>() {
        Ok(number) if range.contains(&number.get()) => Ok(number.get()),
        _ => Err(format!("{text:?} is not a number from {} to {}", range.start(), range.end())),
    })
}

fn seconds(reader: &mut Reader<'_>, setting: &Setting, default: Duration) -> Option<Duration> {
    reader.or_default(setting, &default.as_secs().to_string(), |text| match text.parse() {
        Ok(seconds) if (1..=LONGEST_WAIT_SECONDS).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 1 to {LONGEST_WAIT_SECONDS}")),
    })
}

/// Zero is no limit.
fn rate(reader: &mut Reader<'_>, setting: &Setting, default: Option<NonZeroU32>) -> Option<Option<NonZeroU32>> {
    let default = default.map_or(0, NonZeroU32::get).to_string();
    reader.or_default(setting, &default, |text| match text.parse::<u32>() {
        Ok(requests) if requests <= 1_000_000 => Ok(NonZeroU32::new(requests)),
        _ => Err(format!("{text:?} is not a number from 0 (no limit) to 1000000")),
    })
}
