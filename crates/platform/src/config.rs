//! Keys of app.json, of a page's json and of mini.project.json.

use crate::{Fact, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's configuration files, by part.
    config: BTreeMap<String, Part>, "config.json"
}

/// The keys of one file, or of one object in it.
#[derive(Debug, Deserialize)]
pub struct Part {
    /// The keys that the simulator acts on.
    pub simulated: Vec<String>,
    /// The keys that the platform has besides.
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
    fn no_key_is_named_twice_in_a_part() {
        for (name, part) in config() {
            let mut seen = HashSet::new();
            for key in part.simulated.iter().chain(&part.beyond) {
                assert!(seen.insert(key), "{name}: {key}");
            }
        }
    }
}
