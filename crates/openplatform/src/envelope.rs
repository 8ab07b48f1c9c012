//! Parses an answer, and finds the signed bytes and the signature.
//!
//! The signature covers the exact bytes of a node's value, so nothing is decoded and encoded again here.

use crate::{
    charset::Charset,
    protocol::{ERROR_NODE, response_node},
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{error::Category, value::RawValue};
use std::{collections::BTreeMap, fmt, marker::PhantomData, ops::Range};
use thiserror::Error;

/// A parsed answer. It is not trusted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    /// The exact bytes of the node's value: what the signature covers.
    pub(crate) node: &'a [u8],
    /// Whether the node is the method's own, or `error_response`.
    pub(crate) kind: NodeKind,
    /// The signature in base64, if the answer came with one.
    pub(crate) signature: Option<String>,
    /// The serial number of the certificate that signed it. Only in certificate mode.
    pub(crate) certificate_serial: Option<String>,
}

impl<'a> Envelope<'a> {
    /// Parses an answer to `method`.
    pub(crate) fn open(body: &'a [u8], method: &str, charset: Charset) -> Result<Self, EnvelopeError> {
        let own_node = response_node(method);
        let mut found: Option<(NodeKind, &'a [u8])> = None;
        let (mut signature, mut certificate_serial) = (None, None);
        for (name, value) in members(body, charset)? {
            let value = &body[value];
            let text = || serde_json::from_str(&charset.decode(value)?).ok();
            let kind = match name.as_str() {
                "sign" => {
                    signature = Some(text().ok_or(EnvelopeError::SignatureNotText)?);
                    continue;
                }
                "alipay_cert_sn" => {
                    certificate_serial = Some(text().ok_or(EnvelopeError::SerialNotText)?);
                    continue;
                }
                name if name == own_node => NodeKind::Response,
                ERROR_NODE => NodeKind::Error,
                // With two signed nodes in one answer, it would be ambiguous which one is meant.
                other if is_node(other) => return Err(EnvelopeError::ForeignNode),
                _ => continue,
            };
            if found.replace((kind, value)).is_some() {
                return Err(EnvelopeError::DuplicateNode);
            }
        }
        let (kind, node) = found.ok_or(EnvelopeError::NoNode)?;
        Ok(Self { node, kind, signature, certificate_serial })
    }
}

/// Which of the two nodes an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// The method's own: `<method with dots as underscores>_response`.
    Response,
    /// `error_response`.
    Error,
}

pub(crate) fn is_node(name: &str) -> bool {
    name.ends_with("_response")
}

/// Returns the top-level members of an answer: each name once, with the position of its value.
pub(crate) fn members(body: &[u8], charset: Charset) -> Result<BTreeMap<String, Range<usize>>, EnvelopeError> {
    if charset.decode(body).is_none() {
        return Err(EnvelopeError::InvalidEncoding(charset));
    }
    let json = charset.with_one_byte_characters(body);
    let Members::<&RawValue>(found) = serde_json::from_slice(&json)?;
    let mut members = BTreeMap::new();
    for (name, value) in found {
        let start = value.get().as_ptr().addr() - json.as_ptr().addr();
        let is_node = is_node(&name);
        if members.insert(name, start..start + value.get().len()).is_some() {
            return Err(if is_node { EnvelopeError::DuplicateNode } else { EnvelopeError::DuplicateMember });
        }
    }
    Ok(members)
}

/// The members of an object in order, including repeated names.
pub(crate) struct Members<V>(pub(crate) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Members<V>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members<V>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

/// Why an answer cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is truncated.
    #[error("not JSON: it ends in the middle (truncated)")]
    Truncated,
    /// It is not JSON, or something follows the object.
    #[error("not one JSON object: unexpected byte at line {line}, column {column}")]
    NotJson {
        /// The line, from 1 on.
        line: usize,
        /// The byte in that line, from 1 on.
        column: usize,
    },
    /// It is JSON, but not an object.
    #[error("it is JSON, but not an object")]
    NotAnObject,
    /// It is not in the requested character set.
    #[error("it is not {0} text: the gateway answers in the character set that the request names in its URL")]
    InvalidEncoding(Charset),
    /// A top-level name other than a node's occurs twice.
    #[error("a top-level name occurs twice")]
    DuplicateMember,
    /// The signature is not a string.
    #[error("the member sign is not a string")]
    SignatureNotText,
    /// The serial number of the platform's certificate is not a string.
    #[error("the member alipay_cert_sn is not a string")]
    SerialNotText,
    /// The method's node occurs twice, or beside `error_response`.
    #[error("there is more than one response node")]
    DuplicateNode,
    /// There is a node of another method.
    #[error("there is a response node of another method")]
    ForeignNode,
    /// There is neither the method's node nor `error_response`.
    #[error("there is no response node")]
    NoNode,
}

impl From<serde_json::Error> for EnvelopeError {
    fn from(error: serde_json::Error) -> Self {
        // Serde's own text may quote the answer.
        match error.classify() {
            Category::Eof => Self::Truncated,
            Category::Data => Self::NotAnObject,
            Category::Syntax | Category::Io => Self::NotJson { line: error.line(), column: error.column() },
        }
    }
}

#[cfg(test)]
mod tests;
