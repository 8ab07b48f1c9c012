//! Errors and values of a configuration.

use super::config::{self, Loaded};
use crate::settings::{self, SettingsError, Values};
use miniauth_openplatform::keys::PrivateKey;
use miniauth_server::AfterWithdrawal;
use std::{collections::HashMap, fs, path::PathBuf};

/// A folder with sound keys, and the variables of a sound configuration.
struct Bench {
    folder: tempfile::TempDir,
    variables: HashMap<&'static str, String>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (app, platform) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let variables = HashMap::from([
            ("MINIAUTH_APP_ID", "2021000000000001".to_owned()),
            ("MINIAUTH_APP_PRIVATE_KEY_FILE", write("app-private-key.pem", &app.to_pkcs8_pem().unwrap())),
            (
                "MINIAUTH_ALIPAY_PUBLIC_KEY_FILE",
                write("alipay-public-key.pem", &platform.public_key().to_spki_pem().unwrap()),
            ),
            ("MINIAUTH_DATABASE", format!("sqlite://{}", folder.path().join("miniauth.db").display())),
        ]);
        write("app-public-key.pem", &app.public_key().to_spki_pem().unwrap());
        Self { folder, variables }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.variables.insert(variable, value.into());
    }

    fn load(&self, file: Option<&str>) -> Result<Loaded, String> {
        let file = file.map(|text| {
            let path = self.path("miniauth.toml");
            fs::write(&path, text).unwrap();
            path
        });
        let mut error = SettingsError::default();
        let variable = |name: &str| self.variables.get(name).map(Into::into);
        let values = Values::read(file.as_deref(), variable, &mut error);
        config::load(&values, error).map_err(|error| error.to_string())
    }

    fn faults(&self, file: Option<&str>) -> String {
        self.load(file).err().expect("the configuration has faults")
    }
}

#[test]
fn a_sound_configuration_loads_and_makes_its_key_once() {
    let bench = Bench::new();
    let loaded = bench.load(Some("listen = \"127.0.0.1:0\"\nsession_lifetime_seconds = 60\n")).unwrap();
    assert_eq!(loaded.serving.listen.to_string(), "127.0.0.1:0");
    assert_eq!(loaded.serving.config.session_rules.lifetime.as_secs(), 60);
    let key = fs::read_to_string(bench.path("miniauth.key")).unwrap();
    bench.load(None).unwrap();
    assert_eq!(fs::read_to_string(bench.path("miniauth.key")).unwrap(), key);
}

#[test]
fn variables_win_over_the_file() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_SESSION_LIFETIME_SECONDS", "120");
    let loaded = bench.load(Some("session_lifetime_seconds = 60\n")).unwrap();
    assert_eq!(loaded.serving.config.session_rules.lifetime.as_secs(), 120);
}

#[test]
fn sessions_and_old_keys_can_be_configured() {
    let mut bench = Bench::new();
    for name in ["old.key", "older.key"] {
        fs::write(bench.path(name), ["iL0CCoF8H4oyvZrEOcbQ6N2b7p7dX7EmD3Y0m0m1a2E=", "\n"].concat()).unwrap();
    }
    let both = format!("{}, {}", bench.path("old.key").display(), bench.path("older.key").display());
    bench.set("MINIAUTH_OLD_KEY_FILES", both);
    let config = bench
        .load(Some("session_idle_seconds = 60\nsessions_per_user = 1\nsession_staleness_seconds = 1\naudit_days = 2\n"))
        .unwrap()
        .serving
        .config;
    assert_eq!(config.session_rules.idle_lifetime.map(|idle| idle.as_secs()), Some(60));
    assert_eq!((config.session_rules.per_user.get(), config.old_keys.len()), (1, 2));
    assert_eq!(config.session_rules.staleness.as_secs(), 1);
    assert_eq!(config.audit_retention.as_secs(), 2 * 24 * 60 * 60);

    bench.set("MINIAUTH_OLD_KEY_FILES", bench.path("none.key").display().to_string());
    let faulty = "session_idle_seconds = 0\nsessions_per_user = 0\nsession_staleness_seconds = 61\naudit_days = 0\n";
    let told = bench.faults(Some(faulty));
    assert!(told.starts_with("the configuration has 5 faults:") && told.contains("none.key does not exist"), "{told}");
}

