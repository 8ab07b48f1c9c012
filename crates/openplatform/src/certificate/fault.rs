//! What can be wrong with configured certificates.

use super::OutOfDate;
use crate::keys::KeyFault;
use thiserror::Error;

/// Why a certificate cannot be used. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// There is nothing in the text.
    #[error("the certificate is empty: download it again from the app's page in the console")]
    Empty,
    /// There are more certificates than any real file has.
    #[error("the file holds more than {} certificates", super::MAXIMUM_CERTIFICATES)]
    TooMany,
    /// A key or something else stands where a certificate is needed.
    #[error("this is not an X.509 certificate (PEM or base64): download it again from the app's page in the console")]
    NotACertificate,
    /// A name in it is of a form that has no text.
    #[error("the name of the certificate's issuer cannot be read")]
    Name,
    /// The key in it cannot be used.
    #[error("the certificate's key cannot be used: {0}")]
    Key(KeyFault),
    /// None of the root certificates is signed with RSA.
    #[error(
        "no root certificate is signed with RSA: the file is alipayRootCert.crt (支付宝根证书), from the same page of \
         the console as the other two"
    )]
    NoRsaRoot,
    /// The platform's certificate does not lead to one of the roots.
    #[error(
        "the platform's certificate is not vouched for by any of the root certificates: download both again from the \
         app's page in the console (alipayCertPublicKey_RSA2.crt and alipayRootCert.crt)"
    )]
    NotVouchedFor,
    /// The app's own certificate stands where the platform's belongs.
    #[error(
        "the app's own certificate (应用公钥证书) stands where the platform's (支付宝公钥证书) belongs: the console \
         offers appCertPublicKey and alipayCertPublicKey_RSA2 side by side; configure the second"
    )]
    OwnCertificate,
    /// One of them is over, or not valid yet.
    #[error(transparent)]
    OutOfDate(#[from] OutOfDate),
    /// The app's certificate is about another key than the app's private key.
    #[error(
        "the app's certificate (应用公钥证书) is not of the app's private key (应用私钥): configure the certificate \
         that was issued for this very key"
    )]
    OtherKey,
}
