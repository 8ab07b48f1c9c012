//! RSA2 keys: what is configured as text is parsed once, and the wrong half of a pair is told apart.

mod der;
mod fault;
mod private;
mod public;
mod text;

pub use fault::KeyFault;
pub use private::{PrivateKey, SigningFailed};
pub use public::{PublicKey, SignatureInvalid};

use crate::certificate::CertificateFault;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::zeroize::Zeroizing;

/// Width of PEM's lines (RFC 7468).
const PEM_LINE: usize = 64;

/// The DER bytes of each document in a text, PEM or bare base64.
pub(crate) fn document_blocks(text: &str) -> Vec<Result<Zeroizing<Vec<u8>>, CertificateFault>> {
    let blocks = text::blocks(text).into_iter();
    blocks.map(|block| block.map_err(|_| CertificateFault::NotACertificate)).collect()
}

fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    // Room for all of it at once: growing would leave copies of a private key behind.
    let mut text = Zeroizing::new(String::with_capacity(encoded.len() * 66 / PEM_LINE + 2 * label.len() + 40));
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests;
