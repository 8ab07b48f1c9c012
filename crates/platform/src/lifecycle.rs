//! What `App`, `Page` and `Component` register, with the functions that the platform calls; the keys of app.json, of a page's json and
//! of mini.project.json.

use crate::{Fact, components::By, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's three registrations: `App`, `Page` and `Component`.
    lifecycle: BTreeMap<String, Registration>, "lifecycle.json"
}

/// What one of them registers.
#[derive(Debug, Deserialize)]
pub struct Registration {
    /// Functions that the platform calls.
    pub hooks: BTreeMap<String, Hook>,
    /// Functions in `events`.
    #[serde(default)]
    pub events: BTreeMap<String, Hook>,
    /// Other keys with a meaning.
    #[serde(default)]
    pub keys: BTreeMap<String, Member>,
    /// Methods that the platform adds.
    #[serde(default)]
    pub methods: BTreeMap<String, Member>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A function that the platform calls.
#[derive(Debug, Deserialize)]
pub struct Hook {
    /// The cause of the call.
    pub by: By,
    /// Whether the simulator calls it.
    #[serde(default)]
    pub simulated: bool,
}

/// A key or a method.
#[derive(Debug, Deserialize)]
pub struct Member {
    /// Whether the simulator knows it.
    #[serde(default)]
    pub simulated: bool,
}

data! {
    /// The platform's configuration files, by part.
    config: BTreeMap<String, FileKeys>, "config.json"
}

/// The keys of one file, or of one object in it.
#[derive(Debug, Deserialize)]
pub struct FileKeys {
    /// The keys that the simulator acts on.
    pub simulated: Vec<String>,
    /// The other keys that the platform has.
    pub beyond: Vec<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn hooks_say_who_causes_them() {
        let page = &lifecycle()["Page"];
        assert_eq!(page.hooks["onLoad"].by, By::Platform);
        assert_eq!(page.hooks["onShareAppMessage"].by, By::Person);
        assert!(lifecycle()["App"].hooks["onLaunch"].simulated);
    }

    #[test]
    fn no_key_is_named_twice_in_a_part() {
        for (name, part) in config() {
            let mut seen = HashSet::new();
            for key in part.simulated.iter().chain(&part.beyond) {
                assert!(seen.insert(key), "{name}: {key}");
            }
        }
    }
}
