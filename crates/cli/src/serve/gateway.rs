//! The gateway's settings: app ids, keys, and whose signatures to trust.

use crate::{
    command,
    settings::{self, Reader, Setting, SettingsError, Values},
};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::{
    Api, AppId, CertificateError, CertificateFile, Certificates, ConfigError, ContentKey, Endpoint, Gateway,
    GatewayConfig, PhoneSignature, Trust,
    keys::{PrivateKey, PublicKey},
    protocol::Charset,
    system::{SystemClock, SystemRandom},
};
use miniauth_server::MessagesPath;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The gateway's part of a configuration, for `miniauth doctor`.
pub(crate) struct GatewaySettings {
    /// Every configured app, the one outside `[[apps]]` first; there is at least one.
    pub(crate) apps: Vec<AppSettings>,
    /// The path for the platform's messages: `None` comes with an error, `Some(None)` means off.
    pub(crate) messages: Option<Option<MessagesPath>>,
    /// The faults of these settings and of the file as a whole.
    pub(crate) error: SettingsError,
    /// Warnings about former keys.
    pub(crate) warnings: Vec<String>,
}

/// The configuration of one app.
pub(crate) struct AppSettings {
    /// Its id as written, if set.
    pub(crate) id: Option<String>,
    /// `None` comes with an error.
    pub(crate) config: Option<GatewayConfig>,
    /// The file with the app's private key, if set.
    pub(crate) private_key_file: Option<PathBuf>,
}

impl GatewaySettings {
    /// Reads the file, if any, and the environment.
    pub(crate) fn read(file: Option<&Path>) -> Self {
        let mut error = SettingsError::default();
        let values = Values::read(file, |name| std::env::var_os(name), &mut error);
        let mut reader = Reader { values: &values, error };
        let apps = each_app(&mut reader, |of_app| AppSettings {
            id: of_app.values.get(&settings::APP_ID).map(str::to_owned),
            config: config(of_app),
            private_key_file: of_app.values.get(&settings::APP_PRIVATE_KEY_FILE).map(PathBuf::from),
        });
        let ids = apps.iter().filter_map(|app| app.config.as_ref()).map(|config| &config.app_id).collect::<Vec<_>>();
        all_different(&mut reader, &ids);
        let messages = super::config::platform_messages(&mut reader);
        Self { apps, messages, error: reader.error, warnings: values.warnings }
    }
}

/// Makes a client for each app, the one outside `[[apps]]` first; `None` comes with an error.
pub(crate) fn clients(reader: &mut Reader<'_>) -> Option<Vec<Gateway>> {
    let clients: Vec<Gateway> = each_app(reader, client).into_iter().collect::<Option<_>>()?;
    let ids = clients.iter().map(Gateway::app_id).collect::<Vec<_>>();
    all_different(reader, &ids).then_some(clients)
}

/// Reads each app's settings: those outside any table (unless there are none, but tables), and those of each `[[apps]]`.
fn each_app<T>(reader: &mut Reader<'_>, read: impl Fn(&mut Reader<'_>) -> T) -> Vec<T> {
    let values = reader.values;
    let short_form = values.apps.is_empty()
        || [&settings::APP_ID, &settings::APP_PRIVATE_KEY_FILE].iter().any(|setting| values.get(setting).is_some());
    let mut apps = Vec::new();
    if short_form {
        apps.push(read(reader));
    }
    for (index, app) in values.apps.iter().enumerate() {
        let mut of_app = Reader { values: app, error: SettingsError::default() };
        apps.push(read(&mut of_app));
        reader.error.add_within(&format!("[[apps]] number {}", index + 1), of_app.error);
    }
    apps
}

/// Checks that no app is configured twice; otherwise adds an error.
fn all_different(reader: &mut Reader<'_>, ids: &[&AppId]) -> bool {
    let twice = ids.iter().enumerate().find(|(index, id)| ids[..*index].contains(id));
    if let Some((_, id)) = twice {
        reader.error.add_at("[[apps]]".to_owned(), format!("the app {id} is configured twice; remove one of them"));
    }
    twice.is_none()
}

/// Makes the configured client; `None` comes with an error.
fn client(reader: &mut Reader<'_>) -> Option<Gateway> {
    let config = config(reader)?;
    reader.keep(&settings::GATEWAY, Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)))
}

fn config(reader: &mut Reader<'_>) -> Option<GatewayConfig> {
    let app_id = reader.required(&settings::APP_ID, "the app's id, from its page in the console", AppId::parse);
    let app_private_key =
        in_file(reader, &settings::APP_PRIVATE_KEY_FILE, "the app's private key (应用私钥)", PrivateKey::parse);
    let api = reader.or_default(&settings::API, Api::V2.as_str(), str::parse::<Api>);
    let endpoint = reader.or_default(&settings::GATEWAY, Endpoint::PRODUCTION, Endpoint::parse);
    let trust = trust(reader, endpoint.as_ref());
    let charset = reader.or_default(&settings::CHARSET, Charset::Utf8.as_str(), str::parse::<Charset>);
    let content_keys = content_keys(reader);
    let phone_signature = reader.or_default(&settings::PHONE_SIGNATURE, "required", str::parse::<PhoneSignature>);
    if let (Some(own), Some(trust)) = (&app_private_key, &trust)
        && let Some((setting, error)) = mixed_up(own, trust)
    {
        reader.error.add(setting, error);
        return None;
    }
    let mut config = GatewayConfig::new(app_id?, app_private_key?, trust?, endpoint?);
    config.charset = charset?;
    config.api = api?;
    config.content_keys = content_keys?;
    config.phone_signature = phone_signature?;
    Some(config)
}

