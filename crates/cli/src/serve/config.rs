//! Turns the settings into a working configuration, or into a list of all faults.

use super::{gateway, warnings};
use crate::{
    command::{self, LogFormat},
    settings::{self, Reader, Setting, SettingsError, Values},
};
use ipnet::IpNet;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_server::{
    AfterWithdrawal, Audience, AudienceName, Collector, Config, DatabaseUrl, ForwardingHeader, Limits, MessagesPath,
    ServerKey, SessionRules, SessionStoreUrl, Tls, TokenRules, TrustedProxies,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fs,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tracing_subscriber::EnvFilter;

/// The longest lifetime of a session: a year. A longer one is a typing error.
const LONGEST_SESSION_SECONDS: u64 = 365 * 24 * 60 * 60;

/// The longest staleness of a session: a logout at another instance goes unnoticed for this long.
const LONGEST_STALENESS_SECONDS: u64 = 60;

/// The most sessions per user: nobody has more devices.
const MOST_SESSIONS_PER_USER: u32 = 1_000;

/// A configuration without errors.
pub(super) struct Loaded {
    /// Problems that do not keep the server from starting.
    pub(super) warnings: Vec<String>,
    pub(super) log_format: LogFormat,
    pub(super) log: EnvFilter,
    /// The collector for traces, if any, and the percentage of traced requests.
    pub(super) traces: Option<(Collector, u8)>,
    pub(super) serving: Serving,
}

/// The part of the configuration for the server itself.
pub(super) struct Serving {
    pub(super) listen: SocketAddr,
    /// The address of the operators' separate listener, if any.
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) config: Config,
}

/// Checks every setting without stopping at the first fault. `error` holds earlier faults.
pub(super) fn load(values: &Values, error: SettingsError) -> Result<Loaded, SettingsError> {
    let mut reader = Reader { values, error };
    match read(&mut reader) {
        Some(loaded) if reader.error.is_empty() => Ok(loaded),
        _ => Err(reader.error),
    }
}

fn read(reader: &mut Reader<'_>) -> Option<Loaded> {
    let listen = reader.or_default(&settings::LISTEN, "127.0.0.1:8701", |text| socket(text, "127.0.0.1:8701"));
    let metrics_listen = match reader.values.get(&settings::METRICS_LISTEN) {
        Some(text) => reader.keep(&settings::METRICS_LISTEN, socket(text, "127.0.0.1:8703")).map(Some),
        None => Some(None),
    };
    let (database, session_store) = (database(reader), session_store(reader));
    let gateways = gateway::clients(reader);
    let session_rules = session_rules(reader);
    let old_keys = reader.each(&settings::OLD_KEY_FILES, |path| read_key(Path::new(path)));
    let tokens = tokens(reader);
    let introspection_max_age = reader.or_default(&settings::INTROSPECTION_MAX_AGE_SECONDS, "10", staleness);
    let platform_messages = platform_messages(reader);
    let after_withdrawal = after_withdrawal(reader);
    let erasure_journal = erasure_journal(reader.values);
    let audit_retention = audit_retention(reader);
    let limits = limits(reader);
    let proxies = proxies(reader);
    let tls = tls(reader);
    let log_format = reader.or_default(&settings::LOG_FORMAT, "text", |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{text:?} is neither text nor json")),
    });
    let log = log_filter(reader);
    let traces = traces(reader);
    let trace_context_from = networks(reader, &settings::TRACE_CONTEXT_FROM);
    // Last, because it may create a file, and only a server that will start should do that.
    let key = key(reader, listen, database.as_ref());
    let warnings = warnings::of(reader.values, database.as_ref().and_then(DatabaseUrl::file), proxies.as_ref());

    let mut gateways = gateways?.into_iter();
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut config = Config::new(database?, gateways.next()?, key?, clock, random);
    config.session_store = session_store?;
    config.further_apps = gateways.collect();
    config.old_keys = old_keys?;
    config.session_rules = session_rules?;
    config.tokens = tokens?;
    config.introspection_max_age = introspection_max_age?;
    config.platform_messages = platform_messages?;
    config.after_withdrawal = after_withdrawal?;
    config.erasure_journal = erasure_journal;
    config.audit_retention = audit_retention?;
    config.limits = limits?;
    config.proxies = proxies?;
    config.trace_context_from = trace_context_from?;
    config.tls = tls?;
    let serving = Serving { listen: listen?, metrics_listen: metrics_listen?, config };
    Some(Loaded { warnings, log_format: log_format?, log: log?, traces: traces?, serving })
}

fn socket(text: &str, example: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an address and port; write it like {example}"))
}

/// Returns the log filter of reloaded settings.
pub(super) fn log(values: &Values, error: SettingsError) -> Result<EnvFilter, SettingsError> {
    let mut reader = Reader { values, error };
    match log_filter(&mut reader) {
        Some(filter) if reader.error.is_empty() => Ok(filter),
        _ => Err(reader.error),
    }
}

