//! Extracts the node that the platform signed from an answer, and reads its fields.

use crate::{
    charset::Charset,
    config::Trust,
    content::{ContentKey, DecryptError, decrypt_json},
    envelope::{Envelope, EnvelopeError, Members, NodeKind},
    keys::{PublicKey, SignType},
    protocol::CODE_SUCCESS,
    refusal::Refusal,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt};
use thiserror::Error;

/// The largest answer that is read, in bytes. Real answers to the two calls of a login have less than 4 KiB.
pub(crate) const MAXIMUM_ANSWER: usize = 256 * 1024;

/// The value of a response node whose signature was verified over its exact bytes.
///
/// Only [`verify`] and the client create one. The signature covers neither the node's name nor the request, so check
/// whom the answer is about. A node may contain tokens and personal data, and does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedNode<'a> {
    bytes: Cow<'a, [u8]>,
    kind: NodeKind,
    charset: Charset,
}

impl VerifiedNode<'_> {
    /// The signed bytes; for an encrypted node its [decrypted](Self::decrypted) content, in UTF-8.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The JSON as text.
    pub fn text(&self) -> Cow<'_, str> {
        // The whole answer was found to be in this character set when it was opened.
        self.charset.decode(&self.bytes).unwrap_or_default()
    }

    /// The JSON as a value. If a name occurs twice, the last one counts.
    ///
    /// # Errors
    /// Only if the JSON exceeds a limit of [`serde_json`], such as its depth. That the node is JSON was checked before.
    pub fn json(&self) -> serde_json::Result<Value> {
        serde_json::from_str(&self.text())
    }

    /// Whether it is the method's own node, or `error_response`.
    pub fn kind(&self) -> NodeKind {
        self.kind
    }

    /// Whether it is encrypted (接口内容加密): then it is a text instead of an object.
    pub fn is_encrypted(&self) -> bool {
        self.bytes.starts_with(b"\"")
    }

    /// Decrypts an encrypted node with the first key that fits. Returns any other node unchanged.
    ///
    /// # Errors
    /// [`DecryptError`] if there is no key, or none of them fits.
    pub fn decrypted(self, keys: &[ContentKey]) -> Result<Self, DecryptError> {
        if !self.is_encrypted() {
            return Ok(self);
        }
        // JSON may escape the slashes of base64.
        let encrypted: String = serde_json::from_slice(&self.bytes).map_err(|_| DecryptError::OtherKey)?;
        let json = decrypt_json(encrypted.as_bytes(), keys, self.charset)?;
        Ok(Self { bytes: json.into_bytes().into(), charset: Charset::Utf8, ..self })
    }

    /// Returns a whole verified body of OpenAPI v3. It is UTF-8, and not in a node.
    pub(crate) fn whole(body: Vec<u8>) -> VerifiedNode<'static> {
        VerifiedNode { bytes: body.into(), kind: NodeKind::Response, charset: Charset::Utf8 }
    }

    pub(crate) fn into_owned(self) -> VerifiedNode<'static> {
        VerifiedNode { bytes: self.bytes.into_owned().into(), ..self }
    }
}

impl fmt::Debug for VerifiedNode<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VerifiedNode").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Verifies a whole answer to a call of `method`, exactly as it came from the gateway. An encrypted answer is verified in its encrypted
/// form; [`VerifiedNode::decrypted`] then decrypts it.
///
/// # Errors
/// [`VerifyError`], which says whether the answer cannot be parsed, is not signed, or has a wrong signature.
pub fn verify<'a>(
    body: &'a [u8],
    method: &str,
    key: &PublicKey,
    charset: Charset,
    sign_type: SignType,
) -> Result<VerifiedNode<'a>, VerifyError> {
    verified(&Envelope::open(body, method, charset)?, key, charset, sign_type, &[])
}

/// Verifies an answer to the client's own request, which is signed as the request was: with RSA2.
pub(crate) fn verify_own<'a>(
    body: &'a [u8],
    method: &str,
    trust: &Trust,
    charset: Charset,
    content_keys: &[ContentKey],
) -> Result<VerifiedNode<'a>, VerifyError> {
    let envelope = Envelope::open(body, method, charset)?;
    check_serial(trust, envelope.certificate_serial.as_deref())?;
    verified(&envelope, trust.key(), charset, SignType::Rsa2, content_keys)
}

/// Rejects an answer with the serial number of another certificate than the configured one.
pub(crate) fn check_serial(trust: &Trust, answered: Option<&str>) -> Result<(), VerifyError> {
    let (Trust::Certificates(certificates), Some(answered)) = (trust, answered) else { return Ok(()) };
    let configured = certificates.platform().serial();
    if answered == configured {
        return Ok(());
    }
    Err(VerifyError::OtherCertificate { answered: serial_for_log(answered), configured: configured.to_owned() })
}

/// Returns a serial number, which is 32 hexadecimal digits. Other text must not get into the log.
fn serial_for_log(serial: &str) -> String {
    let is_serial = serial.len() <= 64 && serial.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_serial { serial.to_owned() } else { "(not a serial number)".to_owned() }
}

