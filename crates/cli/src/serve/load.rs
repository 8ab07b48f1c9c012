//! From text to a configuration that works, or to everything that is wrong with it.

use super::{
    fault::Faults,
    gateway, key_file, limits,
    settings::{self, Setting},
    values::Values,
};
use crate::logging::Format;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_server::{Config, DatabaseUrl, ServerKey, SessionRules, SessionStoreUrl, Tls};
use std::{fmt::Display, net::SocketAddr, num::NonZeroU32, path::Path, sync::Arc, time::Duration};
use tracing_subscriber::EnvFilter;

/// The longest life of a session: a year. Longer ones are typing errors.
const LONGEST_SESSION_SECONDS: u64 = 365 * 24 * 60 * 60;

/// Longer, and a logout at another instance would be forgotten for too long.
const LONGEST_STALENESS_SECONDS: u64 = 60;

/// More sessions of one user than this are no devices.
const MOST_SESSIONS_PER_USER: u32 = 1_000;

/// A configuration without faults.
pub(super) struct Loaded {
    pub(super) log_format: Format,
    pub(super) log: EnvFilter,
    pub(super) serving: Serving,
}

/// What the server itself needs.
pub(super) struct Serving {
    pub(super) listen: SocketAddr,
    pub(super) config: Config,
}

/// Checks every setting. `faults` holds what was found wrong before.
pub(super) fn load(values: &Values, faults: Faults) -> Result<Loaded, Faults> {
    let mut loader = Loader { values, faults };
    match loader.load() {
        Some(loaded) if loader.faults.is_empty() => Ok(loaded),
        _ => Err(loader.faults),
    }
}

/// Takes settings one by one, and keeps what is wrong with each.
pub(super) struct Loader<'a> {
    pub(super) values: &'a Values,
    pub(super) faults: Faults,
}

