//! What the server needs to be told. Reading files and environment variables is the program's business, not the library's.

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

/// The server's configuration: [`Config::new`] has the defaults, and every field can be set.
#[non_exhaustive]
pub struct Config {
    /// Where the data is kept.
    pub database: DatabaseUrl,
    /// Where sessions are kept; `None` is in the database.
    pub session_store: Option<SessionStoreUrl>,
    /// The open platform, and as which app the server speaks to it.
    pub gateway: Gateway,
    /// Further apps of the same server, each with its gateway. With more than one app, each has its endpoints under
    /// `/apps/{app_id}/`; with one, it has them at the root too. What belongs to one app is not there for another.
    pub further_apps: Vec<Gateway>,
    /// Seals tokens and derives sessions.
    pub key: ServerKey,
    /// Keys that sealed tokens before: they still open them, and seal nothing new.
    pub old_keys: Vec<ServerKey>,
    /// How long sessions live, and how many of them a user has.
    pub session_rules: SessionRules,
    /// For which back-ends there are signed tokens, and how long these and their keys live.
    pub tokens: TokenRules,
    /// How long a back-end may keep what it was told of a living session: so long a logout is not noticed there. 10 seconds.
    pub introspection_max_age: Duration,
    /// Where the platform's messages are taken ([`MessagesPath`]), each app's under `/apps/{app_id}`, those of an only app at
    /// the root too. `None`: nowhere, and nobody hears of it when a user takes the consent back.
    pub platform_messages: Option<MessagesPath>,
    /// What becomes of a user who took the consent back.
    pub after_withdrawal: AfterWithdrawal,
    /// A folder of this instance alone, not where the database is, in which erasures and withdrawals are written down, so that
    /// they can be done again when a backup was restored. `None`: they are not.
    pub erasure_journal: Option<PathBuf>,
    /// For how long the audit is kept: who did what to which subject and when. A year (366 days) unless it is said otherwise.
    pub audit_retention: Duration,
    /// How much the server takes on at once.
    pub limits: Limits,
    /// Whose word about the addresses of clients is taken.
    pub proxies: TrustedProxies,
    /// In which networks those are whose trace context (`traceparent`) is taken: they decide then to which trace a request belongs,
    /// and whether it is sent. Back-ends, and proxies that do not pass on what clients send. With none, which is the default, each
    /// request is a trace of its own.
    pub trace_context_from: Vec<IpNet>,
    /// Encrypts the connections that [`Server::serve`](crate::Server::serve) takes. `None`: a proxy in front does that.
    pub tls: Option<Tls>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Fills salts and nonces.
    pub random: Arc<dyn Random>,
}

impl Config {
    /// A configuration with the defaults for everything that has one.
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

/// Bounds that keep memory bounded, whatever clients do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Open connections; further ones wait in the system's queue. 16,384 unless it is said otherwise.
    pub connections: usize,
    /// Open connections of one address (IPv6: of one /64 network; a /48 has four times as many); further ones are closed at once,
    /// since an answer would cost what this saves. `None`: an eighth of `connections`, at least one. Addresses of trusted proxies
    /// are not limited.
    pub connections_per_address: Option<NonZeroUsize>,
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
    /// How long a client may leave an answer unread, once the system's buffer of some 64 KiB is full. 10 seconds.
    pub write_time: Duration,
    /// How long the TLS handshake may take. 10 seconds.
    pub handshake_time: Duration,
    /// How many requests a minute may come from one address (IPv6: from one /64 network), before 429 with Retry-After.
    /// `None`: any number. 1,200, for many phones share the address of their network.
    ///
    /// [`Server::serve`](crate::Server::serve) knows the addresses; [`Server::run`](crate::Server::run) needs to be told.
    pub requests_per_minute_per_address: Option<NonZeroU32>,
    /// How many requests a minute may come with one session, before 429 with Retry-After. `None`: any number. 300.
    pub requests_per_minute_per_session: Option<NonZeroU32>,
    /// How many logins a minute may fail from one address (IPv6: from one /64 network) because the platform does not know their
    /// codes, before 429 with Retry-After: each costs a call of the gateway. `None`: any number. 120.
    pub failed_logins_per_minute_per_address: Option<NonZeroU32>,
    /// How many messages in the platform's name a minute may come from one address, before 429 with Retry-After: each costs two
    /// checks of a signature, whoever sent it. `None`: any number. 300; what is refused, the platform posts again.
    pub platform_messages_per_minute_per_address: Option<NonZeroU32>,
    /// How many questions a minute one back-end may ask about sessions, before 429 with Retry-After. `None`: any number. 60,000; the
    /// limits of clients do not count for back-ends.
    pub introspections_per_minute_per_backend: Option<NonZeroU32>,
    /// How often a minute a back-end's name or secret may be said wrongly from one address, before 429 with Retry-After. `None`: any
    /// number. 120.
    pub failed_introspections_per_minute_per_address: Option<NonZeroU32>,
    /// How many requests a minute a proxy at one address may ask about (`/forward-auth`), before 429 with Retry-After. `None`: any
    /// number. 60,000; the limits of clients do not count for it.
    pub forward_auths_per_minute_per_address: Option<NonZeroU32>,
}

