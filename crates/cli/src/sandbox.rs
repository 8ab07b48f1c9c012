//! `miniauth sandbox`: runs the local open platform, and writes a configuration for `miniauth serve` and JSON for an SDK.

use crate::command::{self, CliError, LogFormat};
use miniauth_core::random::Random;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_sandbox::{
    ALIPAY_CERTIFICATE_FILE, ALIPAY_PUBLIC_KEY_FILE, ALIPAY_ROOT_CERTIFICATES_FILE, APP_CERTIFICATE_FILE, APP_ID,
    APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE, CONTENT_KEY_FILE, MessageAddress, MessageAddressError, Profiles,
    SandboxConfig, SeededRandom, StartError,
};
use serde_json::json;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    path::{self, Path, PathBuf},
    sync::Arc,
};
use tracing_subscriber::EnvFilter;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "The sandbox knows the app 2021000000000001 and, for servers of several apps, 2021000000000002 with the same keys; \
                  2021000000000003 has not uploaded a key. The state folder has the key files that `miniauth serve` needs: \
                  app-private-key.pem, alipay-public-key.pem, and the certificates of certificate mode. The gateway is \
                  /gateway.do, OpenAPI v3 is under /v3/, and each request chooses its mode and charset. When a consent is withdrawn \
                  (DELETE /control/consent?user=ID), the sandbox posts a message to --message-address, repeatedly until the app \
                  answers `success`. GET /control/messages lists the deliveries; POST /control/messages/advance skips the time \
                  between them."
)]
pub(crate) struct Arguments {
    /// A loopback address; port 0 takes a free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8702")]
    listen: SocketAddr,
    /// The folder for the keys, which the first start creates.
    #[arg(long, value_name = "FOLDER", default_value = ".miniauth/sandbox")]
    state_dir: PathBuf,
    /// When it listens, writes sandbox.toml (for `miniauth serve --config`) and sandbox.json (for an SDK) into the folder, and prints the
    /// JSON on one line.
    #[arg(long)]
    print_config: bool,
    /// The address on this machine where an app receives the platform's messages; without an app id, the first app's. May be repeated.
    #[arg(long, value_name = "[APP_ID=]URL", value_parser = message_address)]
    message_address: Vec<(String, MessageAddress)>,
    #[arg(long, value_name = "NAME:VALUE,...", default_value = "", hide_default_value = true, help = profiles_help())]
    profile: Profiles,
    /// Makes codes, tokens and random faults reproducible: the same calls get the same answers.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

fn profiles_help() -> String {
    format!("How to behave where sources contradict each other: {}. The first value is the default", Profiles::known())
}

/// Parses an address and the app that it belongs to.
fn message_address(text: &str) -> Result<(String, MessageAddress), MessageAddressError> {
    let (app_id, address) = match text.split_once('=') {
        Some((app_id, address)) if app_id.bytes().all(|byte| byte.is_ascii_digit()) => (app_id, address),
        _ => (APP_ID, text),
    };
    Ok((app_id.to_owned(), MessageAddress::parse(address)?))
}

/// Runs the sandbox until a signal stops it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    command::start_logging(LogFormat::Text, EnvFilter::new("info"), None);
    command::run(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), CliError> {
    let stop = command::stop_requested().map_err(CliError::running)?;
    let profiles = arguments.profile.clone();
    let mut config = SandboxConfig::new(arguments.listen, &arguments.state_dir);
    config.profiles = profiles.clone();
    config.message_addresses.extend(arguments.message_address.iter().cloned());
    let random: Arc<dyn Random> = match arguments.seed {
        Some(seed) => Arc::new(SeededRandom::new(seed)),
        None => Arc::new(SystemRandom),
    };
    command::keep_out_of_git(&arguments.state_dir).map_err(CliError::running)?;
    let sandbox = miniauth_sandbox::start(config, Arc::new(SystemClock), random).await;
    let sandbox = sandbox.map_err(|error| match error {
        StartError::NotLoopback(_) | StartError::UnknownApp(_) => CliError::Arguments(error.to_string()),
        _ => CliError::running(error),
    })?;
    let address = sandbox.local_addr();
    let description = arguments.print_config.then(|| write_config(&arguments.state_dir, address)).transpose();
    let description = description.map_err(CliError::running)?;
    command::announce("sandbox", "http", address);
    if profiles != Profiles::default() {
        tracing::info!("sandbox: profile {profiles}");
    }
    if let Some(json) = description {
        command::line(&json)?;
    }
    sandbox.run(stop).await;
    Ok(())
}

/// The file with the configuration for `miniauth serve --config`.
const SERVE_FILE: &str = "sandbox.toml";
/// The file with the configuration for an SDK. It holds the app's private key, which only this sandbox accepts.
const SDK_FILE: &str = "sandbox.json";

/// Writes both files into the sandbox's folder, and returns the JSON. It is on one line, with keys as bare base64 (PKCS#8 and SPKI), as the
/// platform's key tool writes them, and certificates as PEM.
fn write_config(folder: &Path, address: SocketAddr) -> io::Result<String> {
    let folder = path::absolute(folder)?;
    let gateway = format!("http://{address}/gateway.do");
    let serve_file = folder.join(SERVE_FILE);
    write_private(&serve_file, &serve_config(&folder, &gateway))?;
    let text = |name| fs::read_to_string(folder.join(name));
    let key = |name| text(name).map(|pem| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>());
    let json = json!({
        "gateway": gateway,
        "control": format!("http://{address}/control"),
        "app_id": APP_ID,
        "sign_type": "RSA2",
        "charsets": ["utf-8", "GBK"],
        "app_private_key": key(APP_PRIVATE_KEY_FILE)?,
        "app_public_key": key(APP_PUBLIC_KEY_FILE)?,
        "alipay_public_key": key(ALIPAY_PUBLIC_KEY_FILE)?,
        "content_key": text(CONTENT_KEY_FILE)?,
        "app_certificate": text(APP_CERTIFICATE_FILE)?,
        "alipay_certificate": text(ALIPAY_CERTIFICATE_FILE)?,
        "alipay_root_certificates": text(ALIPAY_ROOT_CERTIFICATES_FILE)?,
        "serve_config_file": serve_file.display().to_string(),
    })
    .to_string();
    write_private(&folder.join(SDK_FILE), &json)?;
    Ok(json)
}

fn serve_config(folder: &Path, gateway: &str) -> String {
    let file = |name: &str| toml::Value::from(folder.join(name).display().to_string());
    format!(
        "# The sandbox at {gateway}, for `miniauth serve --config`.\n\
         gateway = {}\napp_id = \"{APP_ID}\"\napp_private_key_file = {}\ncontent_key_file = {}\n\n\
         # Key mode. For certificate mode, use the three lines below instead.\n\
         alipay_public_key_file = {}\n\
         # app_certificate_file = {}\n# alipay_certificate_file = {}\n# alipay_root_certificates_file = {}\n",
        toml::Value::from(gateway),
        file(APP_PRIVATE_KEY_FILE),
        file(CONTENT_KEY_FILE),
        file(ALIPAY_PUBLIC_KEY_FILE),
        file(APP_CERTIFICATE_FILE),
        file(ALIPAY_CERTIFICATE_FILE),
        file(ALIPAY_ROOT_CERTIFICATES_FILE),
    )
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}
