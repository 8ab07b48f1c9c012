//! How much the server takes on at once, how long it waits for clients, and how often one of them may ask.

use miniauth_core::wire::MAXIMUM_BODY_BYTES;
use std::{num::NonZeroU32, time::Duration};

/// Bounds that keep memory bounded, whatever clients do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; further ones wait in the system's queue. 16,384 unless it is said otherwise.
    pub connections: usize,
    /// Requests under way; further ones are answered 503 with Retry-After. 1,024 unless it is said otherwise.
    pub requests: usize,
    /// How long a connection may stay without a whole request head, idle ones too. 30 seconds.
    pub header_time: Duration,
    /// The largest request head, in bytes: 32 KiB. At least 8 KiB.
    pub header_bytes: usize,
    /// How long a body may take to arrive. 10 seconds.
    pub body_time: Duration,
    /// The largest body, in bytes: 16 KiB, which is also the most that the wire contract allows.
    pub body_bytes: usize,
    /// How long the TLS handshake may take. 10 seconds.
    pub handshake_time: Duration,
    /// How many requests a minute may come from one address (IPv6: from one /64 network), before 429 with Retry-After.
    /// `None`: any number. 1,200, for many phones share the address of their network.
    ///
    /// The address is known when the router is served with `into_make_service_with_connect_info::<SocketAddr>()`, as
    /// [`Server::serve`](crate::Server::serve) does.
    pub requests_per_minute_per_address: Option<NonZeroU32>,
    /// How many requests a minute may come with one session, before 429 with Retry-After. `None`: any number. 300.
    pub requests_per_minute_per_session: Option<NonZeroU32>,
}

impl Limits {
    /// The least [`Limits::header_bytes`] that the HTTP library takes.
    pub const LEAST_HEADER_BYTES: usize = 8 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            requests: 1_024,
            header_time: Duration::from_secs(30),
            header_bytes: 32 * 1024,
            body_time: Duration::from_secs(10),
            body_bytes: MAXIMUM_BODY_BYTES,
            handshake_time: Duration::from_secs(10),
            requests_per_minute_per_address: NonZeroU32::new(1_200),
            requests_per_minute_per_session: NonZeroU32::new(300),
        }
    }
}
