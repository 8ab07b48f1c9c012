//! The server's settings: their names, their help, and the configured values.

use crate::command;
use std::{
    collections::HashMap,
    ffi::OsString,
    fmt::{self, Display},
    path::Path,
};
use toml::Value;

/// A setting: its key in the file and its help.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    /// Its former key, which is still read.
    old_key: Option<&'static str>,
    help: &'static str,
}

impl Setting {
    /// Returns the former key, then the present one, which comes last and so wins.
    fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.old_key.into_iter().chain([self.key])
    }
}

/// Returns the name of a key's environment variable.
fn variable(key: &str) -> String {
    format!("MINIAUTH_{}", key.to_uppercase())
}

macro_rules! settings {
    ($( $name:ident = $key:literal $((was $old_key:literal))?, $help:literal; )+) => {
        $( pub(crate) const $name: Setting = Setting { key: $key, old_key: [$(Some($old_key),)? None][0], help: $help }; )+
        pub(crate) const ALL: &[Setting] = &[ $( $name, )+ ];
    };
}

settings! {
    LISTEN = "listen", "address and port [127.0.0.1:8701]";
    METRICS_LISTEN = "metrics_listen",
        "address and port of a separate listener for operators, without TLS: serves /metrics and /readyz, which listen then does not serve [none: listen serves all]";
    DATABASE = "database", "the database: sqlite:// and a path, or postgres:// for several instances [sqlite://.miniauth/miniauth.db]";
    SESSION_STORE = "session_store" (was "sessions"),
        "a separate store for sessions: redis://; if it loses a session, the user logs in again silently [the database]";
    APP_ID = "app_id", "the app's id, from its page in the console (required)";
    APP_PRIVATE_KEY_FILE = "app_private_key_file",
        "file with the app's private key, 应用私钥 (required)";
    ALIPAY_PUBLIC_KEY_FILE = "alipay_public_key_file",
        "file with the platform's public key for this app, 支付宝公钥 (required, unless the app is in certificate mode)";
    APP_CERTIFICATE_FILE = "app_certificate_file",
        "certificate mode: file with the app's certificate, appCertPublicKey (应用公钥证书)";
    ALIPAY_CERTIFICATE_FILE = "alipay_certificate_file",
        "certificate mode: file with the platform's certificate, alipayCertPublicKey_RSA2 (支付宝公钥证书)";
    ALIPAY_ROOT_CERTIFICATES_FILE = "alipay_root_certificates_file",
        "certificate mode: file with the platform's root certificates, alipayRootCert (支付宝根证书)";
    CONTENT_KEY_FILE = "content_key_file",
        "file with the app's content key, AES 密钥 of 接口内容加密方式 in the console; decrypts the platform's encrypted answers [none]";
    OLD_CONTENT_KEY_FILE = "old_content_key_file",
        "file with the console's previous content key, which decrypts too while the key is being changed [none]";
    PHONE_SIGNATURE = "phone_signature",
        "whether the platform's answers about phone numbers must be signed: required, or optional if the app has no 接口加签方式 \
         (then only the content key shows their origin) [required]";
    CHARSET = "charset", "the character set of calls and answers, utf-8 or gbk [utf-8]";
    API = "api",
        "the platform's interface: v2 (gateway.do), or v3 (OpenAPI v3), whose answers have a signed time, so that replays fail after \
         5 minutes [v2]";
    GATEWAY = "gateway", "the open platform's gateway; for apps of its own sandbox, \
         https://openapi-sandbox.dl.alipaydev.com/gateway.do [https://openapi.alipay.com/gateway.do]";
    KEY_FILE = "key_file",
        "file with the server's own key, 32 random bytes in base64 [created beside the database file; required beyond loopback and with postgres://]";
    OLD_KEY_FILES = "old_key_files",
        "files with former keys of key_file, separated by commas: they decrypt old data, and encrypt nothing new";
    SESSION_LIFETIME_SECONDS = "session_lifetime_seconds",
        "how long a session lives after login [604800, a week]";
    SESSION_IDLE_SECONDS = "session_idle_seconds",
        "how long an unused session lives; each use extends it [as long as session_lifetime_seconds]";
    SESSIONS_PER_USER = "sessions_per_user",
        "the most sessions of one user; a further login ends the oldest; 1 = only the newest is valid [20]";
    SESSION_STALENESS_SECONDS = "session_staleness_seconds",
        "how long this instance may cache a session, at most 60; it notices a logout at another instance only after that, its own \
         at once; 0 = no cache [0]";
    TOKEN_AUDIENCES = "token_audiences",
        "names of the back-ends that may get signed tokens (POST /session/token), separated by commas (a list in the file) [none]";
    TOKEN_AUDIENCES_WITH_IDS = "token_audiences_with_ids",
        "names of further back-ends, whose tokens carry the platform's ids of the user; the page can read these too [none]";
    TOKEN_ISSUER = "token_issuer", "the issuer of tokens, the claim iss: a word or an address [miniauth]";
    TOKEN_LIFETIME_SECONDS = "token_lifetime_seconds",
        "how long a token lives, at most 300; it outlives its session by up to this [300]";
    TOKEN_KEY_DAYS = "token_key_days",
        "after how many days a new key signs tokens; the servers create and replace keys themselves [30]";
    INTROSPECTION_MAX_AGE_SECONDS = "introspection_max_age_seconds",
        "how long a back-end may cache POST /introspect's answer about an active session, at most 60; it notices a logout only after \
         that; 0 = no cache [10]";
    PLATFORM_MESSAGES = "platform_messages",
        "path at which each app receives the platform's messages; part of its gateway address (应用网关) in the console. off = \
         none: the server does not learn when a user withdraws consent [/platform-messages]";
    AFTER_WITHDRAWAL = "after_withdrawal",
        "what happens when a user withdraws consent, besides the end of grant and sessions: keep = the member stays, \
         erase_member = the member is erased, erase_user = all data about the user is erased [erase_member]";
    ERASURE_JOURNAL = "erasure_journal",
        "folder for this instance's journal of erasures, on another disk than the database: `miniauth erasures apply` repeats them \
         after a restore [none]";
    AUDIT_DAYS = "audit_days",
        "how many days the audit is kept: who did what to which user and when (`miniauth audit`) [366]";
    TRUSTED_PROXIES = "trusted_proxies",
        "networks of the proxies in front of the server, separated by commas (a list in the file): the server believes them about \
         a client's address [none]";
    PROXY_HEADER = "proxy_header",
        "the header that these proxies write, x-forwarded-for or forwarded [x-forwarded-for]";
    REQUESTS_PER_MINUTE_PER_ADDRESS = "requests_per_minute_per_address",
        "requests from one address (IPv6: one /64 network) before 429; 0 = no limit [1200]";
    REQUESTS_PER_MINUTE_PER_SESSION = "requests_per_minute_per_session",
        "requests with one session before 429; 0 = no limit [300]";
    FAILED_LOGINS_PER_MINUTE_PER_ADDRESS = "failed_logins_per_minute_per_address",
        "logins from one address with codes that the platform refuses, before 429; 0 = no limit [120]";
    PLATFORM_MESSAGES_PER_MINUTE_PER_ADDRESS = "platform_messages_per_minute_per_address",
        "platform messages from one address before 429, after which the platform sends again; 0 = no limit [300]";
    INTROSPECTIONS_PER_MINUTE_PER_BACKEND = "introspections_per_minute_per_backend",
        "questions about sessions from one back-end before 429; the limits for clients do not apply to it; 0 = no limit [60000]";
    FAILED_INTROSPECTIONS_PER_MINUTE_PER_ADDRESS = "failed_introspections_per_minute_per_address",
        "questions from one address with a wrong back-end name or secret, before 429; 0 = no limit [120]";
    FORWARD_AUTHS_PER_MINUTE_PER_ADDRESS = "forward_auths_per_minute_per_address",
        "questions from a proxy at one address (/forward-auth) before 429; 0 = no limit [60000]";
    MAX_CONNECTIONS = "max_connections",
        "open connections; further ones wait in the system's queue [16384]";
    MAX_CONNECTIONS_PER_ADDRESS = "max_connections_per_address",
        "open connections from one address (IPv6: one /64 network), except trusted proxies; further ones are closed at once [an \
         eighth of max_connections]";
    MAX_REQUESTS_UNDER_WAY = "max_requests_under_way",
        "concurrent requests; further ones get 503 with Retry-After [1024]";
    MAX_HEADER_BYTES = "max_header_bytes", "the largest request head [32768]";
    MAX_BODY_BYTES = "max_body_bytes", "the largest body, at most 16384 [16384]";
    HEADER_TIMEOUT_SECONDS = "header_timeout_seconds",
        "how long a connection may stay open without a complete request head, also when idle [30]";
    BODY_TIMEOUT_SECONDS = "body_timeout_seconds",
        "how long a body may take to arrive [10]";
    WRITE_TIMEOUT_SECONDS = "write_timeout_seconds",
        "how long a client may leave an answer unread [10]";
    TLS_CERTIFICATE_FILE = "tls_certificate_file",
        "file with the server's own certificate and its chain, PEM; the server then speaks https, and SIGHUP reloads it [none: a \
         proxy in front encrypts]";
    TLS_KEY_FILE = "tls_key_file", "file with that certificate's private key, PEM [none]";
    TLS_HANDSHAKE_TIMEOUT_SECONDS = "tls_handshake_timeout_seconds",
        "how long a TLS handshake may take [10]";
    TRACES = "traces",
        "an OpenTelemetry collector that gets a trace of each request (OTLP over HTTP, protobuf), such as http://127.0.0.1:4318; \
         OTEL_EXPORTER_OTLP_ENDPOINT works too [none]";
    TRACES_PERCENT = "traces_percent",
        "the percentage of requests that are traced, unless the caller decides [100]";
    TRACE_CONTEXT_FROM = "trace_context_from",
        "networks of the callers whose traceparent is accepted, separated by commas (a list in the file): back-ends, and proxies that \
         do not pass on a client's header [none]";
    LOG_FORMAT = "log_format", "text or json [text]";
    LOG = "log", "the log level: error, warn, info, debug, trace, also per module [info]";
}

