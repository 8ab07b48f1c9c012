//! What is wrong with a configuration: all of it, not only the first thing.

use super::settings::Setting;
use std::fmt;

/// The faults of a configuration, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// What is wrong with one setting, and what to do.
#[derive(Debug)]
struct Fault {
    place: String,
    what: String,
}

impl Faults {
    /// A setting's value cannot be used, or is missing.
    pub(super) fn add(&mut self, setting: &Setting, what: impl fmt::Display) {
        self.add_at(setting.to_string(), what);
    }

    /// Something else than a known setting is wrong.
    pub(super) fn add_at(&mut self, place: String, what: impl fmt::Display) {
        self.0.push(Fault { place, what: what.to_string() });
    }

    /// Takes over what is wrong within a part of the file, in which there are no variables.
    pub(super) fn add_within(&mut self, part: &str, faults: Self) {
        for fault in faults.0 {
            let setting = fault.place.split(" (").next().unwrap_or_default();
            self.add_at(format!("{part}, {setting}"), fault.what);
        }
    }

    /// The place of each fault, and what is wrong there.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|fault| (fault.place.as_str(), fault.what.as_str()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => formatter.write_str("the configuration has a fault:")?,
            several => write!(formatter, "the configuration has {several} faults:")?,
        }
        for fault in &self.0 {
            write!(formatter, "\n  {}: {}", fault.place, fault.what)?;
        }
        Ok(())
    }
}
