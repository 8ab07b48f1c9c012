//! An answer as it came: which bytes are signed, and with what.

mod scanner;

use crate::{
    charset::Charset,
    protocol::{ERROR_NODE, response_node},
};
use scanner::Scanner;
use std::ops::Range;
use thiserror::Error;

pub use scanner::ScanFault;

/// An answer taken apart but not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    /// The exact bytes of the node's value: what the signature covers.
    pub(crate) node: &'a [u8],
    /// Whether the node is the method's own, or `error_response`.
    pub(crate) kind: NodeKind,
    /// The signature in base64, if the answer came with one.
    pub(crate) signature: Option<String>,
    /// The serial number of the certificate whose key signed, which only certificate mode has.
    pub(crate) certificate_serial: Option<String>,
}

/// Which of the two nodes an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// The method's own: `<method with dots as underscores>_response`.
    Response,
    /// `error_response`.
    Error,
}

impl<'a> Envelope<'a> {
    /// Takes an answer to `method` apart. The signature covers bytes, so nothing is decoded and encoded again.
    pub(crate) fn open(body: &'a [u8], method: &str, charset: Charset) -> Result<Self, EnvelopeFault> {
        let own_node = response_node(method);
        let mut found: Option<(NodeKind, &'a [u8])> = None;
        let (mut signature, mut certificate_serial) = (None, None);
        for (name, value) in members(body, charset)? {
            let text = || decode_string(&body[value.clone()], charset);
            let kind = match name.as_str() {
                "sign" => {
                    signature = Some(text().ok_or(EnvelopeFault::SignatureNotText)?);
                    continue;
                }
                "alipay_cert_sn" => {
                    certificate_serial = Some(text().ok_or(EnvelopeFault::SerialNotText)?);
                    continue;
                }
                name if name == own_node => NodeKind::Response,
                ERROR_NODE => NodeKind::Error,
                // Two signed nodes in one answer would leave open which one is meant, whatever method the other names.
                other if is_node(other) => return Err(EnvelopeFault::ForeignNode),
                _ => continue,
            };
            if found.replace((kind, &body[value])).is_some() {
                return Err(EnvelopeFault::DuplicateNode);
            }
        }
        let (kind, node) = found.ok_or(EnvelopeFault::NoNode)?;
        Ok(Self { node, kind, signature, certificate_serial })
    }
}

fn is_node(name: &str) -> bool {
    name.ends_with("_response")
}

/// The top-level members of an answer, each name once.
fn members(body: &[u8], charset: Charset) -> Result<Vec<(String, Range<usize>)>, EnvelopeFault> {
    if charset.decode(body).is_none() {
        return Err(EnvelopeFault::InvalidEncoding(charset));
    }
    let mut members: Vec<(String, Range<usize>)> = Vec::new();
    for member in Scanner::new(body, charset).object()? {
        // Decoded, since "\u0073ign" is the same name as "sign" to every JSON parser.
        let name = decode_string(&body[member.name], charset).ok_or(EnvelopeFault::NameNotText)?;
        if members.iter().any(|(earlier, _)| *earlier == name) {
            let duplicate = if is_node(&name) { EnvelopeFault::DuplicateNode } else { EnvelopeFault::DuplicateMember };
            return Err(duplicate);
        }
        members.push((name, member.value));
    }
    Ok(members)
}

fn decode_string(raw: &[u8], charset: Charset) -> Option<String> {
    serde_json::from_str(&charset.decode(raw)?).ok()
}

/// Why an answer cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeFault {
    /// It is not one whole JSON object.
    #[error(transparent)]
    Scan(#[from] ScanFault),
    /// A top-level name other than a node's comes twice.
    #[error("a top-level name comes twice")]
    DuplicateMember,
    /// It is not of the character set that was asked for.
    #[error("it is not {0} text: the gateway answers in the character set that the request names in its URL")]
    InvalidEncoding(Charset),
    /// A top-level name has an escape that is no character.
    #[error("a top-level name is not text")]
    NameNotText,
    /// The signature is not a string.
    #[error("the member sign is not a string")]
    SignatureNotText,
    /// The serial number of the platform's certificate is not a string.
    #[error("the member alipay_cert_sn is not a string")]
    SerialNotText,
    /// The method's node is there twice, or beside `error_response`.
    #[error("there is more than one response node")]
    DuplicateNode,
    /// A node for another method is there.
    #[error("there is a response node of another method")]
    ForeignNode,
    /// Neither the method's node nor `error_response` is there.
    #[error("there is no response node")]
    NoNode,
}

#[cfg(test)]
mod tests;
