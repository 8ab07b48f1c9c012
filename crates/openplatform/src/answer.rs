//! From the bytes of an answer to a node that the platform surely signed.

use crate::{
    charset::Charset,
    envelope::{Envelope, NodeKind},
    error::Distrust,
    keys::PublicKey,
    node::Fields,
    rejection::Rejection,
    sign_type::SignType,
    trust::Trust,
};
use std::borrow::Cow;

/// The value of a response node whose signature was verified over its exact bytes.
///
/// Only [`verify`] and the client make one. The signature covers neither the node's name nor the request: whom an
/// answer is about is still to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNode<'a> {
    bytes: &'a [u8],
    kind: NodeKind,
    charset: Charset,
}

impl VerifiedNode<'_> {
    /// The bytes that were signed.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// The JSON as text.
    pub fn text(&self) -> Cow<'_, str> {
        // The whole answer was found to be of this character set when it was opened.
        self.charset.decode(self.bytes).unwrap_or_default()
    }

    /// Whether it is the method's own node, or `error_response`.
    pub fn kind(&self) -> NodeKind {
        self.kind
    }
}

/// Verifies a whole answer to a call of `method`, as it came from the gateway.
///
/// # Errors
/// [`Distrust`], which says whether it cannot be taken apart, is not signed, or is signed by someone else or over other
/// bytes.
pub fn verify<'a>(
    body: &'a [u8],
    method: &str,
    key: &PublicKey,
    charset: Charset,
    sign_type: SignType,
) -> Result<VerifiedNode<'a>, Distrust> {
    let envelope = Envelope::open(body, method, charset)?;
    verified(&envelope, key, charset, sign_type)
}

/// Verifies an answer to a request of one's own, which is signed as the request was: with RSA2.
pub(crate) fn verify_own<'a>(
    body: &'a [u8],
    method: &str,
    trust: &Trust,
    charset: Charset,
) -> Result<VerifiedNode<'a>, Distrust> {
    let envelope = Envelope::open(body, method, charset)?;
    if let (Trust::Certificates(certificates), Some(answered)) = (trust, &envelope.certificate_serial) {
        let configured = certificates.platform().serial();
        if answered != configured {
            return Err(Distrust::OtherCertificate {
                answered: serial_for_log(answered),
                configured: configured.to_owned(),
            });
        }
    }
    verified(&envelope, trust.key(), charset, SignType::Rsa2)
}

fn verified<'a>(
    envelope: &Envelope<'a>,
    key: &PublicKey,
    charset: Charset,
    sign_type: SignType,
) -> Result<VerifiedNode<'a>, Distrust> {
    let node = VerifiedNode { bytes: envelope.node, kind: envelope.kind, charset };
    let Some(signature) = &envelope.signature else {
        return Err(Distrust::Unsigned { claim: claim(&node.text()) });
    };
    key.verify_as(sign_type, envelope.node, signature).map_err(|_| Distrust::SignatureInvalid)?;
    Ok(node)
}

/// The refusal that an answer without a signature claims to be, if it does.
fn claim(node: &str) -> Option<Rejection> {
    let fields = Fields::read(node).ok()?;
    fields.status().ok().filter(|status| status.is_refusal()).map(Rejection::new)
}

/// A serial number is 32 hexadecimal digits; anything else would be someone writing into our logs.
fn serial_for_log(serial: &str) -> String {
    let is_serial = serial.len() <= 64 && serial.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_serial { serial.to_owned() } else { "(not a serial number)".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::PrivateKey, protocol::USER_INFO_SHARE};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

    fn signed(node: &[u8]) -> Vec<u8> {
        let sign = KEY.sign(node).unwrap();
        [br#"{"alipay_user_info_share_response":"#, node, format!(r#","sign":"{sign}"}}"#).as_bytes()].concat()
    }

    fn check(body: &[u8], charset: Charset) -> Result<VerifiedNode<'_>, Distrust> {
        verify(body, USER_INFO_SHARE, KEY.public_key(), charset, SignType::Rsa2)
    }

    #[test]
    fn no_bit_of_an_answer_can_be_turned() {
        let text = r#"{"nick_name":"誠\\\"}{","avatar":"https:\/\/a.example"}"#;
        for charset in [Charset::Utf8, Charset::Gbk] {
            let node = charset.encode(text).unwrap();
            let genuine = signed(&node);
            assert_eq!(check(&genuine, charset).unwrap().bytes(), node.as_ref());
            for (position, bit) in (0..genuine.len()).flat_map(|position| (0..8).map(move |bit| (position, bit))) {
                let mut changed = genuine.clone();
                changed[position] ^= 1 << bit;
                assert!(check(&changed, charset).is_err(), "bit {bit} of byte {position} in {charset}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_that_was_signed_verifies(value in ".{0,40}") {
            let node = serde_json::json!({ "nick_name": value }).to_string();
            for charset in [Charset::Utf8, Charset::Gbk] {
                let Ok(bytes) = charset.encode(&node) else { continue };
                let body = signed(&bytes);
                let verified = check(&body, charset).unwrap();
                prop_assert_eq!(verified.text(), node.as_str());
            }
        }
    }
}
