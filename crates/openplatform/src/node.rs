//! The value of a response node, once its signature was verified.

use crate::{error::Failure, protocol::CODE_SUCCESS};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a node into what a method answers.
pub(crate) fn read<T: DeserializeOwned>(node: &str) -> Result<T, Failure> {
    if node.starts_with('"') {
        return Err(Failure::Encrypted);
    }
    serde_json::from_str(node).map_err(|_| Failure::Unusable("a field of the answer is not of the documented type"))
}

/// The fields of an answer that have no place of their own, kept as they came. Only their names print.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
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