impl Loader<'_> {
    /// `None` always comes with a fault. Nothing returns early: each setting is looked at.
    fn load(&mut self) -> Option<Loaded> {
        let listen = self.or_default(&settings::LISTEN, "127.0.0.1:8701", |text| {
            text.parse::<SocketAddr>()
                .map_err(|_| format!("{text:?} is not an address and port; write it like 127.0.0.1:8701"))
        });
        let database = self.or_default(&settings::DATABASE, "sqlite://.miniauth/miniauth.db", DatabaseUrl::parse);
        let session_store = match self.values.get(&settings::SESSIONS) {
            Some(text) => self.keep(&settings::SESSIONS, SessionStoreUrl::parse(text)).map(Some),
            None => Some(None),
        };
        let gateways = gateway::clients(self);
        let sessions = self.sessions();
        let old_keys = self.old_keys();
        let limits = limits::limits(self);
        let proxies = limits::proxies(self);
        let tls = self.tls();
        let log_format = self.or_default(&settings::LOG_FORMAT, "text", |text| match text {
            "text" => Ok(Format::Text),
            "json" => Ok(Format::Json),
            _ => Err(format!("{text:?} is neither text nor json")),
        });
        let log = self.or_default(&settings::LOG, "info", |text| {
            EnvFilter::try_new(text).map_err(|fault| format!("{text:?} is not a filter like info or debug: {fault}"))
        });
        // Last, since it may make a file, and only a server that will start should.
        let key = self.key(listen, database.as_ref());

        let mut gateways = gateways?.into_iter();
        let config = Config {
            database: database?,
            session_store: session_store?,
            gateway: gateways.next()?,
            further_apps: gateways.collect(),
            key: key?,
            old_keys: old_keys?,
            sessions: sessions?,
            limits: limits?,
            proxies: proxies?,
            tls: tls?,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        Some(Loaded { log_format: log_format?, log: log?, serving: Serving { listen: listen?, config } })
    }

    fn sessions(&mut self) -> Option<SessionRules> {
        let seconds = |text: &str| match text.parse() {
            Ok(seconds) if (1..=LONGEST_SESSION_SECONDS).contains(&seconds) => Ok(Duration::from_secs(seconds)),
            _ => Err(format!("{text:?} is not a number of seconds from 1 to {LONGEST_SESSION_SECONDS} (a year)")),
        };
        let default = SessionRules::default();
        let lifetime =
            self.or_default(&settings::SESSION_LIFETIME_SECONDS, &default.lifetime.as_secs().to_string(), seconds);
        let idle_lifetime = match self.values.get(&settings::SESSION_IDLE_SECONDS) {
            Some(text) => self.keep(&settings::SESSION_IDLE_SECONDS, seconds(text)).map(Some),
            None => Some(None),
        };
        let per_user = self.or_default(&settings::SESSIONS_PER_USER, &default.per_user.to_string(), |text| {
            match text.parse::<NonZeroU32>() {
                Ok(count) if count.get() <= MOST_SESSIONS_PER_USER => Ok(count),
                _ => Err(format!("{text:?} is not a number from 1 to {MOST_SESSIONS_PER_USER}")),
            }
        });
        let staleness = self.or_default(&settings::SESSION_STALENESS_SECONDS, "0", |text| match text.parse() {
            Ok(seconds) if seconds <= LONGEST_STALENESS_SECONDS => Ok(Duration::from_secs(seconds)),
            _ => Err(format!("{text:?} is not a number of seconds from 0 to {LONGEST_STALENESS_SECONDS}")),
        });
        Some(SessionRules {
            lifetime: lifetime?,
            idle_lifetime: idle_lifetime?,
            per_user: per_user?,
            staleness: staleness?,
            ..default
        })
    }

    /// Both files or none.
    fn tls(&mut self) -> Option<Option<Tls>> {
        let files = [&settings::TLS_CERTIFICATE_FILE, &settings::TLS_KEY_FILE].map(|setting| self.values.get(setting));
        match files {
            [Some(certificates), Some(key)] => {
                self.keep(&settings::TLS_CERTIFICATE_FILE, Tls::from_files(certificates, key)).map(Some)
            }
            [None, None] => Some(None),
            [None, _] => {
                self.faults.add(&settings::TLS_CERTIFICATE_FILE, "is missing beside tls_key_file: set both or none");
                None
            }
            [_, None] => {
                self.faults.add(&settings::TLS_KEY_FILE, "is missing beside tls_certificate_file: set both or none");
                None
            }
        }
    }

    fn old_keys(&mut self) -> Option<Vec<ServerKey>> {
        self.each(&settings::OLD_KEY_FILES, |path| key_file::read(Path::new(path)))
    }

    fn key(&mut self, listen: Option<SocketAddr>, database: Option<&DatabaseUrl>) -> Option<ServerKey> {
        if let Some(path) = self.values.get(&settings::KEY_FILE) {
            return self.keep(&settings::KEY_FILE, key_file::read(Path::new(path)));
        }
        if !listen?.ip().is_loopback() {
            self.faults.add(
                &settings::KEY_FILE,
                "is missing, and a server beyond loopback must have it: make one with `openssl rand -base64 32`, readable \
                 by the server alone, and keep it as safe as the database, but apart from it",
            );
            return None;
        }
        let Some(file) = database?.file() else {
            self.faults.add(
                &settings::KEY_FILE,
                "is missing, and servers that share a database must share their key: make one with `openssl rand -base64 \
                 32`, and give the same file to each",
            );
            return None;
        };
        let path = key_file::beside(file);
        if self.faults.is_empty() { self.keep(&settings::KEY_FILE, key_file::read_or_create(&path)) } else { None }
    }

    pub(super) fn required<T, E: Display>(
        &mut self,
        setting: &Setting,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.values.get(setting) {
            Some(text) => self.keep(setting, parse(text)),
            None => {
                self.faults.add(setting, format!("is missing: set it to {what}"));
                None
            }
        }
    }

    pub(super) fn or_default<T, E: Display>(
        &mut self,
        setting: &Setting,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.keep(setting, parse(self.values.get(setting).unwrap_or(default)))
    }

    /// A list, in which each element is looked at.
    pub(super) fn each<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let elements = self.values.get(setting).unwrap_or_default().split(',');
        let elements = elements.map(str::trim).filter(|element| !element.is_empty());
        let parsed: Vec<_> = elements.map(|element| self.keep(setting, parse(element))).collect();
        parsed.into_iter().collect()
    }

    pub(super) fn keep<T, E: Display>(&mut self, setting: &Setting, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.faults.add(setting, fault)).ok()
    }
}
