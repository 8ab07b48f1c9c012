//! `miniauth doctor`: tests the gateway settings against the platform.

use crate::{
    command::{self, CliError},
    serve::gateway::{AppSettings, GatewaySettings, not_vouched_for},
};
use miniauth_core::time::{Clock as _, Timestamp};
use miniauth_openplatform::{
    Action, Certificate, CertificateFile, Certificates, Endpoint, Gateway, GatewayConfig, GatewayError,
    GatewayErrorKind, Probe, Setting, Trust, VerifyError,
    protocol::beijing_time,
    system::{SystemClock, SystemRandom},
};
use miniauth_server::MessagesPath;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The tolerated clock difference. The platform refuses timestamps that are far off; a synchronised clock is within a second.
const TOLERATED_SKEW_SECONDS: u64 = 60;

/// How many days before a certificate expires it is mentioned.
const NOTICE_DAYS: u64 = 30;

const SECONDS_PER_DAY: u64 = 86_400;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "For each configured app it asks the gateway to exchange a made-up auth code. A correctly signed refusal with the \
                  expected code proves address, app id, keys and charset at once. Nothing changes on the platform. Exits with 0 \
                  if everything is right, otherwise with 1."
)]
pub(crate) struct Arguments {
    /// The configuration file (TOML) of `miniauth serve`; without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
}

/// What the checks found, line by line.
#[derive(Default)]
struct Findings {
    /// A prefix for each finding; empty for a single app.
    about: String,
    lines: Vec<String>,
    faults: usize,
}

impl Findings {
    fn good(&mut self, what: &str, text: impl std::fmt::Display) {
        self.lines.push(format!("ok     {}{what}: {text}", self.about));
    }

    fn note(&mut self, what: &str, text: impl std::fmt::Display) {
        self.lines.push(format!("note   {}{what}: {text}", self.about));
    }

    fn fault(&mut self, what: &str, text: impl std::fmt::Display) {
        self.faults += 1;
        self.lines.push(format!("FAULT  {}{what}: {text}", self.about));
    }
}

/// Runs all checks and prints every finding.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let settings = GatewaySettings::read(arguments.config.as_deref());
    let mut findings = Findings::default();
    for (place, what) in settings.error.iter() {
        findings.fault(place, what);
    }
    for warning in &settings.warnings {
        findings.note("settings", warning);
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::running)?;
    let several = settings.apps.len() > 1;
    for app in settings.apps {
        if several {
            findings.about = format!("app {}, ", app.id.as_deref().unwrap_or("without an id"));
        }
        if let Some(messages) = &settings.messages {
            describe_messages(messages.as_ref(), app.id.as_deref().filter(|_| several), &mut findings);
        }
        runtime.block_on(check_app(app, &mut findings));
    }
    command::line(&findings.lines.join("\n"))?;
    match findings.faults {
        0 => command::line("nothing is wrong"),
        1 => Err(CliError::Running("doctor: there is one fault".to_owned())),
        several => Err(CliError::Running(format!("doctor: there are {several} faults"))),
    }
}

async fn check_app(app: AppSettings, findings: &mut Findings) {
    if let Some(file) = &app.private_key_file {
        check_permissions(file, findings);
    }
    match app.config {
        Some(config) => {
            describe(&config, findings);
            check_gateway(config, findings).await;
        }
        None => findings.note("gateway", "not asked: correct the settings above first"),
    }
}

/// Says where the platform has to send its messages. `app_id` is set if there are several apps.
fn describe_messages(path: Option<&MessagesPath>, app_id: Option<&str>, findings: &mut Findings) {
    let Some(path) = path else {
        let text = "off (platform_messages): the server does not learn when a user withdraws consent; run `miniauth reconcile` \
                    every day";
        return findings.note("messages", text);
    };
    let app = app_id.map_or_else(String::new, |app_id| format!("/apps/{app_id}"));
    findings.note(
        "messages",
        format!(
            "set the app's gateway address (应用网关) in the console to https://<this server>{app}{path}: the platform reports \
             withdrawals of consent there. Only the console shows the present address"
        ),
    );
}

#[cfg(unix)]
fn check_permissions(file: &Path, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = file.metadata() else { return };
    if metadata.permissions().mode() & 0o077 != 0 {
        let place = file.display();
        findings.note("app private key", format!("{place} can be read by others: run `chmod 600 {place}`"));
    }
}

#[cfg(not(unix))]
fn check_permissions(_file: &Path, _findings: &mut Findings) {}

