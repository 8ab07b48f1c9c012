//! An answer: its node, byte for byte, and the signature over it.

use super::refusal::Refusal;
use crate::faults::FaultKind;
use miniauth_openplatform::{
    keys::{PrivateKey, SigningFailed},
    protocol::{ERROR_NODE, OAUTH_TOKEN, USER_INFO_SHARE, response_node},
};
use serde::Serialize;

/// How an answer is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealing {
    Genuine,
    OverOtherBytes,
    Missing,
}

impl Sealing {
    pub(super) fn under(fault: Option<FaultKind>) -> Self {
        match fault {
            Some(FaultKind::WrongSignature) => Self::OverOtherBytes,
            Some(FaultKind::Unsigned) => Self::Missing,
            _ => Self::Genuine,
        }
    }
}

/// The one node of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    name: String,
    node: String,
}

impl Answer {
    /// What a method answers when it succeeds.
    pub(super) fn success(method: &str, node: &impl Serialize) -> Self {
        Self { name: response_node(method), node: encoded(node) }
    }

    /// A refusal under the method's own name, or as `error_response` when there is no such method.
    pub(super) fn refusal(method: Option<&str>, refusal: &Refusal) -> Self {
        match method {
            Some(method @ (OAUTH_TOKEN | USER_INFO_SHARE)) => Self::success(method, refusal),
            _ => Self::error(refusal),
        }
    }

    /// A refusal as `error_response`.
    pub(super) fn error(refusal: &Refusal) -> Self {
        Self { name: ERROR_NODE.to_owned(), node: encoded(refusal) }
    }

    /// The whole body.
    pub(super) fn seal(&self, key: &PrivateKey, sealing: Sealing) -> Result<String, SigningFailed> {
        let Self { name, node } = self;
        let signature = match sealing {
            Sealing::Missing => return Ok(format!(r#"{{"{name}":{node}}}"#)),
            Sealing::Genuine => key.sign(node.as_bytes())?,
            Sealing::OverOtherBytes => key.sign(format!("{node} ").as_bytes())?,
        };
        Ok(format!(r#"{{"{name}":{node},"sign":"{signature}"}}"#))
    }
}

/// JSON with `/` escaped, as genuine answers have it: whoever verifies a re-serialisation fails here too.
fn encoded(node: &impl Serialize) -> String {
    // Outside strings JSON has no slash, and the nodes here are structs of text and numbers, which always encode.
    serde_json::to_string(node).map(|json| json.replace('/', r"\/")).unwrap_or_default()
}