/// Reads the collector and percentage of traces; `None` comes with an error.
fn traces(reader: &mut Reader<'_>) -> Option<Option<(Collector, u8)>> {
    let collector = match reader.values.get(&settings::TRACES) {
        Some(text) => reader
            .keep(&settings::TRACES, text.parse::<Collector>().map_err(|error| format!("{text:?} is {error}")))
            .map(Some),
        None => Some(None),
    };
    let percent = reader.or_default(&settings::TRACES_PERCENT, "100", |text| match text.parse::<u8>() {
        Ok(percent) if percent <= 100 => Ok(percent),
        _ => Err(format!("{text:?} is not a number from 0 to 100")),
    });
    let (collector, percent) = (collector?, percent?);
    Some(collector.map(|collector| (collector, percent)))
}

fn log_filter(reader: &mut Reader<'_>) -> Option<EnvFilter> {
    reader.or_default(&settings::LOG, "info", |text| {
        EnvFilter::try_new(text).map_err(|error| format!("{text:?} is not a filter like info or debug: {error}"))
    })
}

/// Reads the database's address; `None` comes with an error.
pub(crate) fn database(reader: &mut Reader<'_>) -> Option<DatabaseUrl> {
    reader.or_default(&settings::DATABASE, "sqlite://.miniauth/miniauth.db", DatabaseUrl::parse)
}

/// Reads the address of a separate session store, if any; `None` comes with an error.
pub(crate) fn session_store(reader: &mut Reader<'_>) -> Option<Option<SessionStoreUrl>> {
    match reader.values.get(&settings::SESSION_STORE) {
        Some(text) => reader.keep(&settings::SESSION_STORE, SessionStoreUrl::parse(text)).map(Some),
        None => Some(None),
    }
}

/// Reads the path for the platform's messages, if it is not off; `None` comes with an error.
pub(crate) fn platform_messages(reader: &mut Reader<'_>) -> Option<Option<MessagesPath>> {
    let default = MessagesPath::default().to_string();
    reader.or_default(&settings::PLATFORM_MESSAGES, &default, |text| match text {
        "off" => Ok(None),
        path => path.parse::<MessagesPath>().map(Some).map_err(|error| format!("{path:?}: {error}; or off")),
    })
}

/// Reads what a withdrawal of consent erases; `None` comes with an error.
pub(crate) fn after_withdrawal(reader: &mut Reader<'_>) -> Option<AfterWithdrawal> {
    reader.or_default(&settings::AFTER_WITHDRAWAL, "erase_member", |text| {
        text.parse::<AfterWithdrawal>().map_err(|error| format!("{text:?} is not a choice: {error}"))
    })
}

/// Reads the folder of the erasure journal, if any.
pub(crate) fn erasure_journal(values: &Values) -> Option<PathBuf> {
    values.get(&settings::ERASURE_JOURNAL).map(PathBuf::from)
}

/// The longest retention of the audit: ten years. No law that we know of requires more; a longer one is a typing error.
const LONGEST_AUDIT_DAYS: u64 = 3_660;

fn audit_retention(reader: &mut Reader<'_>) -> Option<Duration> {
    reader.or_default(&settings::AUDIT_DAYS, "366", |text| match text.parse::<u64>() {
        Ok(days) if (1..=LONGEST_AUDIT_DAYS).contains(&days) => Ok(Duration::from_secs(days * 24 * 60 * 60)),
        _ => Err(format!("{text:?} is not a number of days from 1 to {LONGEST_AUDIT_DAYS}")),
    })
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
    let staleness = reader.or_default(&settings::SESSION_STALENESS_SECONDS, "0", staleness);
    let mut rules = default;
    rules.lifetime = lifetime?;
    rules.idle_lifetime = idle_lifetime?;
    rules.per_user = per_user?;
    rules.staleness = staleness?;
    Some(rules)
}

/// Parses how long a session may be cached.
fn staleness(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds <= LONGEST_STALENESS_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 0 to {LONGEST_STALENESS_SECONDS}")),
    }
}

/// The longest use of a key: a year. A key that leaked unnoticed must not stay valid for longer.
const LONGEST_KEY_DAYS: u64 = 365;

/// The shortest lifetime of a token: it must reach a back-end over a slow network before it expires.
const SHORTEST_TOKEN_SECONDS: u64 = 10;

