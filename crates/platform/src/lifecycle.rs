//! What `App`, `Page` and `Component` are given, and what the platform calls of it.

use crate::{Fact, components::By, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's three registrations: `App`, `Page` and `Component`.
    lifecycle: BTreeMap<String, Registration>, "lifecycle.json"
}

/// What one of them is given.
#[derive(Debug, Deserialize)]
pub struct Registration {
    /// Functions that the platform calls.
    pub hooks: BTreeMap<String, Hook>,
    /// Functions in `events`.
    #[serde(default)]
    pub events: BTreeMap<String, Hook>,
    /// Other keys with a meaning.
    #[serde(default)]
    pub keys: BTreeMap<String, Part>,
    /// Methods that the platform adds.
    #[serde(default)]
    pub methods: BTreeMap<String, Part>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A function that the platform calls.
#[derive(Debug, Deserialize)]
pub struct Hook {
    /// Whose doing it follows.
    pub by: By,
    /// Whether the simulator calls it.
    #[serde(default)]
    pub simulated: bool,
}

/// A key or a method.
#[derive(Debug, Deserialize)]
pub struct Part {
    /// Whether the simulator knows it.
    #[serde(default)]
    pub simulated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_say_who_causes_them() {
        let page = &lifecycle()["Page"];
        assert_eq!(page.hooks["onLoad"].by, By::Platform);
        assert_eq!(page.hooks["onShareAppMessage"].by, By::Person);
        assert!(lifecycle()["App"].hooks["onLaunch"].simulated);
    }
}