#[test]
fn the_message_path_and_the_effect_of_a_withdrawal_can_be_configured() {
    let bench = Bench::new();
    let config = |file: &str| bench.load(Some(file)).unwrap().serving.config;
    let default = config("");
    assert_eq!(default.platform_messages.map(|path| path.to_string()).as_deref(), Some("/platform-messages"));
    assert_eq!(default.after_withdrawal, AfterWithdrawal::EraseMember);
    let set = config(
        "platform_messages = \"/hooks/alipay\"\nafter_withdrawal = \"erase_user\"\n\
         platform_messages_per_minute_per_address = 0\n",
    );
    assert_eq!(set.platform_messages.map(|path| path.to_string()).as_deref(), Some("/hooks/alipay"));
    assert_eq!(set.after_withdrawal, AfterWithdrawal::EraseUser);
    assert_eq!(set.limits.platform_messages_per_minute_per_address, None);
    assert_eq!(config("platform_messages = \"off\"\n").platform_messages, None);
    let told = bench.faults(Some("platform_messages = \"/auth\"\nafter_withdrawal = \"forget\"\n"));
    assert!(told.starts_with("the configuration has 2 faults:"), "{told}");
    for expected in ["the server has other endpoints", "keep, erase_member or erase_user"] {
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn token_audiences_can_be_configured() {
    let bench = Bench::new();
    let tokens = |file: &str| bench.load(Some(file)).unwrap().serving.config.tokens;
    let default = tokens("");
    assert_eq!((default.issuer.as_str(), default.audiences.len(), default.lifetime.as_secs()), ("miniauth", 0, 300));
    let set = tokens(
        "token_audiences = [\"shop\", \"https://orders.example\"]\ntoken_audiences_with_ids = \"old-shop\"\n\
         token_issuer = \"https://login.example\"\ntoken_lifetime_seconds = 60\ntoken_key_days = 7\n",
    );
    let audiences: Vec<_> = set.audiences.iter().map(|audience| (audience.name.as_str(), audience.ids)).collect();
    assert_eq!(audiences, [("shop", false), ("https://orders.example", false), ("old-shop", true)]);
    assert_eq!((set.issuer.as_str(), set.lifetime.as_secs()), ("https://login.example", 60));
    assert_eq!(set.key_period.as_secs(), 7 * 24 * 60 * 60);
    let config = bench.load(Some("introspection_max_age_seconds = 0\nintrospections_per_minute_per_backend = 0\n"));
    let config = config.unwrap().serving.config;
    assert!(config.introspection_max_age.is_zero() && config.limits.introspections_per_minute_per_backend.is_none());
    assert!(bench.faults(Some("introspection_max_age_seconds = 61\n")).contains("from 0 to 60"));
    let told = bench.faults(Some("token_audiences = \"a b\"\ntoken_lifetime_seconds = 301\ntoken_key_days = 0\n"));
    assert!(told.starts_with("the configuration has 3 faults:") && told.contains("from 10 to 300"), "{told}");
    let told = bench.faults(Some("token_audiences = \"shop\"\ntoken_audiences_with_ids = \"shop\"\n"));
    assert!(told.contains("\"shop\" is named twice"), "{told}");
}

#[test]
fn every_fault_is_named_at_once_and_nothing_is_made() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_APP_ID", "my-shop");
    bench.set("MINIAUTH_GATEWAY", "http://openapi.alipay.com/gateway.do");
    bench.set("MINIAUTH_LOG_FORMAT", "xml");
    bench.set("MINIAUTH_APP_PRIVATE_KEY_FILE", "");
    bench.set("MINIAUTH_ALIPAY_PUBLIC_KEY_FILE", bench.path("none.pem").display().to_string());
    let told = bench.faults(Some("sesion_lifetime = 60\nlisten = true\nsession_lifetime_seconds = 0\n"));
    assert!(told.starts_with("the configuration has 8 faults:"), "{told}");
    for expected in [
        "sesion_lifetime (",
        "listen (MINIAUTH_LISTEN): must be a string",
        "app_id (MINIAUTH_APP_ID): an app id is 1 to 32 digits",
        "app_private_key_file (MINIAUTH_APP_PRIVATE_KEY_FILE): is missing: set it to the file with",
        "none.pem cannot be read",
        "gateway (MINIAUTH_GATEWAY): the gateway must be https",
        "log_format (MINIAUTH_LOG_FORMAT): \"xml\" is neither text nor json",
        "session_lifetime_seconds (MINIAUTH_SESSION_LIFETIME_SECONDS): \"0\"",
    ] {
        assert!(told.contains(expected), "{expected} is missing in {told}");
    }
    assert!(!bench.path("miniauth.key").exists());
}

#[test]
fn the_wrong_half_of_a_pair_is_recognised() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_APP_PRIVATE_KEY_FILE", bench.path("app-public-key.pem").display().to_string());
    bench.set("MINIAUTH_ALIPAY_PUBLIC_KEY_FILE", bench.path("app-private-key.pem").display().to_string());
    let told = bench.faults(None);
    assert!(told.contains("this is a public key, and the app's private key"), "{told}");
    assert!(told.contains("this is a private key, and a public key is needed"), "{told}");
}