impl Limits {
    /// The least [`Limits::header_bytes`] that the HTTP library takes.
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

/// How long sessions live, and how many of them a user has. Whole seconds count.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionRules {
    /// The longest life of a session, from its login on, used or not. A week unless it is said otherwise.
    pub lifetime: Duration,
    /// A session that is not used for this long expires; each use prolongs it, never beyond `lifetime`. `None` (the
    /// default): sessions live for `lifetime`, used or not.
    pub idle_lifetime: Option<Duration>,
    /// How many sessions a user of an app has at most: with 1, only the newest login counts; otherwise that many
    /// devices. A login beyond that ends the oldest session. 20 unless it is said otherwise.
    pub per_user: NonZeroU32,
    /// How long this instance may take a session to be as it was when it asked the store, which spares the store's work. What this
    /// instance itself changes counts at once; a logout, an erasure or a refresh at another instance counts here only
    /// after this long. Zero (the default): every check asks the store.
    pub staleness: Duration,
    /// How often sessions that have expired are deleted. A minute unless it is said otherwise.
    pub clean_up_every: Duration,
}

impl SessionRules {
    /// The default of [`SessionRules::lifetime`].
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// The default of [`SessionRules::per_user`].
    pub const DEFAULT_PER_USER: NonZeroU32 = NonZeroU32::new(20).unwrap();

    /// When a session that was made at `created_at` expires, however much it is used.
    pub(crate) fn longest(&self, created_at: Timestamp) -> Timestamp {
        created_at.plus_seconds(self.lifetime.as_secs())
    }

    /// When a session expires that was made at `created_at` and is used at `now`.
    pub(crate) fn end(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        let longest = self.longest(created_at);
        match self.idle_lifetime {
            Some(idle) => longest.min(now.plus_seconds(idle.as_secs())),
            None => longest,
        }
    }

    /// The end to write down for a session that is used at `now`, if it is worth a write: not each use is, but only when
    /// a sixteenth of the idle life is gained.
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
    fn use_prolongs_in_steps_and_never_beyond_the_longest_life() {
        let rules = SessionRules {
            lifetime: Duration::from_secs(1_000),
            idle_lifetime: Some(Duration::from_secs(160)),
            ..SessionRules::default()
        };
        let at = Timestamp::from_seconds;
        assert_eq!(rules.end(at(0), at(0)), at(160));
        assert_eq!(rules.prolonged(at(0), at(160), at(10)), None, "too little is gained");
        assert_eq!(rules.prolonged(at(0), at(160), at(11)), Some(at(171)));
        assert_eq!(rules.prolonged(at(0), at(960), at(900)), Some(at(1_000)));
        assert_eq!(rules.prolonged(at(0), at(1_000), at(950)), None);
        assert_eq!(SessionRules::default().prolonged(at(0), at(604_800), at(500_000)), None);
    }
}
