//! What is wrong with the settings: all of it, not only the first thing.

use super::Setting;
use std::fmt;

/// What is wrong, in the order in which it was found: the place, and what to do there.
#[derive(Debug, Default)]
pub(crate) struct SettingsError(Vec<(String, String)>);

impl SettingsError {
    /// A setting's value cannot be used, or is missing.
    pub(crate) fn add(&mut self, setting: &Setting, what: impl fmt::Display) {
        self.add_at(setting.to_string(), what);
    }

    /// Something else than a known setting is wrong.
    pub(crate) fn add_at(&mut self, place: String, what: impl fmt::Display) {
        self.0.push((place, what.to_string()));
    }

    /// Takes over what is wrong within a part of the file, in which there are no variables.
    pub(crate) fn add_within(&mut self, part: &str, error: Self) {
        for (place, what) in error.0 {
            let setting = place.split(" (").next().unwrap_or_default();
            self.add_at(format!("{part}, {setting}"), what);
        }
    }

    /// Each place, and what is wrong there.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(place, what)| (place.as_str(), what.as_str()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => formatter.write_str("the configuration has a fault:")?,
            several => write!(formatter, "the configuration has {several} faults:")?,
        }
        for (place, what) in &self.0 {
            write!(formatter, "\n  {place}: {what}")?;
        }
        Ok(())
    }
}
