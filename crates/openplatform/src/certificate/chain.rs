//! Whether a certificate is vouched for.

use super::{Certificate, CertificateFault};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};

impl Certificate {
    /// Whether `issuer` has signed this certificate, and may sign any.
    fn is_issued_by(&self, issuer: &Self) -> bool {
        let Some(algorithm) = parameters(&self.algorithm) else { return false };
        // The app's own certificate has the same roots, and the app has its key: it must not make others.
        issuer.is_authority
            && self.issuer == issuer.subject
            && issuer.public_key().is_ok_and(|key| key.verify_with(algorithm, &self.signed, &self.signature).is_ok())
    }
}

fn parameters(algorithm: &str) -> Option<&'static RsaParameters> {
    match algorithm {
        "1.2.840.113549.1.1.5" => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.1.1.11" => Some(&RSA_PKCS1_2048_8192_SHA256),
        "1.2.840.113549.1.1.12" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "1.2.840.113549.1.1.13" => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

/// Follows the first certificate of `chain`, through any others of it, to one of `roots`: the certificates after the
/// first, the root last. Of several roots that vouch, as after a renewal, the one that is valid longest.
pub(super) fn path(chain: &[Certificate], roots: &[Certificate]) -> Result<Vec<Certificate>, CertificateFault> {
    let (leaf, others) = chain.split_first().ok_or(CertificateFault::Empty)?;
    let mut present = leaf;
    let mut path = Vec::new();
    // Each step uses another certificate of the file, so there are no more steps than certificates.
    for _ in chain {
        let vouching = roots.iter().filter(|root| *root == present || present.is_issued_by(root));
        if let Some(root) = vouching.max_by_key(|root| root.not_after) {
            path.push(root.clone());
            return Ok(path);
        }
        match others.iter().find(|other| *other != present && present.is_issued_by(other)) {
            Some(issuer) => {
                present = issuer;
                path.push(issuer.clone());
            }
            None => break,
        }
    }
    Err(CertificateFault::NotVouchedFor)
}
