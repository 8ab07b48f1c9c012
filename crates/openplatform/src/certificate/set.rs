//! The three certificates of an app in certificate mode.

use super::{Certificate, CertificateFault, chain};
use crate::keys::PublicKey;

/// The app's certificate, the platform's, and the platform's roots: what certificate mode needs besides the app's
/// private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    app: Certificate,
    platform: Certificate,
    platform_key: PublicKey,
    root_serial: String,
    /// From who vouches for the platform's certificate to the root.
    pub(super) path: Vec<Certificate>,
}

impl Certificates {
    /// Reads the three files of the console: `appCertPublicKey` (应用公钥证书), `alipayCertPublicKey_RSA2`
    /// (支付宝公钥证书), `alipayRootCert` (支付宝根证书).
    ///
    /// A root that cannot be read is skipped: the platform's own file has one that strict readers refuse. Times are not
    /// looked at here, see [`check_validity`](Self::check_validity).
    ///
    /// # Errors
    /// [`CertificateFault`] when one of them cannot be used, when the platform's is the app's own, or when the roots do
    /// not vouch for the platform's.
    pub fn parse(app: &str, platform: &str, roots: &str) -> Result<Self, CertificateFault> {
        let app = Certificate::parse(app)?;
        let chain: Result<Vec<_>, _> = Certificate::parse_all(platform)?.into_iter().collect();
        let chain = chain?;
        let roots: Vec<_> = Certificate::parse_all(roots)?.into_iter().filter_map(Result::ok).collect();
        let platform = chain.first().ok_or(CertificateFault::Empty)?.clone();
        if app.public_key()? == platform.public_key()? {
            return Err(CertificateFault::OwnCertificate);
        }
        let root_serial = root_serial(&roots).ok_or(CertificateFault::NoRsaRoot)?;
        let path = chain::path(&chain, &roots)?;
        Ok(Self { platform_key: platform.public_key()?.clone(), app, platform, root_serial, path })
    }

    /// The app's certificate.
    pub fn app(&self) -> &Certificate {
        &self.app
    }

    /// The platform's certificate, whose key verifies answers.
    pub fn platform(&self) -> &Certificate {
        &self.platform
    }

    /// The key of the platform's certificate.
    pub fn platform_key(&self) -> &PublicKey {
        &self.platform_key
    }

    /// `alipay_root_cert_sn`: the serial numbers of the roots that are signed with RSA, joined with `_`.
    pub fn root_serial(&self) -> &str {
        &self.root_serial
    }
}

fn root_serial(roots: &[Certificate]) -> Option<String> {
    let serials: Vec<&str> = roots.iter().filter(|root| root.is_signed_with_rsa()).map(Certificate::serial).collect();
    if serials.is_empty() { None } else { Some(serials.join("_")) }
}
