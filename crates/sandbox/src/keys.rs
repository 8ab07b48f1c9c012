//! The keys of the app and of the platform: made at the first start, read at every later one.

use crate::certificates;
use miniauth_openplatform::{
    Certificates,
    keys::{KeyError, PrivateKey, PublicKey},
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The app's private key, with which an app's server signs.
pub const APP_PRIVATE_KEY_FILE: &str = "app-private-key.pem";
/// The app's public key.
pub const APP_PUBLIC_KEY_FILE: &str = "app-public-key.pem";
/// The private key with which this platform signs.
pub const PLATFORM_PRIVATE_KEY_FILE: &str = "platform-private-key.pem";
/// The platform's public key, with which an app's server verifies.
pub const ALIPAY_PUBLIC_KEY_FILE: &str = "alipay-public-key.pem";

/// What the platform itself needs of the keys and certificates.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) app_public_key: PublicKey,
    pub(crate) platform_private_key: PrivateKey,
    pub(crate) certificates: Certificates,
}

impl Keys {
    /// Reads the private keys from `folder`, or makes them, and writes the public ones beside them.
    pub(crate) fn load_or_make(folder: &Path) -> Result<Self, KeyStoreError> {
        make_folder(folder).map_err(|source| KeyStoreError::Folder { folder: folder.to_owned(), source })?;
        let app = load_or_make(&folder.join(APP_PRIVATE_KEY_FILE), &folder.join(APP_PUBLIC_KEY_FILE))?;
        let platform = load_or_make(&folder.join(PLATFORM_PRIVATE_KEY_FILE), &folder.join(ALIPAY_PUBLIC_KEY_FILE))?;
        let certificates = certificates::load_or_make(folder, &app, &platform)?;
        Ok(Self { app_public_key: app.public_key().clone(), platform_private_key: platform, certificates })
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
    // Written at every start, so that the two halves always belong together.
    write(public_file, &key.public_key().to_spki_pem().map_err(key_fault)?)?;
    Ok(key)
}

/// Writes a file that only its owner may read; one that is there is replaced as a whole or not at all.
pub(crate) fn write(file: &Path, content: &str) -> Result<(), KeyStoreError> {
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

/// Why the keys cannot be had.
#[derive(Debug, Error)]
pub enum KeyStoreError {
    /// The folder cannot be made.
    #[error("the folder {} for the sandbox's keys cannot be made: choose one that can be written", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A key's file cannot be read or written.
    #[error("the sandbox's key file {} cannot be read or written: check its folder and owner", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The certificates cannot be made.
    #[error("the sandbox's certificates cannot be made: delete the files in {}, and the next start makes all anew", folder.display())]
    Certificates {
        /// The folder.
        folder: PathBuf,
        /// What the library says.
        source: rcgen::Error,
    },
    /// A key's file holds no usable key.
    #[error("the sandbox's key file {} cannot be used: delete it, and the next start makes a new one", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// What is wrong with the key.
        source: KeyError,
    },
}