/// Reads the configured content keys, the present one first.
fn content_keys(reader: &mut Reader<'_>) -> Option<Vec<ContentKey>> {
    let files = [&settings::CONTENT_KEY_FILE, &settings::OLD_CONTENT_KEY_FILE];
    let set = files.into_iter().filter(|setting| reader.values.get(setting).is_some()).collect::<Vec<_>>();
    if set == [&settings::OLD_CONTENT_KEY_FILE] {
        reader
            .error
            .add(&settings::OLD_CONTENT_KEY_FILE, "is set without content_key_file: name the present key there");
        return None;
    }
    // Reads each, to report all errors.
    let keys = set.into_iter().map(|setting| in_file(reader, setting, "the AES key of the console", ContentKey::parse));
    keys.collect::<Vec<_>>().into_iter().collect()
}

/// Finds what would make every call fail, and the setting to correct.
fn mixed_up(own: &PrivateKey, trust: &Trust) -> Option<(&'static Setting, ConfigError)> {
    match trust {
        Trust::PublicKey(key) => {
            (key == own.public_key()).then_some((&settings::ALIPAY_PUBLIC_KEY_FILE, ConfigError::OwnPublicKey))
        }
        Trust::Certificates(certificates) if certificates.app().public_key() != Ok(own.public_key()) => {
            Some((&settings::APP_CERTIFICATE_FILE, CertificateError::OtherKey.into()))
        }
        Trust::Certificates(certificates) => {
            let error = certificates.check_validity(SystemClock.now()).err()?;
            let setting = match error.file {
                CertificateFile::App => &settings::APP_CERTIFICATE_FILE,
                CertificateFile::Platform => &settings::ALIPAY_CERTIFICATE_FILE,
                CertificateFile::Roots => &settings::ALIPAY_ROOT_CERTIFICATES_FILE,
            };
            Some((setting, CertificateError::from(error).into()))
        }
    }
}

/// Warns that the platform's certificate leads to no root, which is accepted only from the platform's own sandbox.
pub(crate) fn not_vouched_for() -> String {
    format!(
        "none of the root certificates vouches for the platform's certificate. So it is with the files of the platform's \
         own sandbox ({}), which is the configured gateway; with the production gateway ({}) they are refused",
        Endpoint::PLATFORM_SANDBOX,
        Endpoint::PRODUCTION
    )
}

/// Reads the platform's public key, or the three certificates.
fn trust(reader: &mut Reader<'_>, endpoint: Option<&Endpoint>) -> Option<Trust> {
    let files =
        [&settings::APP_CERTIFICATE_FILE, &settings::ALIPAY_CERTIFICATE_FILE, &settings::ALIPAY_ROOT_CERTIFICATES_FILE];
    if files.iter().all(|setting| reader.values.get(setting).is_none()) {
        let key = in_file(
            reader,
            &settings::ALIPAY_PUBLIC_KEY_FILE,
            "the platform's public key for this app (支付宝公钥)",
            PublicKey::parse,
        );
        return key.map(Trust::from);
    }
    if reader.values.get(&settings::ALIPAY_PUBLIC_KEY_FILE).is_some() {
        reader.error.add(
            &settings::ALIPAY_PUBLIC_KEY_FILE,
            "is set beside certificates: an app uses one mode only; remove the files that the console does not show for it",
        );
        return None;
    }
    let [app, platform, roots] = files.map(|setting| {
        in_file(reader, setting, "the certificate of that name, from the same page of the console", |text| {
            Ok::<_, CertificateError>(text.to_owned())
        })
    });
    let parse = match endpoint {
        Some(endpoint) if endpoint.is_platform_sandbox() => Certificates::parse_of_sandbox,
        _ => Certificates::parse,
    };
    let certificates = parse(&app?, &platform?, &roots?);
    reader.keep(&settings::ALIPAY_CERTIFICATE_FILE, certificates).map(Trust::from)
}

fn in_file<T, E: Display>(
    reader: &mut Reader<'_>,
    setting: &Setting,
    what: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    reader.required(setting, &format!("the file with {what}"), |path| {
        let text = command::text(Path::new(path))
            .map(SecretString::from)
            .map_err(|error| format!("{path} cannot be read: {error}"))?;
        parse(text.expose_secret()).map_err(|error| format!("{path}: {error}"))
    })
}
