//! What others need to use the sandbox: a configuration for `miniauth serve`, and JSON for an SDK.

use miniauth_sandbox::{
    ALIPAY_CERTIFICATE_FILE, ALIPAY_PUBLIC_KEY_FILE, ALIPAY_ROOT_CERTIFICATES_FILE, APP_CERTIFICATE_FILE, APP_ID,
    APP_PRIVATE_KEY_FILE, APP_PUBLIC_KEY_FILE,
};
use serde::Serialize;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    path::{self, Path},
};

/// The configuration for `miniauth serve --config`.
const SERVE_FILE: &str = "sandbox.toml";
/// The same for an SDK. It holds the app's private key, which is good for this sandbox only.
const SDK_FILE: &str = "sandbox.json";

/// Keys stand in it as bare base64 (PKCS#8 and SPKI), the form of the platform's key tool, and certificates as PEM.
#[derive(Serialize)]
pub(super) struct Description {
    gateway: String,
    control: String,
    app_id: &'static str,
    sign_type: &'static str,
    charsets: [&'static str; 2],
    app_private_key: String,
    app_public_key: String,
    alipay_public_key: String,
    app_certificate: String,
    alipay_certificate: String,
    alipay_root_certificates: String,
    serve_config_file: String,
}

impl Description {
    /// Writes both files into the sandbox's folder; the JSON on one line.
    pub(super) fn write(folder: &Path, address: SocketAddr) -> io::Result<String> {
        let folder = path::absolute(folder)?;
        let gateway = format!("http://{address}/gateway.do");
        let serve_file = folder.join(SERVE_FILE);
        write_private(&serve_file, &serve_config(&folder, &gateway))?;
        let text = |name| fs::read_to_string(folder.join(name));
        let key = |name| text(name).map(|pem| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>());
        let description = Self {
            control: format!("http://{address}/control"),
            gateway,
            app_id: APP_ID,
            sign_type: "RSA2",
            charsets: ["utf-8", "GBK"],
            app_private_key: key(APP_PRIVATE_KEY_FILE)?,
            app_public_key: key(APP_PUBLIC_KEY_FILE)?,
            alipay_public_key: key(ALIPAY_PUBLIC_KEY_FILE)?,
            app_certificate: text(APP_CERTIFICATE_FILE)?,
            alipay_certificate: text(ALIPAY_CERTIFICATE_FILE)?,
            alipay_root_certificates: text(ALIPAY_ROOT_CERTIFICATES_FILE)?,
            serve_config_file: serve_file.display().to_string(),
        };
        let json = serde_json::to_string(&description)?;
        write_private(&folder.join(SDK_FILE), &json)?;
        Ok(json)
    }
}

fn serve_config(folder: &Path, gateway: &str) -> String {
    let file = |name: &str| toml::Value::from(folder.join(name).display().to_string());
    format!(
        "# The sandbox at {gateway}, for `miniauth serve --config`.\n\
         gateway = {}\napp_id = \"{APP_ID}\"\napp_private_key_file = {}\n\n\
         # Key mode; for certificate mode, take the three lines below in its place.\n\
         alipay_public_key_file = {}\n\
         # app_certificate_file = {}\n# alipay_certificate_file = {}\n# alipay_root_certificates_file = {}\n",
        toml::Value::from(gateway),
        file(APP_PRIVATE_KEY_FILE),
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
