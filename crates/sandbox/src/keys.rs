//! The keys of the app and of the platform, and their certificates for certificate mode. The first start creates them, later ones read
//! them.

use miniauth_core::random::Random;
use miniauth_openplatform::{
    Certificates, ContentKey, ContentKeyError,
    keys::{KeyError, PrivateKey, PublicKey},
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    date_time_ymd,
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The file of the app's private key, with which an app's server signs.
pub const APP_PRIVATE_KEY_FILE: &str = "app-private-key.pem";
/// The file of the app's public key.
pub const APP_PUBLIC_KEY_FILE: &str = "app-public-key.pem";
/// The file of the private key with which this platform signs.
pub const PLATFORM_PRIVATE_KEY_FILE: &str = "platform-private-key.pem";
/// The file of the platform's public key, with which an app's server verifies.
pub const ALIPAY_PUBLIC_KEY_FILE: &str = "alipay-public-key.pem";

/// The file of the app's content key (AES 密钥 of 接口内容加密方式), in base64.
pub const CONTENT_KEY_FILE: &str = "content-key.txt";

/// The file of the app's certificate.
pub const APP_CERTIFICATE_FILE: &str = "app-certificate.pem";
/// The file of the platform's certificate, which has the platform's public key.
pub const ALIPAY_CERTIFICATE_FILE: &str = "alipay-certificate.pem";
/// The file of the platform's root certificates.
pub const ALIPAY_ROOT_CERTIFICATES_FILE: &str = "alipay-root-certificates.pem";

/// The keys and certificates that the platform itself needs.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) app_public_key: PublicKey,
    pub(crate) platform_private_key: PrivateKey,
    pub(crate) certificates: Certificates,
    pub(crate) content_key: ContentKey,
}

impl Keys {
    /// Reads the private keys from `folder`, or creates them, and writes the public ones beside them.
    pub(crate) fn load_or_make(folder: &Path, random: &dyn Random) -> Result<Self, KeyStoreError> {
        make_folder(folder).map_err(|source| KeyStoreError::Folder { folder: folder.to_owned(), source })?;
        let app = load_or_make(&folder.join(APP_PRIVATE_KEY_FILE), &folder.join(APP_PUBLIC_KEY_FILE))?;
        let platform = load_or_make(&folder.join(PLATFORM_PRIVATE_KEY_FILE), &folder.join(ALIPAY_PUBLIC_KEY_FILE))?;
        let certificates = certificates(folder, &app, &platform)?;
        let content_key = load_or_make_content_key(&folder.join(CONTENT_KEY_FILE), random)?;
        let app_public_key = app.public_key().clone();
        Ok(Self { app_public_key, platform_private_key: platform, certificates, content_key })
    }
}

fn load_or_make(private_file: &Path, public_file: &Path) -> Result<PrivateKey, KeyStoreError> {
    let key_fault = |source| KeyStoreError::Key { file: private_file.to_owned(), source };
    let key = match fs::read_to_string(private_file) {
        Ok(text) => PrivateKey::parse(&text).map_err(key_fault)?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            let key = PrivateKey::generate().map_err(key_fault)?;
            write(private_file, &key.to_pkcs8_pem().map_err(key_fault)?)?;
            key
        }
        Err(source) => return Err(KeyStoreError::File { file: private_file.to_owned(), source }),
    };
    // Written at every start, so the two halves always match.
    write(public_file, &key.public_key().to_spki_pem().map_err(key_fault)?)?;
    Ok(key)
}

fn load_or_make_content_key(file: &Path, random: &dyn Random) -> Result<ContentKey, KeyStoreError> {
    let key_fault = |source| KeyStoreError::ContentKey { file: file.to_owned(), source };
    match fs::read_to_string(file) {
        Ok(text) => ContentKey::parse(&text).map_err(key_fault),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            let key = ContentKey::generate(random);
            write(file, &key.to_base64())?;
            Ok(key)
        }
        Err(source) => Err(KeyStoreError::File { file: file.to_owned(), source }),
    }
}