/// OpenTelemetry's own variable for [`TRACES`], which is read if that is not set.
const STANDARD_TRACES: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The settings of each `[[apps]]` in the file. An app without its own gateway, api or charset has the server's.
const OF_AN_APP: &[Setting] = &[
    APP_ID,
    APP_PRIVATE_KEY_FILE,
    ALIPAY_PUBLIC_KEY_FILE,
    APP_CERTIFICATE_FILE,
    ALIPAY_CERTIFICATE_FILE,
    ALIPAY_ROOT_CERTIFICATES_FILE,
    CONTENT_KEY_FILE,
    OLD_CONTENT_KEY_FILE,
    PHONE_SIGNATURE,
    CHARSET,
    API,
    GATEWAY,
];

/// The name of the tables with further apps.
const APPS: &str = "apps";

/// Returns the part of `miniauth serve --help` about the settings.
pub(crate) fn help() -> String {
    let mut text =
        "Settings, each as a key of the TOML file or as an environment variable; the variable wins. Relative paths \
                    start at the working directory."
            .to_owned();
    for setting in ALL {
        text.push_str(&format!("\n\n  {setting}\n      {}", setting.help));
    }
    text.push_str(
        "\n\n  [[apps]] (in the file only)\n      further apps of the same server, each a table with app_id, its key or \
         certificate files, and its gateway, api and charset if they differ; each app's endpoints are under /apps/<app_id>/, a \
         single app's at the root too",
    );
    text
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.key, variable(self.key))
    }
}