#[test]
fn the_apps_own_public_key_is_recognised_also_beside_other_faults() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_ALIPAY_PUBLIC_KEY_FILE", bench.path("app-public-key.pem").display().to_string());
    bench.set("MINIAUTH_APP_ID", "");
    let told = bench.faults(None);
    assert!(told.contains("app_id (MINIAUTH_APP_ID): is missing"), "{told}");
    assert!(told.contains("is the app's own public key"), "{told}");
}

#[test]
fn beyond_loopback_the_key_must_be_given() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_LISTEN", "0.0.0.0:0");
    let told = bench.faults(None);
    assert!(told.contains("key_file (MINIAUTH_KEY_FILE): is missing, and a server beyond loopback"), "{told}");
    assert!(!bench.path("miniauth.key").exists());

    bench.set("MINIAUTH_KEY_FILE", bench.path("server.key").display().to_string());
    assert!(bench.faults(None).contains("server.key does not exist"));
    fs::write(bench.path("server.key"), "iL0CCoF8H4oyvZrEOcbQ6N2b7p7dX7EmD3Y0m0m1a2E=\n").unwrap();
    bench.load(None).unwrap();
}

#[test]
fn servers_that_share_a_database_need_a_key_and_no_password_is_shown() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_DATABASE", "postgres://user:s3cret@db.example/shop");
    bench.set("MINIAUTH_SESSION_STORE", "rediss://:s3cret@cache.example");
    let told = bench.faults(None);
    assert!(told.contains("session_store (MINIAUTH_SESSION_STORE): not an address of a session store"), "{told}");
    assert!(told.contains("servers that share a database must share their key"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");

    fs::write(bench.path("server.key"), "iL0CCoF8H4oyvZrEOcbQ6N2b7p7dX7EmD3Y0m0m1a2E=\n").unwrap();
    bench.set("MINIAUTH_KEY_FILE", bench.path("server.key").display().to_string());
    bench.set("MINIAUTH_SESSION_STORE", "redis://:s3cret@cache.example/2");
    let config = bench.load(None).unwrap().serving.config;
    let shown = format!("{:?} {:?}", config.database, config.session_store);
    assert_eq!(shown, "DatabaseUrl(postgres://db.example/shop) Some(SessionStoreUrl(redis://cache.example/2))");
}

#[test]
fn a_setting_is_read_under_its_old_name_with_a_warning_and_the_present_name_wins() {
    let mut bench = Bench::new();
    let read = |bench: &Bench, file: &str| {
        let path = bench.path("miniauth.toml");
        fs::write(&path, file).unwrap();
        let variable = |name: &str| bench.variables.get(name).map(Into::into);
        let values = Values::read(Some(&path), variable, &mut SettingsError::default());
        (values.get(&settings::SESSION_STORE).map(str::to_owned), values.warnings)
    };
    let (store, warnings) = read(&bench, "sessions = \"redis://old\"");
    assert_eq!(store.as_deref(), Some("redis://old"));
    assert!(
        warnings.len() == 1 && warnings[0].contains("now called session_store (MINIAUTH_SESSION_STORE)"),
        "{warnings:?}"
    );
    let (store, warnings) = read(&bench, "sessions = \"redis://old\"\nsession_store = \"redis://new\"");
    assert_eq!((store.as_deref(), warnings.len()), (Some("redis://new"), 1));
    bench.set("MINIAUTH_SESSIONS", "redis://variable");
    let (store, warnings) = read(&bench, "session_store = \"redis://new\"");
    assert_eq!(store.as_deref(), Some("redis://variable"));
    assert!(warnings[0].starts_with("MINIAUTH_SESSIONS is now called"), "{warnings:?}");
    assert!(read(&Bench::new(), "session_store = \"redis://new\"").1.is_empty());
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_named() {
    let bench = Bench::new();
    assert!(bench.faults(Some("listen = ")).contains("miniauth.toml: is not TOML"));
    let mut error = SettingsError::default();
    Values::read(Some(&bench.path("none.toml")), |_| None, &mut error);
    assert!(error.to_string().contains("none.toml: cannot be read"));
}

#[test]
fn limits_and_proxies_are_read_in_their_units_and_bounded() {
    let mut bench = Bench::new();
    bench.set("MINIAUTH_MAX_CONNECTIONS", "10");
    let limits = bench.load(None).unwrap().serving.config.limits;
    assert_eq!(limits.connections_per_address.map(usize::from), Some(1), "an eighth, and one at least");
    bench.set("MINIAUTH_MAX_CONNECTIONS_PER_ADDRESS", "7");
    let file = "trusted_proxies = [\"10.0.0.0/8\", \"fd00::1\"]\nrequests_per_minute_per_address = 0\nbody_timeout_seconds = 3";
    let config = bench.load(Some(file)).unwrap().serving.config;
    assert_eq!(config.limits.connections, 10);
    assert_eq!(config.limits.connections_per_address.map(usize::from), Some(7));
    assert_eq!(config.limits.body_time.as_secs(), 3);
    assert_eq!(config.limits.requests_per_minute_per_address, None);
    assert_eq!(config.limits.requests_per_minute_per_session.map(u32::from), Some(300));
    let networks: Vec<_> = config.proxies.networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "fd00::1/128"]);

    bench.set("MINIAUTH_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example");
    bench.set("MINIAUTH_PROXY_HEADER", "via");
    bench.set("MINIAUTH_MAX_BODY_BYTES", "1000000");
    bench.set("MINIAUTH_HEADER_TIMEOUT_SECONDS", "0");
    bench.set("MINIAUTH_REQUESTS_PER_MINUTE_PER_SESSION", "many");
    let told = bench.faults(None);
    for expected in [
        "has 5 faults:",
        "trusted_proxies (MINIAUTH_TRUSTED_PROXIES): \"proxy.example\" is neither an address nor a network",
        "proxy_header (MINIAUTH_PROXY_HEADER): unknown header",
        "max_body_bytes (MINIAUTH_MAX_BODY_BYTES): \"1000000\" is not a number from 1024 to 16384",
        "header_timeout_seconds (MINIAUTH_HEADER_TIMEOUT_SECONDS): \"0\" is not a number of seconds from 1 to 3600",
        "requests_per_minute_per_session (MINIAUTH_REQUESTS_PER_MINUTE_PER_SESSION): \"many\"",
    ] {
        assert!(told.contains(expected), "{expected} is missing in {told}");
    }
}

