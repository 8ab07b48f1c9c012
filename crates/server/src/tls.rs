//! TLS with rustls, for servers without a proxy in front.

use parking_lot::RwLock;
use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject as _},
        },
    },
};

/// A certificate and its key, from files that can be read again after a renewal. Cheap to clone; clones share the
/// certificate.
///
/// Speaks TLS 1.2 and 1.3, with HTTP/1.1.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    certificates: PathBuf,
    key: PathBuf,
    present: RwLock<Arc<ServerConfig>>,
}

/// The certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate's file cannot be read, or has no certificate.
    #[error("{0}; it must contain the certificate and the intermediate certificates, in PEM")]
    Certificate(String),
    /// The key's file cannot be read, or has no key.
    #[error("{0}; it must contain the certificate's private key, in PEM, without a passphrase")]
    Key(String),
    /// The certificate and the key do not match.
    #[error("{0}; are they of the same certificate?")]
    Pair(String),
}

/// Describes the library's error, without the file's content.
fn describe(path: &Path, error: &pem::Error) -> String {
    let path = path.display();
    match error {
        pem::Error::Io(error) => format!("{path}: cannot be read: {error}"),
        pem::Error::NoItemsFound => format!("{path}: has nothing of this kind"),
        _ => format!("{path}: is not PEM"),
    }
}

impl Tls {
    /// Reads a certificate chain, the server's own first, and its private key (PKCS #8, PKCS #1 or SEC 1), both in PEM.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub fn from_files(certificates: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let (certificates, key) = (certificates.into(), key.into());
        let present = RwLock::new(read(&certificates, &key)?);
        Ok(Self(Arc::new(Shared { certificates, key, present })))
    }

    /// Reads the files again. Open connections are not affected; later ones get the new certificate.
    ///
    /// # Errors
    /// [`TlsError`]; the previous certificate stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = read(&self.0.certificates, &self.0.key)?;
        *self.0.present.write() = read;
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0.present.read()).into()
    }
}

/// The largest file that is read, in bytes.
const MAXIMUM: u64 = 1024 * 1024;

fn bounded(path: &Path) -> Result<Vec<u8>, pem::Error> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAXIMUM + 1).read_to_end(&mut bytes)).map_err(pem::Error::Io)?;
    if bytes.len() as u64 > MAXIMUM {
        return Err(pem::Error::Io(io::Error::other("it is larger than 1 MiB")));
    }
    Ok(bytes)
}

fn read(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let unreadable = |error| TlsError::Certificate(describe(certificates, &error));
    let text = bounded(certificates).map_err(unreadable)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(unreadable)?;
    if chain.is_empty() {
        return Err(unreadable(pem::Error::NoItemsFound));
    }
    let private = bounded(key).and_then(|text| PrivateKeyDer::from_pem_slice(&text));
    let private = private.map_err(|error| TlsError::Key(describe(key, &error)))?;
    let unfit = |error: rustls::Error| {
        TlsError::Pair(format!("{} and {} cannot be used together: {error}", certificates.display(), key.display()))
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