/// The faults of a configuration, in the order in which they were found: the place, and what to do there.
#[derive(Debug, Default)]
pub(crate) struct SettingsError(Vec<(String, String)>);

impl SettingsError {
    /// Adds a fault of a setting: its value is unusable or missing.
    pub(crate) fn add(&mut self, setting: &Setting, what: impl fmt::Display) {
        self.add_at(setting.to_string(), what);
    }

    /// Adds a fault of anything but a known setting.
    pub(crate) fn add_at(&mut self, place: String, what: impl fmt::Display) {
        self.0.push((place, what.to_string()));
    }

    /// Adds the faults within a part of the file, to which no variable applies.
    pub(crate) fn add_within(&mut self, part: &str, error: Self) {
        for (place, what) in error.0 {
            let setting = place.split(" (").next().unwrap_or_default();
            self.add_at(format!("{part}, {setting}"), what);
        }
    }

    /// Iterates over places and their faults.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(place, what)| (place.as_str(), what.as_str()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => formatter.write_str("the configuration has a fault:")?,
            several => write!(formatter, "the configuration has {several} faults:")?,
        }
        for (place, what) in &self.0 {
            write!(formatter, "\n  {place}: {what}")?;
        }
        Ok(())
    }
}

/// Parses the values of settings and collects their faults. `None` always comes with an error.
pub(crate) struct Reader<'a> {
    pub(crate) values: &'a Values,
    pub(crate) error: SettingsError,
}