const EXAMPLE: &str = include_str!("../../../../deploy/miniauth.toml");

/// The example with all commented-out settings enabled, in two parts: before and from the first `[[apps]]`.
fn whole_example() -> (String, String) {
    let is_setting = |line: &str| {
        line == "[[apps]]" || settings::ALL.iter().any(|setting| line.starts_with(&format!("{} = ", setting.key)))
    };
    let lines = EXAMPLE.lines().map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line));
    let whole = lines.collect::<Vec<_>>().join("\n");
    let (settings, apps) = whole.split_once("[[apps]]\n").unwrap();
    (settings.to_owned(), format!("[[apps]]\n{apps}"))
}

#[test]
fn the_example_file_has_every_setting_and_lacks_only_the_files_that_it_names() {
    let mut bench = Bench::new();
    bench.variables.clear();
    let (whole, apps) = whole_example();
    for setting in settings::ALL {
        let lines = whole.lines().filter(|line| line.starts_with(&format!("{} = ", setting.key))).count();
        assert_eq!(lines, 1, "{setting} in deploy/miniauth.toml");
    }
    let one_mode = whole.replace("\nalipay_public_key_file", "\n# ");
    let with_apps = format!("{EXAMPLE}\n{apps}");
    for example in [EXAMPLE, &one_mode, &with_apps] {
        let told = bench.faults(Some(example));
        for fault in told.lines().skip(1) {
            assert!(fault.contains("cannot be read") || fault.contains("does not exist"), "{fault}");
        }
        assert!(told.contains("/etc/miniauth/app-private-key.pem cannot be read"), "{told}");
    }
}

#[test]
fn what_the_example_file_calls_a_default_is_one() {
    let bench = Bench::new();
    let defaults = bench.load(None).unwrap().serving.config;
    let files = ["_file", "database", "session_store = ", "app_id", "trusted_proxies", "session_idle"];
    let (whole, _) = whole_example();
    let example: Vec<_> = whole
        .lines()
        .filter(|line| !line.starts_with('#') && !files.iter().any(|part| line.contains(part)))
        .map(str::to_owned)
        .collect();
    let said = bench.load(Some(&example.join("\n"))).unwrap().serving.config;
    assert_eq!(format!("{:?}", said.limits), format!("{:?}", defaults.limits));
    assert_eq!(format!("{:?}", said.session_rules), format!("{:?}", defaults.session_rules));
    assert_eq!(said.proxies.header, defaults.proxies.header);
    assert_eq!(said.platform_messages, defaults.platform_messages);
    assert_eq!(said.after_withdrawal, defaults.after_withdrawal);
}

