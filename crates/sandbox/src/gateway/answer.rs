//! An answer: its node, byte for byte, and the signature over it.

use super::refusal::RefusalNode;
use crate::faults::FaultKind;
use miniauth_openplatform::{
    keys::{PrivateKey, SignError},
    protocol::{Charset, ERROR_NODE, response_node},
};
use serde::Serialize;

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
