//! The platform's behaviours, one row each, and profiles where sources contradict each other.

use crate::{Fact, data};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

data! {
    /// The platform's behaviours and profiles.
    behaviours: Behaviours, "behaviours.json"
}

/// The data of `behaviours.json`.
#[derive(Debug, Deserialize)]
pub struct Behaviours {
    /// The questions on which sources contradict each other.
    pub profiles: BTreeMap<String, Question>,
    /// The behaviours.
    pub rows: Vec<Row>,
}

/// A question on which sources contradict each other.
#[derive(Debug, Deserialize)]
pub struct Question {
    /// The readings; the first is the default.
    pub values: Vec<String>,
    /// The part of this project in which it makes a difference.
    pub acts_in: Part,
    /// What it is about.
    pub what: String,
    /// The same in Chinese, for the simulator's panel.
    pub zh: String,
}

/// A part of this project that acts on profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The simulator, and the headless platform of the tests.
    Simulator,
    /// The sandbox.
    Sandbox,
}

/// A behaviour.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// What happens.
    pub what: String,
    /// The numbered point of the audit that it comes from.
    pub conformance: String,
    /// The readings on which sources disagree, such as `close:3`.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// The outcome under each reading.
    #[serde(default)]
    pub outcomes: BTreeMap<String, String>,
    /// The answers that the probe on a phone can find, besides the outcomes.
    pub probe: Option<Probe>,
    /// The files that implement it.
    #[serde(rename = "where")]
    pub places: Vec<String>,
    /// The tests that show it: `path#part of the test's name`.
    pub tests: Vec<String>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The answers that the probe on a phone can find about a behaviour.
#[derive(Debug, Deserialize)]
pub struct Probe {
    /// The answer that the simulator implements.
    pub acts: String,
    /// What each answer says about the platform.
    pub answers: BTreeMap<String, String>,
}

impl Row {
    /// Whether this can be the probe's answer.
    pub fn can_be_answered(&self, answer: &str) -> bool {
        let probed = self.probe.as_ref().is_some_and(|probe| probe.answers.contains_key(answer));
        probed || self.outcomes.values().any(|word| word == answer)
    }
}

impl Behaviours {
    /// Returns the row with that id.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// A reading for every question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile(BTreeMap<&'static str, &'static str>);

impl Default for Profile {
    fn default() -> Self {
        let readings = &behaviours().profiles;
        Self(readings.iter().map(|(name, question)| (name.as_str(), question.values[0].as_str())).collect())
    }
}

impl Profile {
    /// Returns the reading in force; empty for an unknown question.
    pub fn value(&self, name: &str) -> &'static str {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Iterates over names and readings of the questions that act in a part.
    pub fn acting_in(&self, part: Part) -> impl Iterator<Item = (&'static str, &'static str)> {
        let profiles = &behaviours().profiles;
        self.0.iter().map(|(name, value)| (*name, *value)).filter(move |(name, _)| profiles[*name].acts_in == part)
    }

    /// Whether a reading such as `close:10` is in force.
    pub fn has(&self, reading: &str) -> bool {
        reading.split_once(':').is_some_and(|(name, value)| self.0.get(name) == Some(&value))
    }

    /// Returns the outcome of a behaviour under this profile.
    pub fn outcome(&self, id: &str) -> Option<&'static str> {
        let outcomes = &behaviours().row(id)?.outcomes;
        outcomes.iter().find(|(reading, _)| self.has(reading)).map(|(_, word)| word.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfileError;

    /// Parses `close:10,json:strict`; the other questions have their defaults.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut profile = Self::default();
        let mut named = BTreeSet::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let found = part.split_once(':').and_then(|(name, value)| {
                let (name, question) = behaviours().profiles.get_key_value(name)?;
                Some((name, question.values.iter().find(|known| *known == value)?))
            });
            let found = found.filter(|(name, _)| named.insert(*name));
            let (name, value) = found.ok_or_else(|| UnknownProfileError(part.to_owned()))?;
            profile.0.insert(name, value);
        }
        Ok(profile)
    }
}

impl fmt::Display for Profile {
    /// Writes the readings that differ from the default, in the form that is parsed; nothing for the default.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Self::default();
        let different = self.0.iter().filter(|(name, value)| usual.0.get(*name) != Some(value));
        let parts: Vec<_> = different.map(|(name, value)| format!("{name}:{value}")).collect();
        formatter.write_str(&parts.join(","))
    }
}

/// There is no such profile, or it is named twice; lists the known ones.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a profile, each named once. Known are {known}", known = known())]
pub struct UnknownProfileError(String);

fn known() -> String {
    let all = behaviours().profiles.iter();
    let each: Vec<_> = all.map(|(name, question)| format!("{name}: {}", question.values.join(" | "))).collect();
    each.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_parsed_and_written() {
        let profile: Profile = "close:10, onShow:app+page,json:strict".parse().unwrap();
        assert_eq!((profile.value("close"), profile.value("json"), profile.value("status")), ("10", "strict", "ok"));
        assert!(profile.has("onShow:app+page") && !profile.has("close:3"));
        assert_eq!(profile.to_string(), "close:10,onShow:app+page");
        assert_eq!("".parse(), Ok(Profile::default()));
        assert_eq!(Profile::default().to_string(), "");
        let gateway: Vec<_> = Profile::default().acting_in(Part::Sandbox).map(|(name, _)| name).collect();
        assert_eq!(gateway, ["errors", "ids", "message-charset", "message-ids", "message-sign", "node", "refresh"]);
    }

    #[test]
    fn an_unknown_profile_is_refused_with_the_known_ones() {
        for wrong in ["close:4", "closed:3", "close", "close:3:4", "json:strict"] {
            let error = format!("json:strict,{wrong}").parse::<Profile>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{wrong}\" is not")) && error.contains("close: 3 | 10"), "{error}");
        }
    }

    #[test]
    fn the_simulator_acts_as_one_of_a_probes_answers() {
        let rows = behaviours().rows.iter();
        let probes: Vec<_> = rows.filter_map(|row| Some((row, row.probe.as_ref()?))).collect();
        assert!(probes.len() > 10);
        for (row, probe) in probes {
            assert!(row.can_be_answered(&probe.acts) && probe.answers.len() > 1, "{}", row.id);
            let usual = Profile::default().outcome(&row.id);
            assert!(usual.is_none_or(|word| word == probe.acts), "{}: by default it acts as {usual:?}", row.id);
        }
    }

    #[test]
    fn an_outcome_is_the_one_of_the_active_profile() {
        assert_eq!(Profile::default().outcome("auth-code-closed"), Some("3"));
        assert_eq!("close:10".parse::<Profile>().unwrap().outcome("auth-code-closed"), Some("10"));
        assert_eq!(Profile::default().outcome("auth-code-refused"), None);
    }
}