impl Reader<'_> {
    pub(crate) fn required<T, E: Display>(
        &mut self,
        setting: &Setting,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.values.get(setting) {
            Some(text) => self.keep(setting, parse(text)),
            None => {
                self.error.add(setting, format!("is missing: set it to {what}"));
                None
            }
        }
    }

    pub(crate) fn or_default<T, E: Display>(
        &mut self,
        setting: &Setting,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.keep(setting, parse(self.values.get(setting).unwrap_or(default)))
    }

    /// Parses every element of a list.
    pub(crate) fn each<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let elements = self.values.get(setting).unwrap_or_default().split(',');
        let elements = elements.map(str::trim).filter(|element| !element.is_empty());
        let parsed: Vec<_> = elements.map(|element| self.keep(setting, parse(element))).collect();
        parsed.into_iter().collect()
    }

    pub(crate) fn keep<T, E: Display>(&mut self, setting: &Setting, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.error.add(setting, error)).ok()
    }
}

/// The configured values as text, a list separated by commas. So far it is only checked that each setting is known, and is a string, an
/// integer or a list of strings.
#[derive(Default)]
pub(crate) struct Values {
    own: HashMap<&'static str, String>,
    /// The values of each `[[apps]]`.
    pub(crate) apps: Vec<Values>,
    /// Warnings about former keys.
    pub(crate) warnings: Vec<String>,
}

impl Values {
    /// Reads the file, if any, and the variables, which win. An empty variable counts as unset.
    pub(crate) fn read(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<OsString>,
        error: &mut SettingsError,
    ) -> Self {
        let mut values = file.map_or_else(Self::default, |path| read_file(path, error));
        for setting in ALL {
            for key in setting.keys() {
                match environment(&variable(key)).map(OsString::into_string) {
                    Some(Ok(text)) if !text.is_empty() => values.set(setting, key, &variable(key), text),
                    Some(Err(_)) => error.add(setting, "the variable's value is not UTF-8; correct it"),
                    _ => {}
                }
            }
        }
        if values.get(&TRACES).is_none()
            && let Some(Ok(text)) = environment(STANDARD_TRACES).map(OsString::into_string)
            && !text.is_empty()
        {
            values.own.insert(TRACES.key, text);
        }
        for setting in [GATEWAY, CHARSET, API] {
            if let Some(text) = values.own.get(setting.key) {
                for app in &mut values.apps {
                    app.own.entry(setting.key).or_insert_with(|| text.clone());
                }
            }
        }
        values
    }

    fn take(&mut self, mut table: toml::Table, known: &[Setting], place: &str, error: &mut SettingsError) {
        for setting in known {
            for key in setting.keys() {
                match table.remove(key) {
                    Some(Value::String(text)) => self.set(setting, key, &format!("{key} ({place})"), text),
                    Some(Value::Integer(number)) => {
                        self.set(setting, key, &format!("{key} ({place})"), number.to_string())
                    }
                    Some(Value::Array(elements)) if elements.iter().all(Value::is_str) => {
                        let texts: Vec<_> = elements.iter().filter_map(Value::as_str).collect();
                        self.set(setting, key, &format!("{key} ({place})"), texts.join(","));
                    }
                    Some(_) => error.add(setting, format!("must be a string or an integer in {place}")),
                    None => {}
                }
            }
        }
        for key in table.keys() {
            let known: Vec<_> = known.iter().map(|setting| setting.key).collect();
            error.add_at(format!("{key} ({place})"), format!("is not a setting; there are {}", known.join(", ")));
        }
    }

    fn set(&mut self, setting: &Setting, key: &str, place: &str, text: String) {
        if key != setting.key {
            self.warnings.push(format!("{place} is now called {setting}: rename it"));
        }
        self.own.insert(setting.key, text);
    }

    /// Returns the value of a setting.
    pub(crate) fn get(&self, setting: &Setting) -> Option<&str> {
        self.own.get(setting.key).map(String::as_str)
    }
}

fn read_file(path: &Path, error: &mut SettingsError) -> Values {
    let place = path.display().to_string();
    let text = match command::text(path) {
        Ok(text) => text,
        Err(unreadable) => {
            error.add_at(place, format!("cannot be read: {unreadable}; check --config"));
            return Values::default();
        }
    };
    let mut table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(unreadable) => {
            error.add_at(place, format!("is not TOML: {}", unreadable.to_string().trim_end()));
            return Values::default();
        }
    };
    let mut values = Values::default();
    match table.remove(APPS) {
        Some(Value::Array(tables)) if tables.iter().all(Value::is_table) => {
            for (index, table) in tables.into_iter().filter_map(|value| value.try_into().ok()).enumerate() {
                let mut app = Values::default();
                app.take(table, OF_AN_APP, &format!("{place}, [[apps]] number {}", index + 1), error);
                values.apps.push(app);
            }
        }
        Some(_) => error.add_at(format!("apps ({place})"), "must be tables, each begun with [[apps]]"),
        None => {}
    }
    values.take(table, ALL, &place, error);
    values
}
