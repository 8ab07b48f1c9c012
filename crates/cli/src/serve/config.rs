//! From text to a configuration that works, or to everything that is wrong with it.

use super::{gateway, key_file, limits};
use crate::{
    logging::Format,
    settings::{self, Reader, SettingsError, Values},
};
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_server::{Config, DatabaseUrl, ServerKey, SessionRules, SessionStoreUrl, Tls};
use std::{net::SocketAddr, num::NonZeroU32, path::Path, sync::Arc, time::Duration};
use tracing_subscriber::EnvFilter;

/// The longest life of a session: a year. Longer ones are typing errors.
const LONGEST_SESSION_SECONDS: u64 = 365 * 24 * 60 * 60;

/// Longer, and a logout at another instance would be forgotten for too long.
const LONGEST_STALENESS_SECONDS: u64 = 60;

/// More sessions of one user than this are no devices.
const MOST_SESSIONS_PER_USER: u32 = 1_000;

/// A configuration without errors.
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

/// Checks every setting; nothing returns early. `error` holds what was found wrong before.
pub(super) fn load(values: &Values, error: SettingsError) -> Result<Loaded, SettingsError> {
    let mut reader = Reader { values, error };
    match read(&mut reader) {
        Some(loaded) if reader.error.is_empty() => Ok(loaded),
        _ => Err(reader.error),
    }
}

fn read(reader: &mut Reader<'_>) -> Option<Loaded> {
    let listen = reader.or_default(&settings::LISTEN, "127.0.0.1:8701", |text| {
        text.parse::<SocketAddr>()
            .map_err(|_| format!("{text:?} is not an address and port; write it like 127.0.0.1:8701"))
    });
    let database = reader.or_default(&settings::DATABASE, "sqlite://.miniauth/miniauth.db", DatabaseUrl::parse);
    let session_store = match reader.values.get(&settings::SESSION_STORE) {
        Some(text) => reader.keep(&settings::SESSION_STORE, SessionStoreUrl::parse(text)).map(Some),
        None => Some(None),
    };
    let gateways = gateway::clients(reader);
    let session_rules = session_rules(reader);
    let old_keys = reader.each(&settings::OLD_KEY_FILES, |path| key_file::read(Path::new(path)));
    let limits = limits::limits(reader);
    let proxies = limits::proxies(reader);
    let tls = tls(reader);
    let log_format = reader.or_default(&settings::LOG_FORMAT, "text", |text| match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        _ => Err(format!("{text:?} is neither text nor json")),
    });
    let log = reader.or_default(&settings::LOG, "info", |text| {
        EnvFilter::try_new(text).map_err(|error| format!("{text:?} is not a filter like info or debug: {error}"))
    });
    // Last, since it may make a file, and only a server that will start should.
    let key = key(reader, listen, database.as_ref());

    let mut gateways = gateways?.into_iter();
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut config = Config::new(database?, gateways.next()?, key?, clock, random);
    config.session_store = session_store?;
    config.further_apps = gateways.collect();
    config.old_keys = old_keys?;
    config.session_rules = session_rules?;
    config.limits = limits?;
    config.proxies = proxies?;
    config.tls = tls?;
    Some(Loaded { log_format: log_format?, log: log?, serving: Serving { listen: listen?, config } })
}

fn session_rules(reader: &mut Reader<'_>) -> Option<SessionRules> {
    let seconds = |text: &str| match text.parse() {
        Ok(seconds) if (1..=LONGEST_SESSION_SECONDS).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 1 to {LONGEST_SESSION_SECONDS} (a year)")),
    };
    let default = SessionRules::default();
    let lifetime =
        reader.or_default(&settings::SESSION_LIFETIME_SECONDS, &default.lifetime.as_secs().to_string(), seconds);
    let idle_lifetime = match reader.values.get(&settings::SESSION_IDLE_SECONDS) {
        Some(text) => reader.keep(&settings::SESSION_IDLE_SECONDS, seconds(text)).map(Some),
        None => Some(None),
    };
    let per_user = reader.or_default(&settings::SESSIONS_PER_USER, &default.per_user.to_string(), |text| {
        match text.parse::<NonZeroU32>() {
            Ok(count) if count.get() <= MOST_SESSIONS_PER_USER => Ok(count),
            _ => Err(format!("{text:?} is not a number from 1 to {MOST_SESSIONS_PER_USER}")),
        }
    });
    let staleness = reader.or_default(&settings::SESSION_STALENESS_SECONDS, "0", |text| match text.parse() {
        Ok(seconds) if seconds <= LONGEST_STALENESS_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 0 to {LONGEST_STALENESS_SECONDS}")),
    });
    let mut rules = default;
    rules.lifetime = lifetime?;
    rules.idle_lifetime = idle_lifetime?;
    rules.per_user = per_user?;
    rules.staleness = staleness?;
    Some(rules)
}

/// Both files or none.
fn tls(reader: &mut Reader<'_>) -> Option<Option<Tls>> {
    let files = [&settings::TLS_CERTIFICATE_FILE, &settings::TLS_KEY_FILE].map(|setting| reader.values.get(setting));
    match files {
        [Some(certificates), Some(key)] => {
            reader.keep(&settings::TLS_CERTIFICATE_FILE, Tls::from_files(certificates, key)).map(Some)
        }
        [None, None] => Some(None),
        [None, _] => {
            reader.error.add(&settings::TLS_CERTIFICATE_FILE, "is missing beside tls_key_file: set both or none");
            None
        }
        [_, None] => {
            reader.error.add(&settings::TLS_KEY_FILE, "is missing beside tls_certificate_file: set both or none");
            None
        }
    }
}

fn key(reader: &mut Reader<'_>, listen: Option<SocketAddr>, database: Option<&DatabaseUrl>) -> Option<ServerKey> {
    if let Some(path) = reader.values.get(&settings::KEY_FILE) {
        return reader.keep(&settings::KEY_FILE, key_file::read(Path::new(path)));
    }
    if !listen?.ip().is_loopback() {
        reader.error.add(
            &settings::KEY_FILE,
            "is missing, and a server beyond loopback must have it: make one with `openssl rand -base64 32`, readable \
             by the server alone, and keep it as safe as the database, but apart from it",
        );
        return None;
    }
    let Some(file) = database?.file() else {
        reader.error.add(
            &settings::KEY_FILE,
            "is missing, and servers that share a database must share their key: make one with `openssl rand -base64 \
             32`, and give the same file to each",
        );
        return None;
    };
    let path = key_file::beside(file);
    if reader.error.is_empty() { reader.keep(&settings::KEY_FILE, key_file::read_or_create(&path)) } else { None }
}