/// Writes a file that only its owner may read, or replaces it atomically.
fn write(file: &Path, content: &str) -> Result<(), KeyStoreError> {
    let written = || {
        let unfinished = file.with_extension(format!("{}.tmp", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&unfinished)?.write_all(content.as_bytes())?;
        fs::rename(&unfinished, file)
    };
    written().map_err(|source| KeyStoreError::File { file: file.to_owned(), source })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Reads the certificates from `folder`, or creates them if one is missing or has another key.
fn certificates(folder: &Path, app: &PrivateKey, platform: &PrivateKey) -> Result<Certificates, KeyStoreError> {
    if let Some(certificates) = load_certificates(folder, app, platform) {
        return Ok(certificates);
    }
    let texts = make_certificates(app, platform)
        .map_err(|source| KeyStoreError::Certificates { folder: folder.to_owned(), source })?;
    for (name, text) in CERTIFICATE_FILES.into_iter().zip(&texts) {
        write(&folder.join(name), text)?;
    }
    load_certificates(folder, app, platform).ok_or_else(|| KeyStoreError::Certificates {
        folder: folder.to_owned(),
        source: rcgen::Error::CouldNotParseCertificate,
    })
}

const CERTIFICATE_FILES: [&str; 3] = [APP_CERTIFICATE_FILE, ALIPAY_CERTIFICATE_FILE, ALIPAY_ROOT_CERTIFICATES_FILE];

fn load_certificates(folder: &Path, app: &PrivateKey, platform: &PrivateKey) -> Option<Certificates> {
    let [app_text, platform_text, roots] = CERTIFICATE_FILES.map(|name| fs::read_to_string(folder.join(name)).ok());
    let certificates = Certificates::parse(&app_text?, &platform_text?, &roots?).ok()?;
    let of_these_keys =
        certificates.app().public_key() == Ok(app.public_key()) && certificates.platform_key() == platform.public_key();
    of_these_keys.then_some(certificates)
}

fn make_certificates(app: &PrivateKey, platform: &PrivateKey) -> Result<[String; 3], rcgen::Error> {
    let root_key = PrivateKey::generate().map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
    let root_key = pair(&root_key)?;
    let root_params = authority("miniauth sandbox root R1");
    let root = root_params.self_signed(&root_key)?.pem();
    let issuer = Issuer::new(root_params, root_key);
    let app = params("2021000000000001").signed_by(&pair(app)?, &issuer)?.pem();
    let platform = params("miniauth sandbox").signed_by(&pair(platform)?, &issuer)?.pem();
    // As in the real file, one root is not signed with RSA and is ignored. Some SDKs split at the blank line between certificates.
    let elliptic = authority("miniauth sandbox root E1").self_signed(&KeyPair::generate()?)?.pem();
    Ok([app, platform, [root, elliptic].map(|pem| pem.replace("\r\n", "\n")).join("\n")])
}

fn pair(key: &PrivateKey) -> Result<KeyPair, rcgen::Error> {
    let pem = key.to_pkcs8_pem().map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    KeyPair::from_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256)
}

/// Makes a certificate's parameters. Its name has the four parts that all SDKs know, in the order that they expect.
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

/// Why the keys cannot be loaded or created.
#[derive(Debug, Error)]
pub enum KeyStoreError {
    /// The folder cannot be created.
    #[error("the folder {} for the sandbox's keys cannot be created: choose a writable place", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A key's file cannot be read or written.
    #[error("the sandbox's key file {} cannot be read or written: check its folder and owner", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The certificates cannot be created.
    #[error("the sandbox's certificates cannot be created: delete the files in {}, and the next start creates all again", folder.display())]
    Certificates {
        /// The folder.
        folder: PathBuf,
        /// The library's error.
        source: rcgen::Error,
    },
    /// A key's file holds no usable key.
    #[error("the sandbox's key file {} is unusable: delete it, and the next start creates a new one", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// What is wrong with the key.
        source: KeyError,
    },
    /// The content key's file holds no usable key.
    #[error("the sandbox's content key {} is unusable: delete it, and the next start creates a new one", file.display())]
    ContentKey {
        /// The file.
        file: PathBuf,
        /// What is wrong with the key.
        source: ContentKeyError,
    },
}
