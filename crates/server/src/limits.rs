//! How much the server takes on at once, and how long it waits for clients.

use std::time::Duration;

/// Bounds that keep memory bounded, whatever clients do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; further ones wait in the system's queue. 16,384 unless it is said otherwise.
    pub connections: usize,
    /// Requests under way; further ones are answered 503 with Retry-After. 1,024 unless it is said otherwise.
    pub requests: usize,
    /// How long a connection may stay without a whole request head, idle ones too. 30 seconds.
    pub header_time: Duration,
    /// How long a body may take to arrive. 10 seconds.
    pub body_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            requests: 1_024,
            header_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
        }
    }
}
