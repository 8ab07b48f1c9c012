//! The server's configuration. The library does not read files or environment variables; the program does.

use crate::{
    crypto::ServerKey,
    http::MessagesPath,
    rate::TrustedProxies,
    store::{AfterWithdrawal, DatabaseUrl, SessionStoreUrl},
    tls::Tls,
    tokens::TokenRules,
};
use ipnet::IpNet;
use miniauth_core::{
    random::Random,
    time::{Clock, Timestamp},
    wire::MAXIMUM_BODY_BYTES,
};
use miniauth_openplatform::Gateway;
use std::{
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// The server's configuration. [`Config::new`] sets the defaults, and every field can be changed.
#[non_exhaustive]
pub struct Config {
    /// Where the data is stored.
    pub database: DatabaseUrl,
    /// Where sessions are stored. `None`: in the database.
    pub session_store: Option<SessionStoreUrl>,
    /// The client of the open platform, for the server's app.
    pub gateway: Gateway,
    /// More apps of the same server, each with its gateway. The endpoints of an app are under `/apps/{app_id}/`; if there is only one
    /// app, they are at the root too. Apps do not see each other's data.
    pub further_apps: Vec<Gateway>,
    /// Encrypts tokens and derives sessions.
    pub key: ServerKey,
    /// Earlier keys. They can still decrypt tokens, but encrypt nothing new.
    pub old_keys: Vec<ServerKey>,
    /// How long sessions are valid, and how many a user can have.
    pub session_rules: SessionRules,
    /// The back-ends that get signed tokens, and how long tokens and keys are valid.
    pub tokens: TokenRules,
    /// How long a back-end may cache the answer about a valid session. It notices a logout only after that time. 10 seconds by default.
    pub introspection_max_age: Duration,
    /// The path of the platform's messages ([`MessagesPath`]), under `/apps/{app_id}` for each app, and at the root too if there is only
    /// one. `None`: the server accepts no messages, and does not notice when a user withdraws consent.
    pub platform_messages: Option<MessagesPath>,
    /// What happens to the data of a user who withdrew consent.
    pub after_withdrawal: AfterWithdrawal,
    /// The folder of the erasure journal, which records erasures and withdrawals so that they can be repeated after a
    /// backup was restored. Each instance needs its own, on another disk than the database. `None`: there is no
    /// journal.
    pub erasure_journal: Option<PathBuf>,
    /// How long audit rows (who did what to which subject, and when) are kept. A year (366 days) by default.
    pub audit_retention: Duration,
    /// How much the server does at once.
    pub limits: Limits,
    /// The proxies that may say what a client's address is.
    pub proxies: TrustedProxies,
    /// The networks whose trace context (`traceparent`) is accepted. A caller there decides which trace a request
    /// belongs to, and whether it is sent. List back-ends, and proxies that do not forward clients' headers. By default
    /// there are none, and each request is a separate trace.
    pub trace_context_from: Vec<IpNet>,
    /// TLS for the connections of [`Server::serve`](crate::Server::serve). `None`: a proxy in front does that.
    pub tls: Option<Tls>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of salts and nonces.
    pub random: Arc<dyn Random>,
}

impl Config {
    /// A configuration with default values.
    pub fn new(
        database: DatabaseUrl,
        gateway: Gateway,
        key: ServerKey,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            database,
            session_store: None,
            gateway,
            further_apps: Vec::new(),
            key,
            old_keys: Vec::new(),
            session_rules: SessionRules::default(),
            tokens: TokenRules::default(),
            introspection_max_age: Duration::from_secs(10),
            platform_messages: Some(MessagesPath::default()),
            after_withdrawal: AfterWithdrawal::default(),
            erasure_journal: None,
            audit_retention: Duration::from_secs(366 * 24 * 60 * 60),
            limits: Limits::default(),
            proxies: TrustedProxies::default(),
            trace_context_from: Vec::new(),
            tls: None,
            clock,
            random,
        }
    }
}

/// Limits that keep memory bounded, whatever clients do. A request beyond a rate limit gets 429 with Retry-After.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum number of open connections; others wait in the system's queue. 16,384 by default.
    pub connections: usize,
    /// The maximum number of open connections from one address (IPv6: from one /64 network; a /48 gets four times as many). Others are closed at
    /// once, because an answer would cost what this saves. `None`: an eighth of `connections`, at least one. Trusted proxies have
    /// no such limit.
    pub connections_per_address: Option<NonZeroUsize>,
    /// The maximum number of requests in progress; others get 503 with Retry-After. 1,024 by default.
    pub requests: usize,
    /// How long a connection may take to send a complete request head; idle connections are closed after this too. 30 seconds.
    pub header_time: Duration,
    /// The largest request head, in bytes: 32 KiB. At least 8 KiB.
    pub header_bytes: usize,
    /// How long a body may take to arrive. 10 seconds.
    pub body_time: Duration,
    /// The largest body, in bytes: 16 KiB, which is also the largest that can be set.
    pub body_bytes: usize,
    /// How long a client may leave an answer unread, once the system's buffer of about 64 KiB is full. 10 seconds.
    pub write_time: Duration,
    /// How long the TLS handshake may take. 10 seconds.
    pub handshake_time: Duration,
    /// Requests per minute from one address (IPv6: from one /64 network). `None`: no limit. 1,200 by default, because many phones share the
    /// address of their network.
    ///
    /// [`Server::serve`](crate::Server::serve) knows the addresses; for [`Server::run`](crate::Server::run) see there.
    pub requests_per_minute_per_address: Option<NonZeroU32>,
    /// Requests per minute with one session. `None`: no limit. 300 by default.
    pub requests_per_minute_per_session: Option<NonZeroU32>,
    /// Failed logins per minute from one address (IPv6: from one /64 network) whose code the platform does not know. Each costs a call of the
    /// gateway. `None`: no limit. 120 by default.
    pub failed_logins_per_minute_per_address: Option<NonZeroU32>,
    /// Messages per minute to the path of the platform's messages from one address. Each costs two signature checks, even if it is forged. `None`: no
    /// limit. 300 by default; the platform repeats a message that was refused.
    pub platform_messages_per_minute_per_address: Option<NonZeroU32>,
    /// Introspections per minute of one back-end. `None`: no limit. 60,000 by default. The limits for clients do not apply to
    /// back-ends.
    pub introspections_per_minute_per_backend: Option<NonZeroU32>,
    /// Requests per minute from one address with a wrong name or secret of a back-end. `None`: no limit. 120 by default.
    pub failed_introspections_per_minute_per_address: Option<NonZeroU32>,
    /// Requests per minute to `/forward-auth` from one proxy. `None`: no limit. 60,000 by default. The limits for clients do not apply to it.
    pub forward_auths_per_minute_per_address: Option<NonZeroU32>,
}

