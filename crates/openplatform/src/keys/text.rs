//! From the text of a key or of certificates to DER bytes.

use super::KeyFault;
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::zeroize::Zeroizing;

/// Some consoles drop the padding when a key is copied.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const BEGIN: &str = "-----BEGIN";

/// Takes PEM, or bare base64 as the platform's key tool saves it; line breaks and blanks are of no account.
///
/// The bytes are wiped when they are dropped, for they can be a private key.
pub(super) fn der(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let body = if text.starts_with(BEGIN) { pem_body(text)? } else { text };
    decoded(body)
}

/// Takes each PEM block of a text, or the one document that is there in bare base64. What stands between the blocks is
/// commentary.
pub(super) fn blocks(text: &str) -> Vec<Result<Zeroizing<Vec<u8>>, KeyFault>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.find(BEGIN) {
        None if text.is_empty() => Vec::new(),
        None => vec![decoded(text)],
        Some(start) => {
            let blocks = text[start..].split(BEGIN).skip(1);
            blocks.map(|block| pem_body(&format!("{BEGIN}{block}")).and_then(decoded)).collect()
        }
    }
}

fn decoded(body: &str) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let compact: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    if compact.is_empty() {
        return Err(KeyFault::Empty);
    }
    BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| KeyFault::NotBase64)
}

fn pem_body(text: &str) -> Result<&str, KeyFault> {
    let (_, after_begin) = text[BEGIN.len()..].split_once("-----").ok_or(KeyFault::NotBase64)?;
    let (body, end) = after_begin.split_once("-----END").ok_or(KeyFault::NotBase64)?;
    if end.contains(BEGIN) {
        return Err(KeyFault::Several);
    }
    // The header of a key that is encrypted in PEM's own old way (RFC 1421).
    if body.contains("Proc-Type:") { Err(KeyFault::Encrypted) } else { Ok(body) }
}
