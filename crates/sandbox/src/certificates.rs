//! The certificates of certificate mode: made from the same keys that key mode uses.

use crate::keys::{KeyStoreError, write};
use miniauth_openplatform::{Certificates, keys::PrivateKey};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    date_time_ymd,
};
use std::{fs, path::Path};

/// The app's certificate.
pub const APP_CERTIFICATE_FILE: &str = "app-certificate.pem";
/// The platform's certificate, whose key is that of the platform's public key.
pub const ALIPAY_CERTIFICATE_FILE: &str = "alipay-certificate.pem";
/// The platform's root certificates.
pub const ALIPAY_ROOT_CERTIFICATES_FILE: &str = "alipay-root-certificates.pem";

/// Reads the certificates from `folder`, or makes them when one is missing or is not of these keys.
pub(crate) fn load_or_make(
    folder: &Path,
    app: &PrivateKey,
    platform: &PrivateKey,
) -> Result<Certificates, KeyStoreError> {
    if let Some(certificates) = load(folder, app, platform) {
        return Ok(certificates);
    }
    let texts =
        make(app, platform).map_err(|source| KeyStoreError::Certificates { folder: folder.to_owned(), source })?;
    for (name, text) in names().into_iter().zip(&texts) {
        write(&folder.join(name), text)?;
    }
    load(folder, app, platform).ok_or_else(|| KeyStoreError::Certificates {
        folder: folder.to_owned(),
        source: rcgen::Error::CouldNotParseCertificate,
    })
}

const fn names() -> [&'static str; 3] {
    [APP_CERTIFICATE_FILE, ALIPAY_CERTIFICATE_FILE, ALIPAY_ROOT_CERTIFICATES_FILE]
}

fn load(folder: &Path, app: &PrivateKey, platform: &PrivateKey) -> Option<Certificates> {
    let [app_text, platform_text, roots] = names().map(|name| fs::read_to_string(folder.join(name)).ok());
    let certificates = Certificates::parse(&app_text?, &platform_text?, &roots?).ok()?;
    let of_these_keys =
        certificates.app().public_key() == Ok(app.public_key()) && certificates.platform_key() == platform.public_key();
    of_these_keys.then_some(certificates)
}

fn make(app: &PrivateKey, platform: &PrivateKey) -> Result<[String; 3], rcgen::Error> {
    let root_key = PrivateKey::generate().map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
    let root_key = pair(&root_key)?;
    let root_params = authority("miniauth sandbox root R1");
    let root = root_params.self_signed(&root_key)?.pem();
    let issuer = Issuer::new(root_params, root_key);
    let app = params("2021000000000001").signed_by(&pair(app)?, &issuer)?.pem();
    let platform = params("miniauth sandbox").signed_by(&pair(platform)?, &issuer)?.pem();
    // As in the real file, not every root is signed with RSA, and those do not count. A blank line between
    // certificates is what some SDKs split at.
    let elliptic = authority("miniauth sandbox root E1").self_signed(&KeyPair::generate()?)?.pem();
    Ok([app, platform, [root, elliptic].map(|pem| pem.replace("\r\n", "\n")).join("\n")])
}

fn pair(key: &PrivateKey) -> Result<KeyPair, rcgen::Error> {
    let pem = key.to_pkcs8_pem().map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    KeyPair::from_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256)
}

/// A name has the four parts that all SDKs know, in the order in which they expect them.
fn params(common_name: &str) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "miniauth");
    name.push(DnType::OrganizationalUnitName, "Certification Authority");
    name.push(DnType::CommonName, common_name);
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params
}

fn authority(common_name: &str) -> CertificateParams {
    let mut params = params(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}