impl Limits {
    /// The smallest value of [`Limits::header_bytes`] that the HTTP library accepts.
    pub const LEAST_HEADER_BYTES: usize = 8 * 1024;

    pub(crate) fn connections_of_an_address(&self) -> usize {
        self.connections_per_address.map_or(self.connections / 8, NonZeroUsize::get).max(1)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connections_per_address: None,
            requests: 1_024,
            header_time: Duration::from_secs(30),
            header_bytes: 32 * 1024,
            body_time: Duration::from_secs(10),
            body_bytes: MAXIMUM_BODY_BYTES,
            write_time: Duration::from_secs(10),
            handshake_time: Duration::from_secs(10),
            requests_per_minute_per_address: NonZeroU32::new(1_200),
            requests_per_minute_per_session: NonZeroU32::new(300),
            failed_logins_per_minute_per_address: NonZeroU32::new(120),
            platform_messages_per_minute_per_address: NonZeroU32::new(300),
            introspections_per_minute_per_backend: NonZeroU32::new(60_000),
            failed_introspections_per_minute_per_address: NonZeroU32::new(120),
            forward_auths_per_minute_per_address: NonZeroU32::new(60_000),
        }
    }
}

/// How long sessions are valid, and how many a user can have. Fractions of a second are ignored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionRules {
    /// How long a session is valid after its login at most. A week by default.
    pub lifetime: Duration,
    /// A session that is not used for this long expires. Each use extends it, but never beyond `lifetime`. `None` (the default): only
    /// `lifetime` counts.
    pub idle_lifetime: Option<Duration>,
    /// The maximum number of sessions of a user of an app. With 1, only the newest login is valid. A login beyond the maximum ends the
    /// oldest session. 20 by default.
    pub per_user: NonZeroU32,
    /// How long this instance may cache a session instead of asking the store. Changes by this instance take effect at once. It notices a
    /// logout, an erasure or a refresh at another instance only after this time. Zero (the default): every check asks the
    /// store.
    pub staleness: Duration,
    /// How often expired sessions are deleted. Once a minute by default.
    pub clean_up_every: Duration,
}

impl SessionRules {
    /// The default of [`SessionRules::lifetime`].
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// The default of [`SessionRules::per_user`].
    pub const DEFAULT_PER_USER: NonZeroU32 = NonZeroU32::new(20).unwrap();

    /// Returns when a session that was created at `created_at` expires at the latest.
    pub(crate) fn longest(&self, created_at: Timestamp) -> Timestamp {
        created_at.plus_seconds(self.lifetime.as_secs())
    }

    /// Returns when a session that was created at `created_at` and is used at `now` expires.
    pub(crate) fn end(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        let longest = self.longest(created_at);
        match self.idle_lifetime {
            Some(idle) => longest.min(now.plus_seconds(idle.as_secs())),
            None => longest,
        }
    }

    /// Returns the new expiry of a session that is used at `now`, if it is worth a write: if it is later by at least a
    /// sixteenth of the idle time.
    pub(crate) fn prolonged(&self, created_at: Timestamp, stored_end: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let step = u64::try_from(self.idle_lifetime?.as_millis()).unwrap_or(u64::MAX) / 16;
        let end = self.end(created_at, now);
        (end.millis_since(stored_end) > step).then_some(end)
    }
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            lifetime: Self::DEFAULT_LIFETIME,
            idle_lifetime: None,
            per_user: Self::DEFAULT_PER_USER,
            staleness: Duration::ZERO,
            clean_up_every: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_extends_a_session_in_steps_up_to_its_lifetime() {
        let rules = SessionRules {
            lifetime: Duration::from_secs(1_000),
            idle_lifetime: Some(Duration::from_secs(160)),
            ..SessionRules::default()
        };
        let at = Timestamp::from_seconds;
        assert_eq!(rules.end(at(0), at(0)), at(160));
        assert_eq!(rules.prolonged(at(0), at(160), at(10)), None, "the gain is too small");
        assert_eq!(rules.prolonged(at(0), at(160), at(11)), Some(at(171)));
        assert_eq!(rules.prolonged(at(0), at(960), at(900)), Some(at(1_000)));
        assert_eq!(rules.prolonged(at(0), at(1_000), at(950)), None);
        assert_eq!(SessionRules::default().prolonged(at(0), at(604_800), at(500_000)), None);
    }
}
