//! The value of a response node, once its signature was verified.

use crate::{error::Failure, protocol::CODE_SUCCESS};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// The fields of a node, each name once. They are taken out one by one; what is left is [`OtherFields`].
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a node.
    pub(crate) fn read(node: &str) -> Result<Self, Failure> {
        if node.starts_with('"') {
            return Err(Failure::Encrypted);
        }
        serde_json::from_str(node).map_err(|_| Failure::Unusable("the answer is not an object with each name once"))
    }

    /// A field that is text; an empty one counts as none.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(_) => Err(OTHER_TYPE),
        }
    }

    /// A field that is a number of seconds, which is documented as text and arrives as a number.
    pub(crate) fn seconds(&mut self, name: &str) -> Result<Option<u64>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| OTHER_TYPE),
            Some(value) => value.as_u64().map(Some).ok_or(OTHER_TYPE),
        }
    }

    /// What was not taken out.
    pub(crate) fn others(self) -> OtherFields {
        OtherFields(self.0)
    }

    /// `code` and `sub_code`, which stay where they are.
    pub(crate) fn status(&self) -> Result<Status<'_>, Failure> {
        let text = |name| match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(OTHER_TYPE),
        };
        Ok(Status { code: text("code")?, sub_code: text("sub_code")? })
    }
}

const OTHER_TYPE: Failure = Failure::Unusable("a field of the answer is not of the documented type");

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            /// Of two fields with one name, nobody can tell which is meant.
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name comes twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Once)
    }
}

/// The fields of an answer that have no place of their own, kept as they came. Only their names print.
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

/// `code` and `sub_code`, which every refusal has.
#[derive(Clone, Copy)]
pub(crate) struct Status<'a> {
    pub(crate) code: Option<&'a str>,
    pub(crate) sub_code: Option<&'a str>,
}

impl Status<'_> {
    /// Whether there is a code, and it is not that of success.
    pub(crate) fn is_refusal(self) -> bool {
        self.code.is_some_and(|code| code != CODE_SUCCESS)
    }
}
