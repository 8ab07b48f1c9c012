//! The settings of the gateway: as whom we speak to it, and whose signatures count.

use super::{
    fault::Faults,
    load::Loader,
    settings::{self, Setting},
    values::Values,
};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::{
    AppId, CertificateFault, CertificateFile, Certificates, ConfigFault, Endpoint, Gateway, GatewayConfig, Trust,
    keys::{PrivateKey, PublicKey},
    protocol::Charset,
    system::{SystemClock, SystemRandom},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The gateway's part of a configuration, as `miniauth doctor` looks at it.
pub(crate) struct GatewaySettings {
    /// `None` comes with faults.
    pub(crate) config: Option<GatewayConfig>,
    /// Where the app's private key is, if that is set.
    pub(crate) private_key_file: Option<PathBuf>,
    /// What is wrong, with these settings and with the file as a whole.
    pub(crate) faults: Faults,
}

impl GatewaySettings {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn read(file: Option<&Path>) -> Self {
        let mut faults = Faults::default();
        let values = Values::read(file, |name| std::env::var_os(name), &mut faults);
        let mut loader = Loader { values: &values, faults };
        let config = config(&mut loader);
        let faults = loader.faults;
        let private_key_file = values.get(&settings::APP_PRIVATE_KEY_FILE).map(PathBuf::from);
        Self { config, private_key_file, faults }
    }
}

/// A client for each app, the one of the short form first; `None` comes with faults.
pub(super) fn clients(loader: &mut Loader<'_>) -> Option<Vec<Gateway>> {
    let values = loader.values;
    let short_form = values.apps.is_empty()
        || [&settings::APP_ID, &settings::APP_PRIVATE_KEY_FILE].iter().any(|setting| values.get(setting).is_some());
    let mut clients = Vec::new();
    if short_form {
        clients.push(client(loader));
    }
    for (index, app) in values.apps.iter().enumerate() {
        let mut of_app = Loader { values: app, faults: Faults::default() };
        clients.push(client(&mut of_app));
        loader.faults.add_within(&format!("[[apps]] number {}", index + 1), of_app.faults);
    }
    let clients: Vec<Gateway> = clients.into_iter().collect::<Option<_>>()?;
    for (index, client) in clients.iter().enumerate() {
        if clients[..index].iter().any(|other| other.app_id() == client.app_id()) {
            loader.faults.add_at(
                "[[apps]]".to_owned(),
                format!("the app {} stands twice; leave one of them out", client.app_id()),
            );
            return None;
        }
    }
    Some(clients)
}

/// A client as configured; `None` comes with faults.
fn client(loader: &mut Loader<'_>) -> Option<Gateway> {
    let config = config(loader)?;
    loader.keep(&settings::GATEWAY, Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)))
}

fn config(loader: &mut Loader<'_>) -> Option<GatewayConfig> {
    let app_id = loader.required(&settings::APP_ID, "the app's id, from its page in the console", AppId::parse);
    let app_private_key =
        in_file(loader, &settings::APP_PRIVATE_KEY_FILE, "the app's private key (应用私钥)", PrivateKey::parse);
    let trust = trust(loader);
    let charset = loader.or_default(&settings::CHARSET, Charset::Utf8.as_str(), str::parse::<Charset>);
    let endpoint = loader.or_default(&settings::GATEWAY, Endpoint::PRODUCTION, Endpoint::parse);
    if let (Some(own), Some(trust)) = (&app_private_key, &trust)
        && let Some((setting, fault)) = mixed_up(own, trust)
    {
        loader.faults.add(setting, fault);
        return None;
    }
    Some(GatewayConfig { charset: charset?, ..GatewayConfig::new(app_id?, app_private_key?, trust?, endpoint?) })
}

/// What would make every call fail, told at the setting where it is to be mended.
fn mixed_up(own: &PrivateKey, trust: &Trust) -> Option<(&'static Setting, ConfigFault)> {
    match trust {
        Trust::PublicKey(key) => {
            (key == own.public_key()).then_some((&settings::ALIPAY_PUBLIC_KEY_FILE, ConfigFault::OwnPublicKey))
        }
        Trust::Certificates(certificates) if certificates.app().public_key() != Ok(own.public_key()) => {
            Some((&settings::APP_CERTIFICATE_FILE, CertificateFault::OtherKey.into()))
        }
        Trust::Certificates(certificates) => {
            let fault = certificates.check_validity(SystemClock.now()).err()?;
            let setting = match fault.file {
                CertificateFile::App => &settings::APP_CERTIFICATE_FILE,
                CertificateFile::Platform => &settings::ALIPAY_CERTIFICATE_FILE,
                CertificateFile::Roots => &settings::ALIPAY_ROOT_CERTIFICATES_FILE,
            };
            Some((setting, CertificateFault::from(fault).into()))
        }
    }
}

/// The platform's public key, or the three certificates.
fn trust(loader: &mut Loader<'_>) -> Option<Trust> {
    let files =
        [&settings::APP_CERTIFICATE_FILE, &settings::ALIPAY_CERTIFICATE_FILE, &settings::ALIPAY_ROOT_CERTIFICATES_FILE];
    if files.iter().all(|setting| loader.values.get(setting).is_none()) {
        let key = in_file(
            loader,
            &settings::ALIPAY_PUBLIC_KEY_FILE,
            "the platform's public key for this app (支付宝公钥)",
            PublicKey::parse,
        );
        return key.map(Trust::from);
    }
    if loader.values.get(&settings::ALIPAY_PUBLIC_KEY_FILE).is_some() {
        loader.faults.add(
            &settings::ALIPAY_PUBLIC_KEY_FILE,
            "is set beside certificates: an app is in one mode only; leave out what the console does not show for it",
        );
        return None;
    }
    let [app, platform, roots] = files.map(|setting| {
        in_file(loader, setting, "the certificate of that name, from the same page of the console", |text| {
            Ok::<_, CertificateFault>(text.to_owned())
        })
    });
    let certificates = Certificates::parse(&app?, &platform?, &roots?);
    loader.keep(&settings::ALIPAY_CERTIFICATE_FILE, certificates).map(Trust::from)
}

fn in_file<T, E: Display>(
    loader: &mut Loader<'_>,
    setting: &Setting,
    what: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    loader.required(setting, &format!("the file with {what}"), |path| {
        let text = fs::read_to_string(path)
            .map(SecretString::from)
            .map_err(|fault| format!("{path} cannot be read: {fault}"))?;
        parse(text.expose_secret()).map_err(|fault| format!("{path}: {fault}"))
    })
}
