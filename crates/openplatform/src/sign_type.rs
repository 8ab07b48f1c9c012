//! The two kinds of signatures.

/// How a message is signed: the parameter `sign_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignType {
    /// RSA with PKCS#1 v1.5 and SHA-256.
    #[default]
    Rsa2,
    /// RSA with PKCS#1 v1.5 and SHA-1, of which older signatures are: verified where it is asked for, never made.
    Rsa,
}

impl SignType {
    /// The value of the parameter `sign_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2 => "RSA2",
            Self::Rsa => "RSA",
        }
    }

    /// The other of the two.
    pub const fn other(self) -> Self {
        match self {
            Self::Rsa2 => Self::Rsa,
            Self::Rsa => Self::Rsa2,
        }
    }
}