/// Reads the rules for signed tokens; `None` comes with an error.
fn tokens(reader: &mut Reader<'_>) -> Option<TokenRules> {
    let without_ids = reader.each(&settings::TOKEN_AUDIENCES, str::parse::<AudienceName>);
    let with_ids = reader.each(&settings::TOKEN_AUDIENCES_WITH_IDS, str::parse::<AudienceName>);
    let default = TokenRules::default();
    let issuer = reader.or_default(&settings::TOKEN_ISSUER, &default.issuer, str::parse::<AudienceName>);
    let longest = TokenRules::LONGEST_LIFETIME.as_secs();
    let lifetime =
        reader.or_default(&settings::TOKEN_LIFETIME_SECONDS, &longest.to_string(), |text| match text.parse() {
            Ok(seconds) if (SHORTEST_TOKEN_SECONDS..=longest).contains(&seconds) => Ok(Duration::from_secs(seconds)),
            _ => Err(format!("{text:?} is not a number of seconds from {SHORTEST_TOKEN_SECONDS} to {longest}")),
        });
    let key_period = reader.or_default(&settings::TOKEN_KEY_DAYS, "30", |text| match text.parse::<u64>() {
        Ok(days) if (1..=LONGEST_KEY_DAYS).contains(&days) => Ok(Duration::from_secs(days * 24 * 60 * 60)),
        _ => Err(format!("{text:?} is not a number of days from 1 to {LONGEST_KEY_DAYS}")),
    });
    let audiences = |names: Vec<AudienceName>, ids| names.into_iter().map(move |name| Audience { name, ids });
    let audiences: Vec<_> = audiences(without_ids?, false).chain(audiences(with_ids?, true)).collect();
    for (index, audience) in audiences.iter().enumerate() {
        if audiences[..index].iter().any(|other| other.name == audience.name) {
            let name = audience.name.as_str();
            reader
                .error
                .add(&settings::TOKEN_AUDIENCES, format!("{name:?} is named twice: name it with ids or without"));
        }
    }
    let mut rules = default;
    rules.audiences = audiences;
    rules.issuer = issuer?.as_str().to_owned();
    rules.lifetime = lifetime?;
    rules.key_period = key_period?;
    Some(rules)
}

/// Reads the TLS certificate and its key: both files or none.
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
        return reader.keep(&settings::KEY_FILE, read_key(Path::new(path)));
    }
    if !listen?.ip().is_loopback() {
        reader.error.add(
            &settings::KEY_FILE,
            "is missing, and a server beyond loopback must have it: make one with `openssl rand -base64 32`, readable \
             only by the server, and keep it as safe as the database, but separate from it",
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
    let path = key_beside(file);
    if reader.error.is_empty() { reader.keep(&settings::KEY_FILE, read_or_create_key(&path)) } else { None }
}

/// Reads the server's existing keys, the present one first; creates none. `None` comes with an error.
pub(crate) fn present_keys(reader: &mut Reader<'_>, database: Option<&DatabaseUrl>) -> Option<Vec<ServerKey>> {
    let old = reader.each(&settings::OLD_KEY_FILES, |path| read_key(Path::new(path)));
    let beside = database.and_then(DatabaseUrl::file).map(key_beside).filter(|file| file.exists());
    let configured = reader.values.get(&settings::KEY_FILE).map(PathBuf::from);
    let current = match configured.or(beside) {
        Some(file) => vec![reader.keep(&settings::KEY_FILE, read_key(&file))?],
        None => Vec::new(),
    };
    Some(current.into_iter().chain(old?).collect())
}

/// The longest wait: an hour. A longer one is a typing error.
const LONGEST_WAIT_SECONDS: u64 = 3_600;

/// Reads the limits; `None` comes with an error.
fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let default = Limits::default();
    let connections = count(reader, &settings::MAX_CONNECTIONS, default.connections, 1..=1_000_000);
    let an_eighth = (connections.unwrap_or(default.connections) / 8).max(1);
    let of_an_address = count(reader, &settings::MAX_CONNECTIONS_PER_ADDRESS, an_eighth, 1..=1_000_000);
    let requests = count(reader, &settings::MAX_REQUESTS_UNDER_WAY, default.requests, 1..=100_000);
    let header_time = seconds(reader, &settings::HEADER_TIMEOUT_SECONDS, default.header_time);
    let header_bytes =
        count(reader, &settings::MAX_HEADER_BYTES, default.header_bytes, Limits::LEAST_HEADER_BYTES..=1 << 20);
    let body_time = seconds(reader, &settings::BODY_TIMEOUT_SECONDS, default.body_time);
    let body_bytes = count(reader, &settings::MAX_BODY_BYTES, default.body_bytes, 1_024..=default.body_bytes);
    let write_time = seconds(reader, &settings::WRITE_TIMEOUT_SECONDS, default.write_time);
    let handshake_time = seconds(reader, &settings::TLS_HANDSHAKE_TIMEOUT_SECONDS, default.handshake_time);
    let per_address = rate(reader, &settings::REQUESTS_PER_MINUTE_PER_ADDRESS, default.requests_per_minute_per_address);
    let per_session = rate(reader, &settings::REQUESTS_PER_MINUTE_PER_SESSION, default.requests_per_minute_per_session);
    let failed_logins =
        rate(reader, &settings::FAILED_LOGINS_PER_MINUTE_PER_ADDRESS, default.failed_logins_per_minute_per_address);
    let messages = rate(
        reader,
        &settings::PLATFORM_MESSAGES_PER_MINUTE_PER_ADDRESS,
        default.platform_messages_per_minute_per_address,
    );
    let introspections =
        rate(reader, &settings::INTROSPECTIONS_PER_MINUTE_PER_BACKEND, default.introspections_per_minute_per_backend);
    let failed_introspections = rate(
        reader,
        &settings::FAILED_INTROSPECTIONS_PER_MINUTE_PER_ADDRESS,
        default.failed_introspections_per_minute_per_address,
    );
    let forward_auths =
        rate(reader, &settings::FORWARD_AUTHS_PER_MINUTE_PER_ADDRESS, default.forward_auths_per_minute_per_address);
    let mut limits = default;
    limits.connections = connections?;
    limits.connections_per_address = NonZeroUsize::new(of_an_address?);
    limits.requests = requests?;
    limits.header_time = header_time?;
    limits.header_bytes = header_bytes?;
    limits.body_time = body_time?;
    limits.body_bytes = body_bytes?;
    limits.write_time = write_time?;
    limits.handshake_time = handshake_time?;
    limits.requests_per_minute_per_address = per_address?;
    limits.requests_per_minute_per_session = per_session?;
    limits.failed_logins_per_minute_per_address = failed_logins?;
    limits.platform_messages_per_minute_per_address = messages?;
    limits.introspections_per_minute_per_backend = introspections?;
    limits.failed_introspections_per_minute_per_address = failed_introspections?;
    limits.forward_auths_per_minute_per_address = forward_auths?;
    Some(limits)
}

