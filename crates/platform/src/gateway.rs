//! The open platform's gateway: methods, fields, products and refusals.

use crate::{Fact, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's gateway.
    gateway: Gateway, "gateway.json"
}

/// The data of `gateway.json`.
#[derive(Debug, Deserialize)]
pub struct Gateway {
    /// The methods that this project calls.
    pub methods: BTreeMap<String, Method>,
    /// The products that an app adds in the console.
    pub products: BTreeMap<String, Product>,
    /// The values of `code` in an answer.
    pub codes: BTreeMap<String, Code>,
    /// Refusals by their `sub_code`.
    pub refusals: BTreeMap<String, KnownRefusal>,
}

/// A method.
#[derive(Debug, Deserialize)]
pub struct Method {
    /// Its own parameters.
    pub parameters: Vec<String>,
    /// The fields of its answer.
    pub fields: Vec<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A product that an app adds in the console.
#[derive(Debug, Deserialize)]
pub struct Product {
    /// Its number in the console's addresses.
    pub id: String,
    /// What it is needed for.
    #[serde(rename = "for")]
    pub needed_for: String,
    /// The same in Chinese.
    #[serde(rename = "for_zh")]
    pub needed_for_zh: String,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A `code`, and its meaning if the `sub_code` is unknown.
#[derive(Debug, Deserialize)]
pub struct Code {
    /// The platform's text.
    pub msg: String,
    /// Its meaning for an app.
    #[serde(flatten)]
    pub meaning: Meaning,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub struct KnownRefusal {
    /// Its `code`.
    pub code: String,
    /// The platform's text.
    pub sub_msg: String,
    /// Whether it is unsigned, unless the profile `errors` says otherwise.
    #[serde(default)]
    pub unsigned: bool,
    /// Its meaning for an app; by default that of its `code`.
    #[serde(flatten)]
    pub meaning: Option<Meaning>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The meaning of a refusal for an app.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Meaning {
    /// This project's error code.
    pub meaning: String,
    /// What the caller should do.
    pub action: Action,
    /// The reason in Chinese.
    pub zh: String,
    /// The reason in English.
    pub en: String,
}

/// What the caller of a refused call should do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Have the user authorise again.
    Reauthorize,
    /// Try again later.
    RetryLater,
    /// Report it.
    ReportBug,
    /// Correct a setting of the server or in the console.
    Fix(String),
}

impl Gateway {
    /// Returns the meaning of a refusal by its `sub_code`, otherwise by its `code`.
    pub fn meaning(&self, code: &str, sub_code: Option<&str>) -> Option<&Meaning> {
        let refusal = sub_code.and_then(|sub_code| self.refusals.get(sub_code));
        let own = refusal.and_then(|refusal| refusal.meaning.as_ref());
        own.or_else(|| self.codes.get(code).map(|code| &code.meaning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_code_with_words() {
        for (sub_code, refusal) in &gateway().refusals {
            assert!(gateway().codes.contains_key(&refusal.code), "{sub_code}: {}", refusal.code);
            assert!(!refusal.sub_msg.is_empty(), "{sub_code}");
        }
    }

    #[test]
    fn the_sub_code_decides_and_then_the_code() {
        let meaning = |code, sub_code| gateway().meaning(code, sub_code).map(|found| found.meaning.as_str());
        assert_eq!(meaning("40002", Some("isv.code-invalid")), Some("code_invalid"));
        assert_eq!(meaning("40002", Some("isv.something-new")), Some("gateway_rejected"));
        assert_eq!(meaning("40002", Some("isv.invalid-method")), Some("gateway_rejected"), "nothing more to say");
        assert_eq!(meaning("49999", None), None);
    }

    #[test]
    fn reasons_are_sentences_in_both_languages() {
        let refusals = gateway().refusals.values().filter_map(|refusal| refusal.meaning.as_ref());
        for Meaning { zh, en, .. } in gateway().codes.values().map(|code| &code.meaning).chain(refusals) {
            assert!(zh.ends_with('。') && en.ends_with('.'), "{en}");
        }
    }
}