/// Describes the settings, which are valid as far as one can tell without the gateway.
fn describe(config: &GatewayConfig, findings: &mut Findings) {
    findings.good("app id", &config.app_id);
    findings.good("app private key", format!("an RSA key of {} bits", config.app_private_key.public_key().bits()));
    findings.good("api", config.api);
    findings.good("charset", config.charset);
    match &config.trust {
        Trust::PublicKey(key) => {
            findings.good("alipay public key", format!("an RSA key of {} bits, not the app's own", key.bits()));
        }
        Trust::Certificates(certificates) => describe_certificates(certificates, findings),
    }
}

fn describe_certificates(certificates: &Certificates, findings: &mut Findings) {
    if certificates.are_vouched_for() {
        findings
            .good("certificates", "the platform's chains to a root, and the app's belongs to the app's private key");
    } else {
        findings.note("certificates", not_vouched_for());
    }
    findings.good("root certificates", format!("alipay_root_cert_sn {}", certificates.root_serial()));
    for (file, certificate) in certificates.in_use() {
        describe_validity(file, certificate, SystemClock.now(), findings);
    }
}

/// Describes how long a certificate is still valid. Expired ones were reported with the settings.
fn describe_validity(file: CertificateFile, certificate: &Certificate, now: Timestamp, findings: &mut Findings) {
    let (what, serial) = (file.setting().as_str(), certificate.serial());
    let days_left = certificate.not_after().millis_since(now) / 1_000 / SECONDS_PER_DAY;
    if days_left < NOTICE_DAYS {
        let end = beijing_time(certificate.not_after());
        let text =
            format!("{serial} expires in {days_left} days, at {end} (GMT+8): download the next one from the console");
        findings.note(what, text);
    } else {
        findings.good(what, format!("{serial}, valid for {days_left} more days"));
    }
}

async fn check_gateway(config: GatewayConfig, findings: &mut Findings) {
    let endpoint = config.endpoint.clone();
    let has_content_key = !config.content_keys.is_empty();
    let trust = config.trust.clone();
    let gateway = match Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)) {
        Ok(gateway) => gateway,
        Err(fault) => return findings.fault("gateway", fault),
    };
    let Probe { outcome, gateway_time } = gateway.probe().await;
    if let Some(gateway_time) = gateway_time {
        check_clock(gateway_time, SystemClock.now(), findings);
    }
    match outcome {
        Ok(()) => {
            findings.good("gateway", format!("{} answers", endpoint.as_str()));
            findings.good("pairs", "the platform accepted our signature, and we verified its signature");
            check_user_info(&gateway, findings).await;
            if has_content_key {
                check_content_key(&gateway, findings).await;
            } else {
                findings.note(CONTENT_KEY, NO_CONTENT_KEY);
            }
        }
        Err(error) => {
            let what = format!("gateway {}", endpoint.as_str());
            findings.fault(&what, described(&error, &trust, &endpoint));
        }
    }
}

/// Checks the product 获取会员信息. Without a user who consents, only its absence may show.
async fn check_user_info(gateway: &Gateway, findings: &mut Findings) {
    const WHAT: &str = "user information";
    match gateway.probe_user_info().await {
        Ok(()) => findings.good(
            WHAT,
            "the platform refused a made-up token, as it should; only the first user's consent shows for sure whether the product \
             获取会员信息 is in force and its fields are approved",
        ),
        Err(error) if matches!(error.action(), Action::FixConfiguration(_)) => {
            findings.fault(WHAT, advice(&error, change(&error)));
        }
        Err(error) => findings.note(WHAT, advice(&error, None)),
    }
}

/// The name of the content key's check.
const CONTENT_KEY: &str = "content key";

/// Only phone numbers need a content key, and personal mini-programs do not get them.
const NO_CONTENT_KEY: &str = "none is set, so POST /phone answers phone_not_configured. For phone numbers (enterprise accounts only), put \
    the console's AES key (接口内容加密方式) into content_key_file; nothing else needs it";

/// Checks whether the platform has the same content key.
async fn check_content_key(gateway: &Gateway, findings: &mut Findings) {
    match gateway.probe_content_key().await {
        Ok(()) => findings.good(CONTENT_KEY, "the platform decrypted our call, and we decrypted its answer"),
        Err(error) if error.action() == Action::FixConfiguration(Setting::ContentKey) => {
            findings.fault(CONTENT_KEY, advice(&error, change(&error)));
        }
        Err(error) => findings.note(CONTENT_KEY, format!("could not be tested: {}", advice(&error, None))),
    }
}

