//! The settings of how much the server takes on, how long it waits and how often a client may ask.

use super::{
    load::Loader,
    settings::{self, Setting},
};
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

/// `None` comes with faults.
pub(super) fn limits(loader: &mut Loader<'_>) -> Option<Limits> {
    let default = Limits::default();
    let connections = count(loader, &settings::MAX_CONNECTIONS, default.connections, 1..=1_000_000);
    let requests = count(loader, &settings::MAX_REQUESTS_UNDER_WAY, default.requests, 1..=100_000);
    let header_time = seconds(loader, &settings::HEADER_TIMEOUT_SECONDS, default.header_time);
    let header_bytes =
        count(loader, &settings::MAX_HEADER_BYTES, default.header_bytes, Limits::LEAST_HEADER_BYTES..=1 << 20);
    let body_time = seconds(loader, &settings::BODY_TIMEOUT_SECONDS, default.body_time);
    let body_bytes = count(loader, &settings::MAX_BODY_BYTES, default.body_bytes, 1_024..=default.body_bytes);
    let handshake_time = seconds(loader, &settings::TLS_HANDSHAKE_TIMEOUT_SECONDS, default.handshake_time);
    let per_address = rate(loader, &settings::REQUESTS_PER_MINUTE_PER_ADDRESS, default.requests_per_minute_per_address);
    let per_session = rate(loader, &settings::REQUESTS_PER_MINUTE_PER_SESSION, default.requests_per_minute_per_session);
    Some(Limits {
        connections: connections?,
        requests: requests?,
        header_time: header_time?,
        header_bytes: header_bytes?,
        body_time: body_time?,
        body_bytes: body_bytes?,
        handshake_time: handshake_time?,
        requests_per_minute_per_address: per_address?,
        requests_per_minute_per_session: per_session?,
    })
}

/// `None` comes with faults.
pub(super) fn proxies(loader: &mut Loader<'_>) -> Option<TrustedProxies> {
    let networks = loader.each(&settings::TRUSTED_PROXIES, |text| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{text:?} is neither an address nor a network; write it like 10.0.0.0/8 or fd00::/8"))
    });
    let header = loader.or_default(&settings::PROXY_HEADER, "x-forwarded-for", str::parse::<ForwardingHeader>);
    Some(TrustedProxies { networks: networks?, header: header? })
}

fn count(loader: &mut Loader<'_>, setting: &Setting, default: usize, range: RangeInclusive<usize>) -> Option<usize> {
    loader.or_default(setting, &default.to_string(), |text| match text.parse::<NonZeroUsize>() {
        Ok(number) if range.contains(&number.get()) => Ok(number.get()),
        _ => Err(format!("{text:?} is not a number from {} to {}", range.start(), range.end())),
    })
}

fn seconds(loader: &mut Loader<'_>, setting: &Setting, default: Duration) -> Option<Duration> {
    loader.or_default(setting, &default.as_secs().to_string(), |text| match text.parse() {
        Ok(seconds) if (1..=LONGEST_WAIT_SECONDS).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 1 to {LONGEST_WAIT_SECONDS}")),
    })
}

/// Zero is no limit.
fn rate(loader: &mut Loader<'_>, setting: &Setting, default: Option<NonZeroU32>) -> Option<Option<NonZeroU32>> {
    let default = default.map_or(0, NonZeroU32::get).to_string();
    loader.or_default(setting, &default, |text| match text.parse::<u32>() {
        Ok(requests) if requests <= 1_000_000 => Ok(NonZeroU32::new(requests)),
        _ => Err(format!("{text:?} is not a number from 0 (no limit) to 1000000")),
    })
}