/// Reads which proxies are trusted; `None` comes with an error.
fn proxies(reader: &mut Reader<'_>) -> Option<TrustedProxies> {
    let networks = networks(reader, &settings::TRUSTED_PROXIES);
    let header = reader.or_default(&settings::PROXY_HEADER, "x-forwarded-for", str::parse::<ForwardingHeader>);
    let mut proxies = TrustedProxies::default();
    proxies.networks = networks?;
    proxies.header = header?;
    Some(proxies)
}

/// Reads a list of networks; `None` comes with an error.
fn networks(reader: &mut Reader<'_>, setting: &Setting) -> Option<Vec<IpNet>> {
    reader.each(setting, |text| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{text:?} is neither an address nor a network; write it like 10.0.0.0/8 or fd00::/8"))
    })
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

/// Reads a limit per minute; 0 means no limit.
fn rate(reader: &mut Reader<'_>, setting: &Setting, default: Option<NonZeroU32>) -> Option<Option<NonZeroU32>> {
    let default = default.map_or(0, NonZeroU32::get).to_string();
    reader.or_default(setting, &default, |text| match text.parse::<u32>() {
        Ok(requests) if requests <= 1_000_000 => Ok(NonZeroU32::new(requests)),
        _ => Err(format!("{text:?} is not a number from 0 (no limit) to 1000000")),
    })
}

/// Returns the default place of the key: beside the database file.
pub(super) fn key_beside(database: &Path) -> PathBuf {
    database.with_extension("key")
}

/// Reads the key from an existing file.
fn read_key(path: &Path) -> Result<ServerKey, String> {
    let text = command::text(path).map(SecretString::from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{} does not exist; make it once with `openssl rand -base64 32 > {0} && chmod 600 {0}` and keep it",
            path.display()
        ),
        _ => format!("{} cannot be read: {error}", path.display()),
    })?;
    ServerKey::from_base64(text.expose_secret()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads the key, or creates the file, readable only by its owner.
fn read_or_create_key(path: &Path) -> Result<ServerKey, String> {
    match create_key(path) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_key(path),
        Err(error) => Err(format!("{} cannot be made: {error}; check the folder", path.display())),
    }
}

fn create_key(path: &Path) -> io::Result<ServerKey> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = command::new_private(path)?;
    let key = ServerKey::generate(&SystemRandom);
    writeln!(file, "{}", key.to_base64().expose_secret())?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/miniauth.key");
        let made = read_or_create_key(&path).unwrap();
        let read = read_or_create_key(&path).unwrap();
        assert_eq!(made.to_base64().expose_secret(), read.to_base64().expose_secret());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_or_wrong_file_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miniauth.key");
        assert!(read_key(&path).unwrap_err().contains("openssl rand -base64 32"));
        fs::write(&path, "changeme").unwrap();
        assert!(read_key(&path).unwrap_err().contains("32 random bytes"));
    }
}