fn check_clock(gateway_time: Timestamp, now: Timestamp, findings: &mut Findings) {
    let (ahead, behind) = (now.millis_since(gateway_time) / 1_000, gateway_time.millis_since(now) / 1_000);
    if ahead > TOLERATED_SKEW_SECONDS {
        findings.fault("clock", format!("this machine is {ahead} seconds ahead of the gateway: set its clock"));
    } else if behind > TOLERATED_SKEW_SECONDS {
        findings.fault("clock", format!("this machine is {behind} seconds behind the gateway: set its clock"));
    } else {
        findings.good("clock", format!("within {} seconds of the gateway's", ahead.max(behind).max(1)));
    }
}

/// Describes the error, what to do about it, and whether app and gateway may belong to different platforms.
fn described(error: &GatewayError, trust: &Trust, endpoint: &Endpoint) -> String {
    let wrong_key = matches!(error.kind(), GatewayErrorKind::Untrusted(VerifyError::SignatureInvalid));
    let change = match trust {
        Trust::PublicKey(_) if wrong_key => Some(Setting::AlipayPublicKey),
        Trust::Certificates(_) if wrong_key => Some(Setting::AlipayCertificate),
        _ => change(error),
    };
    let is_about_the_app = |setting| {
        matches!(
            setting,
            Setting::AppId | Setting::AppPrivateKey | Setting::AlipayPublicKey | Setting::AlipayCertificate
        ) || matches!(setting, Setting::AppCertificate | Setting::RootCertificates)
    };
    let mut text = advice(error, change);
    if change.is_some_and(is_about_the_app) {
        text.push_str("\n       ");
        text.push_str(&same_platform(endpoint));
    }
    text
}

fn change(error: &GatewayError) -> Option<Setting> {
    match error.action() {
        Action::FixConfiguration(setting) => Some(setting),
        _ => None,
    }
}

/// Returns the error, what to do about it in both languages, and the setting to change.
fn advice(error: &GatewayError, change: Option<Setting>) -> String {
    let mut text = error.to_string();
    let reason = error.explanation();
    for sentence in [reason.en, reason.zh] {
        // A refusal's own text already contains its reason.
        if !text.contains(sentence) {
            text.push_str("\n       ");
            text.push_str(sentence);
        }
    }
    if let Some(setting) = change {
        text.push_str(&format!("\n       change: {setting}"));
    }
    text
}

/// Describes the most common cause of an unknown app or of keys that do not match, if both were copied correctly.
fn same_platform(endpoint: &Endpoint) -> String {
    let (production, sandbox) = (Endpoint::PRODUCTION, Endpoint::PLATFORM_SANDBOX);
    if endpoint.as_str() == production {
        format!("or change: gateway, if the app belongs to the platform's own sandbox: that is {sandbox}")
    } else if endpoint.is_platform_sandbox() {
        format!(
            "or change: gateway, if the app does not belong to the platform's own sandbox: production is {production}"
        )
    } else {
        format!(
            "or change: gateway, if app and keys belong to another platform: production is {production}, the platform's own \
             sandbox {sandbox}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_mentioned_thirty_days_before_it_expires() {
        let made = rcgen::generate_simple_self_signed(["gateway.shop.example".to_owned()]).unwrap();
        let certificate = Certificate::parse(&made.cert.pem()).unwrap();
        let end = certificate.not_after().as_seconds();
        for (days, expected) in [(29, "note   alipay_certificate_file"), (31, "ok     alipay_certificate_file")] {
            let mut findings = Findings::default();
            let now = Timestamp::from_seconds(end - days * SECONDS_PER_DAY);
            describe_validity(CertificateFile::Platform, &certificate, now, &mut findings);
            let line = &findings.lines[0];
            assert!(line.starts_with(expected) && line.contains(&format!("{days} ")), "{line}");
            assert_eq!(line.contains("expires in 29 days, at 4"), days == 29, "the year 4096: {line}");
        }
    }

    #[test]
    fn a_wrong_clock_is_reported_with_its_direction() {
        let gateway_time = Timestamp::from_seconds(1_795_230_256);
        for (offset, expected) in [(0, "ok "), (60, "ok "), (61, "61 seconds ahead"), (-61, "61 seconds behind")] {
            let now = Timestamp::from_seconds(1_795_230_256_u64.saturating_add_signed(offset));
            let mut findings = Findings::default();
            check_clock(gateway_time, now, &mut findings);
            assert!(findings.lines[0].contains(expected), "{}", findings.lines[0]);
            assert_eq!(findings.faults, usize::from(offset.abs() > 60));
        }
    }
}
