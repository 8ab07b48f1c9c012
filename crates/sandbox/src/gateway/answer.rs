//! An answer: its node, byte for byte, and the signature over it; and the platform's refusals, in its own words: those of
//! `platform/gateway.json`.

use crate::faults::FaultKind;
use miniauth_openplatform::{
    keys::{PrivateKey, SignError},
    protocol::{Charset, ERROR_NODE, response_node},
};
use miniauth_platform::gateway;
use serde::Serialize;
use std::borrow::Cow;

/// The one node of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    name: String,
    node: String,
}

/// How an answer is written down, faults included.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    pub(super) charset: Charset,
    /// Certificate mode: the serial number of the platform's certificate.
    pub(super) certificate_serial: Option<String>,
    /// Whether the platform signs it at all.
    pub(super) signed: bool,
    pub(super) fault: Option<FaultKind>,
}

impl Writing {
    /// The character set of the body, which a fault makes the wrong one.
    pub(super) fn written_charset(&self) -> Charset {
        if self.fault == Some(FaultKind::WrongCharset) { self.charset.other() } else { self.charset }
    }
}

impl Answer {
    /// A method's answer under its own name.
    pub(super) fn own(method: &str, node: &impl Serialize) -> Self {
        Self { name: response_node(method), node: encoded(node) }
    }

    /// A refusal as `error_response`.
    pub(super) fn error(refusal: &RefusalNode) -> Self {
        Self { name: ERROR_NODE.to_owned(), node: encoded(refusal) }
    }

    /// The whole body.
    pub(super) fn seal(&self, key: &PrivateKey, writing: &Writing) -> Result<Vec<u8>, SignError> {
        let name = &self.name;
        let node = bytes(&self.node, writing.written_charset());
        let node = if writing.fault == Some(FaultKind::Encrypted) { br#""ZW5jcnlwdGVk""#.to_vec() } else { node };
        let mut body = format!(r#"{{"{name}":"#).into_bytes();
        body.extend_from_slice(&node);
        if writing.fault == Some(FaultKind::DuplicateNode) {
            body.extend_from_slice(format!(r#","{name}":"#).as_bytes());
            body.extend_from_slice(&node);
        }
        if let Some(serial) = &writing.certificate_serial {
            body.extend_from_slice(format!(r#","alipay_cert_sn":"{serial}""#).as_bytes());
        }
        let signature = match writing.fault {
            Some(FaultKind::Unsigned) => None,
            _ if !writing.signed => None,
            Some(FaultKind::WrongSignature) => Some(key.sign(&[&node[..], b" "].concat())?),
            _ => Some(key.sign(&node)?),
        };
        if let Some(signature) = signature {
            body.extend_from_slice(format!(r#","sign":"{signature}""#).as_bytes());
        }
        body.push(b'}');
        if writing.fault == Some(FaultKind::TruncatedBody) {
            body.truncate(body.len() / 2);
        }
        Ok(body)
    }
}

/// JSON with `/` escaped, as genuine answers have it: whoever verifies a re-serialisation fails here too.
fn encoded(node: &impl Serialize) -> String {
    // Outside strings JSON has no slash, and the nodes here are structs of text and numbers, which always encode.
    serde_json::to_string(node).map(|json| json.replace('/', r"\/")).unwrap_or_default()
}

/// What the character set lacks becomes a question mark, as the real platform's Java does it.
fn bytes(text: &str, charset: Charset) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match charset.encode(character.encode_utf8(&mut [0; 4])) {
            Ok(encoded) => bytes.extend_from_slice(&encoded),
            Err(_) => bytes.push(b'?'),
        }
    }
    bytes
}

/// `code`, `msg`, `sub_code` and `sub_msg` of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusalNode {
    pub(crate) code: &'static str,
    pub(crate) msg: &'static str,
    pub(crate) sub_code: &'static str,
    pub(crate) sub_msg: Cow<'static, str>,
    /// It tells that the app is not known, or has left the platform no key.
    #[serde(skip)]
    pub(super) of_no_app: bool,
}

impl RefusalNode {
    /// The refusal of that `sub_code`.
    pub(crate) fn find(sub_code: &str) -> Option<Self> {
        let (sub_code, refusal) = gateway().refusals.get_key_value(sub_code)?;
        let code = gateway().codes.get(&refusal.code)?;
        Some(Self {
            code: &refusal.code,
            msg: &code.msg,
            sub_code,
            sub_msg: Cow::Borrowed(&refusal.sub_msg),
            of_no_app: refusal.unsigned,
        })
    }

    /// The refusal of a `sub_code` that this platform uses. One that the data lacks has no code, and fails its test.
    pub(crate) fn of(sub_code: &'static str) -> Self {
        let unknown = Self { code: "", msg: "", sub_code, sub_msg: Cow::Borrowed(""), of_no_app: false };
        Self::find(sub_code).unwrap_or(unknown)
    }

    /// Every `sub_code` that [`find`](Self::find) knows.
    pub(crate) fn sub_codes() -> impl Iterator<Item = &'static str> {
        gateway().refusals.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_this_platform_is_in_the_data() {
        let sources = [include_str!("method.rs"), include_str!("../control/consent.rs")];
        let texts = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        let used: Vec<_> = texts.filter(|text| text.starts_with("isv.") || text.starts_with("aop.")).collect();
        assert!(used.len() > 20, "{used:?}");
        for sub_code in used {
            assert!(RefusalNode::find(sub_code).is_some(), "{sub_code}");
        }
    }
}
