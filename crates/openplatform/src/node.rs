//! The value of a response node, once its signature was verified.

use crate::{error::GatewayError, protocol::CODE_SUCCESS};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// Reads a node into what a method answers.
pub(crate) fn read<T: DeserializeOwned>(node: &[u8]) -> Result<T, GatewayError> {
    if node.first() == Some(&b'"') {
        return Err(GatewayError::Unusable(
            "the answer is encrypted: switch off content encryption (AES) for this app",
        ));
    }
    serde_json::from_slice(node)
        .map_err(|_| GatewayError::Unusable("a field of the answer is not of the documented type"))
}

/// `code` and `sub_code`, which every refusal has.
#[derive(Deserialize)]
pub(crate) struct Status {
    pub(crate) code: Option<String>,
    pub(crate) sub_code: Option<String>,
}

impl Status {
    /// Whether there is a code, and it is not that of success.
    pub(crate) fn is_refusal(&self) -> bool {
        self.code.as_deref().is_some_and(|code| code != CODE_SUCCESS)
    }
}

/// Seconds, which are documented as a string and arrive as a number.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Option::<Seconds>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Seconds::Number(seconds)) => Ok(Some(seconds)),
        Some(Seconds::Text(text)) if text.is_empty() => Ok(None),
        Some(Seconds::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}