#[test]
fn traces_are_sent_where_the_own_setting_or_opentelemetrys_variable_says() {
    let mut bench = Bench::new();
    let traces = |bench: &Bench, file| bench.load(file).unwrap().traces;
    assert_eq!(traces(&bench, None), None);
    bench.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://10.0.0.9:4318");
    assert_eq!(traces(&bench, None), Some(("http://10.0.0.9:4318".parse().unwrap(), 100)));
    let own = Some("traces = \"http://10.0.0.1:4318\"\ntraces_percent = 5\ntrace_context_from = [\"10.1.0.0/16\"]\n");
    assert_eq!(traces(&bench, own), Some(("http://10.0.0.1:4318".parse().unwrap(), 5)));
    assert_eq!(bench.load(own).unwrap().serving.config.trace_context_from, ["10.1.0.0/16".parse().unwrap()]);
    let told = bench.faults(Some("traces = \"10.0.0.1:4318\"\ntraces_percent = 101\ntrace_context_from = \"all\"\n"));
    for expected in [
        "traces (MINIAUTH_TRACES): \"10.0.0.1:4318\" is not a URL like http://127.0.0.1:4318",
        "traces_percent (MINIAUTH_TRACES_PERCENT): \"101\" is not a number from 0 to 100",
        "trace_context_from (MINIAUTH_TRACE_CONTEXT_FROM): \"all\" is neither",
    ] {
        assert!(told.contains(expected), "{expected} is missing in {told}");
    }
}

#[test]
fn an_app_that_does_not_say_otherwise_has_what_is_set_for_all() {
    let bench = Bench::new();
    let path = bench.path("miniauth.toml");
    let own = "[[apps]]\napp_id = \"1\"\n[[apps]]\napp_id = \"2\"\napi = \"v2\"\n";
    fs::write(&path, format!("api = \"v3\"\ngateway = \"https://a.example/\"\ncharset = \"GBK\"\n{own}")).unwrap();
    let values = Values::read(Some(&path), |_| None, &mut SettingsError::default());
    let of = |app: usize| {
        [settings::API, settings::GATEWAY, settings::CHARSET]
            .map(|setting| values.apps[app].get(&setting).map(str::to_owned))
    };
    assert_eq!(of(0).each_ref().map(Option::as_deref), [Some("v3"), Some("https://a.example/"), Some("GBK")]);
    assert_eq!(of(1)[0].as_deref(), Some("v2"));
}

#[test]
fn several_apps_are_tables_of_the_file_and_what_is_wrong_in_one_is_named_there() {
    let mut bench = Bench::new();
    let app = |id: &str, key: &str| {
        let [private, public] = [key, "alipay-public-key.pem"].map(|name| bench.path(name).display().to_string());
        format!(
            "[[apps]]\napp_id = \"{id}\"\napp_private_key_file = \"{private}\"\nalipay_public_key_file = \"{public}\"\n"
        )
    };
    let second = app("2021000000000002", "app-private-key.pem");
    let third = app("2021000000000003", "app-private-key.pem");
    let broken = app("shop", "none.pem");
    let ids = |config: &miniauth_server::Config| {
        let further = config.further_apps.iter().map(|gateway| gateway.app_id().to_string());
        std::iter::once(config.gateway.app_id().to_string()).chain(further).collect::<Vec<_>>()
    };
    let beside = bench.load(Some(&second)).unwrap().serving.config;
    assert_eq!(ids(&beside), ["2021000000000001", "2021000000000002"], "beside the short form");
    let twice = format!("{second}{second}");
    assert!(bench.faults(Some(&twice)).contains("[[apps]]: the app 2021000000000002 is configured twice"));

    for name in ["MINIAUTH_APP_ID", "MINIAUTH_APP_PRIVATE_KEY_FILE", "MINIAUTH_ALIPAY_PUBLIC_KEY_FILE"] {
        bench.set(name, "");
    }
    let tables = bench.load(Some(&format!("{second}{third}"))).unwrap().serving.config;
    assert_eq!(ids(&tables), ["2021000000000002", "2021000000000003"]);
    let told = bench.faults(Some(&format!("{second}{broken}log = \"info\"\n")));
    for expected in [
        "[[apps]] number 2, app_id: an app id is 1 to 32 digits",
        "[[apps]] number 2, app_private_key_file: ",
        "miniauth.toml, [[apps]] number 2): is not a setting; there are app_id, ",
    ] {
        assert!(told.contains(expected), "{expected} is missing in {told}");
    }
}