fn verified<'a>(
    envelope: &Envelope<'a>,
    key: &PublicKey,
    charset: Charset,
    sign_type: SignType,
    content_keys: &[ContentKey],
) -> Result<VerifiedNode<'a>, VerifyError> {
    let node = VerifiedNode { bytes: envelope.node.into(), kind: envelope.kind, charset };
    let Some(signature) = &envelope.signature else {
        let claim = node.decrypted(content_keys).ok().and_then(|node| claim(&node.text()));
        return Err(VerifyError::Unsigned { claim });
    };
    key.verify_as(sign_type, envelope.node, signature).map_err(|_| VerifyError::SignatureInvalid)?;
    Ok(node)
}

/// Returns the refusal that an unsigned answer claims to be, if it does.
fn claim(node: &str) -> Option<Refusal> {
    Fields::read(node).ok()?.status().ok()?.refusal()
}

/// The fields of a node, each name once. Reading a field removes it; the rest become [`OtherFields`].
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a node.
    pub(crate) fn read(node: &str) -> Result<Self, NodeError> {
        serde_json::from_str(node).map_err(|_| NodeError("the answer is not an object with each name once"))
    }

    /// Returns a field of any type.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Returns a text field; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, NodeError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(_) => Err(OTHER_TYPE),
        }
    }

    /// Returns a field with a number of seconds, which is documented as text but arrives as a number.
    pub(crate) fn seconds(&mut self, name: &str) -> Result<Option<u64>, NodeError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| OTHER_TYPE),
            Some(value) => value.as_u64().map(Some).ok_or(OTHER_TYPE),
        }
    }

    /// Returns the fields that were not read, except the two that every answer has.
    pub(crate) fn others(mut self) -> OtherFields {
        self.0.remove("code");
        self.0.remove("msg");
        OtherFields(self.0)
    }

    /// Returns `code` and `sub_code` without removing them.
    pub(crate) fn status(&self) -> Result<Status<'_>, NodeError> {
        let text = |name| match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(OTHER_TYPE),
        };
        Ok(Status { code: text("code")?, sub_code: text("sub_code")? })
    }
}

const OTHER_TYPE: NodeError = NodeError("a field of the answer is not of the documented type");

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(members) = Members::<Value>::deserialize(deserializer)?;
        let count = members.len();
        let fields: Map<_, _> = members.into_iter().collect();
        // If a name occurs twice, it is unclear which field is meant.
        if fields.len() == count { Ok(Self(fields)) } else { Err(D::Error::custom("a name comes twice")) }
    }
}

/// `code` and `sub_code`, which every refusal has.
#[derive(Clone, Copy)]
pub(crate) struct Status<'a> {
    pub(crate) code: Option<&'a str>,
    pub(crate) sub_code: Option<&'a str>,
}

impl Status<'_> {
    /// Returns the refusal, if there is a code other than that of success.
    pub(crate) fn refusal(self) -> Option<Refusal> {
        self.code.filter(|&code| code != CODE_SUCCESS).map(|_| Refusal::new(self.code, self.sub_code))
    }
}

/// The remaining fields of an answer, unchanged. Only their names print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OtherFields(Map<String, Value>);

impl OtherFields {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for OtherFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a verified node cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct NodeError(pub(crate) &'static str);

/// Why an answer is not accepted as the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not in the form of an answer.
    #[error("{0}")]
    Malformed(#[from] EnvelopeError),
    /// Its header declares another character set than the request.
    #[error("it is not in {asked}, as requested: check the setting charset against the app's")]
    OtherCharset {
        /// What the request asked for.
        asked: Charset,
    },
    /// It has no signature. Use its content only to find the cause: the platform does not sign its refusal of a wrong
    /// app id, or of an app without a key in the console. It always signs a success.
    #[error("{}", unsigned(.claim.as_ref()))]
    Unsigned {
        /// The refusal that the answer claims to be, if it does.
        claim: Option<Refusal>,
    },
    /// It was signed with another certificate of the platform than the configured one.
    #[error(
        "it was signed with the certificate {answered}, but {configured} is configured: download the current \
         alipayCertPublicKey_RSA2.crt (支付宝公钥证书) from the app's page in the console and install it"
    )]
    OtherCertificate {
        /// `alipay_cert_sn` of the answer: the serial number of the certificate to install.
        answered: String,
        /// The serial number of the configured certificate.
        configured: String,
    },
    /// Its signature is not the platform's.
    #[error("its signature is wrong: check that alipay_public_key is the platform's key for this app")]
    SignatureInvalid,
    /// OpenAPI v3: it was not signed just now. It is a recorded answer, or a clock is wrong.
    #[error(
        "it was signed {seconds} seconds {}, and at most {} are allowed: check this machine's clock; if it is right, this is \
         a recorded answer", if *ahead { "ago" } else { "from now" }, crate::v3::WINDOW.as_secs()
    )]
    OtherTime {
        /// How far the signed time is from this machine's.
        seconds: u64,
        /// Whether this machine's clock is ahead of the signed time.
        ahead: bool,
    },
    /// It is larger than any real answer.
    #[error("it is larger than {} KiB", MAXIMUM_ANSWER / 1024)]
    TooLarge,
}

fn unsigned(claim: Option<&Refusal>) -> String {
    match claim {
        Some(claim) => format!("the gateway says, unsigned: {} ({claim})", claim.advice()),
        None => {
            "it is not signed, and only the platform's refusals may be unsigned: something between here and the gateway \
                 answers in its place, or removed the signature"
                .to_owned()
        }
    }
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

    fn check(body: &[u8], charset: Charset) -> Result<VerifiedNode<'_>, VerifyError> {
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
