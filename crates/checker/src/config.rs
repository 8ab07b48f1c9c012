//! The configuration of a project: rules and their levels, files to leave out of reports, and the project's own sources, sinks
//! and wrappers.

use crate::rules::{Level, RULES, Rule, rule};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The name of the configuration in the project's folder, unless another is given.
pub const FILE_NAME: &str = "miniauth-check.json";

/// A project's settings.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    levels: BTreeMap<String, Setting>,
    excluded: GlobSet,
    names: BTreeMap<String, Role>,
}

/// What a call with a configured name does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It returns display information.
    Source,
    /// It sends its arguments.
    Sink,
    /// It registers its argument as `Page`, `Component` or `App` does.
    Wrapper(Registration),
}

/// How a rule is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Setting {
    Off,
    Warning,
    Error,
}

/// What a wrapper registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Registration {
    Page,
    Component,
    App,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// It is not JSON, or has an unknown field.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// It names a rule that does not exist.
    #[error("there is no rule {0}. The rules are: {known}", known = rule_names())]
    UnknownRule(String),
    /// A pattern is invalid.
    #[error("exclude: {0}")]
    Pattern(#[from] globset::Error),
    /// A name has two meanings or is not a name.
    #[error("{list}: {name:?} {fault}")]
    Name {
        /// The list that it is in.
        list: &'static str,
        /// The name.
        name: String,
        /// What is wrong.
        fault: &'static str,
    },
}

fn rule_names() -> String {
    RULES.iter().map(|rule| rule.id).collect::<Vec<_>>().join(", ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    /// Lets an editor find the schema.
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
    #[serde(default)]
    rules: BTreeMap<String, Setting>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    sinks: Vec<String>,
    #[serde(default)]
    wrappers: BTreeMap<String, Registration>,
}

impl Configuration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// If it contains anything that would be ignored.
    pub fn read(text: &str) -> Result<Self, ConfigurationError> {
        let written: Written = serde_json::from_str(text)?;
        if let Some(unknown) = written.rules.keys().find(|id| rule(id).is_none()) {
            return Err(ConfigurationError::UnknownRule(unknown.clone()));
        }
        let mut excluded = GlobSetBuilder::new();
        for pattern in &written.exclude {
            excluded.add(Glob::new(pattern)?);
        }
        let mut configuration = Self { levels: written.rules, excluded: excluded.build()?, names: BTreeMap::default() };
        configuration.name("sources", written.sources.into_iter().map(|name| (name, Role::Source)))?;
        configuration.name("sinks", written.sinks.into_iter().map(|name| (name, Role::Sink)))?;
        configuration.name("wrappers", written.wrappers.into_iter().map(|(name, kind)| (name, Role::Wrapper(kind))))?;
        Ok(configuration)
    }

    fn name(
        &mut self,
        list: &'static str,
        names: impl Iterator<Item = (String, Role)>,
    ) -> Result<(), ConfigurationError> {
        for (name, role) in names {
            let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
            let is_name = name.split('.').all(|part| !part.is_empty() && part.chars().all(is_letter));
            let fault = |fault| ConfigurationError::Name { list, name: name.clone(), fault };
            if !is_name {
                return Err(fault("is not what a call is written as, such as track or report.send"));
            }
            if self.names.insert(name.clone(), role).is_some_and(|known| known != role) {
                return Err(fault("is in another list too"));
            }
        }
        Ok(())
    }

    /// The level of a rule's findings; `None` if the rule is off.
    pub(crate) fn level(&self, rule: &Rule) -> Option<Level> {
        match self.levels.get(rule.id) {
            None => Some(rule.level),
            Some(Setting::Off) => None,
            Some(Setting::Warning) => Some(Level::Warning),
            Some(Setting::Error) => Some(Level::Error),
        }
    }

    /// Whether findings in a file are left out.
    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.excluded.is_match(path)
    }

    /// The role of a call written like this; `send` also matches any `report.send`.
    pub(crate) fn role(&self, written: &str) -> Option<Role> {
        let mut name = written;
        loop {
            if let Some(role) = self.names.get(name) {
                return Some(*role);
            }
            name = name.split_once('.')?.1;
        }
    }

    /// Whether the configuration gives any call a meaning.
    pub(crate) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }
}
