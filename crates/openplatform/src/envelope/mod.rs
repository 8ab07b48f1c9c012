//! An answer as it came: which bytes are signed, and with what.

mod scanner;

use crate::protocol::{ERROR_NODE, response_node};
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
}

/// Which of the two nodes an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Response,
    Error,
}

impl<'a> Envelope<'a> {
    /// Takes an answer to `method` apart. The signature covers bytes, so nothing is decoded and encoded again.
    pub(crate) fn open(body: &'a [u8], method: &str) -> Result<Self, EnvelopeFault> {
        let own_node = response_node(method);
        let mut found: Option<(NodeKind, &'a [u8])> = None;
        let mut signature = None;
        for (name, value) in members(body)? {
            let kind = match name.as_str() {
                "sign" => {
                    signature = Some(decode_string(&body[value]).ok_or(EnvelopeFault::SignatureNotText)?);
                    continue;
                }
                name if name == own_node => NodeKind::Response,
                ERROR_NODE => NodeKind::Error,
                // Two signed nodes in one answer would leave open which one is meant, whatever method the other names.
                other if other.ends_with("_response") => return Err(EnvelopeFault::ForeignNode),
                _ => continue,
            };
            if found.replace((kind, &body[value])).is_some() {
                return Err(EnvelopeFault::SeveralNodes);
            }
        }
        let (kind, node) = found.ok_or(EnvelopeFault::NoNode)?;
        Ok(Self { node, kind, signature })
    }
}

/// The top-level members of an answer, each name once.
fn members(body: &[u8]) -> Result<Vec<(String, Range<usize>)>, EnvelopeFault> {
    let mut members: Vec<(String, Range<usize>)> = Vec::new();
    for member in Scanner::new(body).object()? {
        // Decoded, since "\u0073ign" is the same name as "sign" to every JSON parser.
        let name = decode_string(&body[member.name]).ok_or(EnvelopeFault::NameNotText)?;
        if members.iter().any(|(earlier, _)| *earlier == name) {
            return Err(EnvelopeFault::DuplicateMember);
        }
        members.push((name, member.value));
    }
    Ok(members)
}

fn decode_string(raw: &[u8]) -> Option<String> {
    serde_json::from_slice(raw).ok()
}

/// Why an answer cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeFault {
    /// It is not one whole JSON object.
    #[error(transparent)]
    Scan(#[from] ScanFault),
    /// A top-level name comes twice.
    #[error("a top-level name comes twice")]
    DuplicateMember,
    /// A top-level name is not UTF-8.
    #[error("a top-level name is not text")]
    NameNotText,
    /// The signature is not a string.
    #[error("the member sign is not a string")]
    SignatureNotText,
    /// Both the method's node and `error_response` are there.
    #[error("there is more than one response node")]
    SeveralNodes,
    /// A node for another method is there.
    #[error("there is a response node of another method")]
    ForeignNode,
    /// Neither the method's node nor `error_response` is there.
    #[error("there is no response node")]
    NoNode,
}

#[cfg(test)]
mod tests;
