//! Taking settings one by one.

use super::{Setting, SettingsError, Values};
use std::fmt::Display;

/// Parses what was set, and keeps what is wrong with it. `None` always comes with an error.
pub(crate) struct Reader<'a> {
    pub(crate) values: &'a Values,
    pub(crate) error: SettingsError,
}

impl Reader<'_> {
    pub(crate) fn required<T, E: Display>(
        &mut self,
        setting: &Setting,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.values.get(setting) {
            Some(text) => self.keep(setting, parse(text)),
            None => {
                self.error.add(setting, format!("is missing: set it to {what}"));
                None
            }
        }
    }

    pub(crate) fn or_default<T, E: Display>(
        &mut self,
        setting: &Setting,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.keep(setting, parse(self.values.get(setting).unwrap_or(default)))
    }

    /// A list, in which each element is looked at.
    pub(crate) fn each<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let elements = self.values.get(setting).unwrap_or_default().split(',');
        let elements = elements.map(str::trim).filter(|element| !element.is_empty());
        let parsed: Vec<_> = elements.map(|element| self.keep(setting, parse(element))).collect();
        parsed.into_iter().collect()
    }

    pub(crate) fn keep<T, E: Display>(&mut self, setting: &Setting, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.error.add(setting, error)).ok()
    }
}
