//! Whose signatures count.

use crate::{certificate::Certificates, keys::PublicKey};

/// What makes an answer the platform's: the choice of 接口加签方式 in the console.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Key mode (密钥): the platform's public key for this app, 支付宝公钥.
    PublicKey(PublicKey),
    /// Certificate mode (证书): three certificates. Boxed since they are large and there is one set.
    Certificates(Box<Certificates>),
}

impl Trust {
    /// The key that verifies answers.
    pub fn key(&self) -> &PublicKey {
        match self {
            Self::PublicKey(key) => key,
            Self::Certificates(certificates) => certificates.platform_key(),
        }
    }
}

impl From<PublicKey> for Trust {
    fn from(key: PublicKey) -> Self {
        Self::PublicKey(key)
    }
}

impl From<Certificates> for Trust {
    fn from(certificates: Certificates) -> Self {
        Self::Certificates(Box::new(certificates))
    }
}
